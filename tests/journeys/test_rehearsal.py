"""The rehearsal: a small county's days through the doors, equal on both settings, and never on a real network."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from shared.accounts.tables import ACCOUNTS
from shared.database.engines import engine_for
from shared.settings.network import read_node
from tests.journeys.conftest import FIRST_DAY, MakeNetwork
from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, NODES, TOWN, VILLAGE, fresh_county
from tests.journeys.network import TIERS, Network
from tests.journeys.orders import moment, petition
from tests.journeys.people import CLOCK, TOKEN
from tests.journeys.processes import huiyin

DAYS, SEED, UNTIL = 5, 7, "2026-11-20"
BANNER = "演练"
EVERYWHERE = ("/", "/matters", "/reports", "/referrals", "/supervision", "/password", "/sign-in", "/state")
"""Pages that every office has."""
ABOVE = ("/sheet", "/matters/new")
AT_THE_COUNTY = ("/feed", "/ages", "/directory", "/ask")


@dataclass(frozen=True)
class Rehearsed:
    """What came of a rehearsal on one setting."""

    result: dict
    dump: str
    verdict: dict


@pytest.fixture(scope="module")
def rehearsed(make_network: MakeNetwork) -> dict[str, Rehearsed]:
    """The same county, seed and days on both settings."""
    county = fresh_county()
    alone = make_network("one machine", county)
    apart = make_network("servers", county).run_by_tier()
    urls = [apart.host(node).url for node in (NODE_OF[VILLAGE], NODE_OF[TOWN], COUNTY_NODE)]
    results = {"one machine": rehearse(alone), "servers": rehearse(apart, *urls)}
    apart.stop()
    return {
        setting: Rehearsed(results[setting], network.dump(), network.verify())
        for setting, network in (("one machine", alone), ("servers", apart))
    }


def rehearse(network: Network, *urls: str) -> dict:
    """Rehearse a network; its hosts are at the addresses, or there are none and the command runs them."""
    options = [part for url in urls for part in ("--url", url)]
    played = ["--days", DAYS, "--seed", SEED, "--until", UNTIL, "--json"]
    return json.loads(huiyin("rehearse", "--data", network.data, *played, *options).stdout)


def test_everything_that_was_acknowledged_is_kept_and_every_figure_adds_up(
    rehearsed: dict[str, Rehearsed], setting: str
):
    # When some days were rehearsed
    result = rehearsed[setting].result
    # Then orders of the whole way were played, and no comparison differs
    assert {"register-matter", "refer-matter", "accept-referral", "file-report"} <= result["by_order"].keys()
    assert [row for row in result["rows"] if not row["right"]] == []
    assert result["reconciled"] and len(result["rows"]) > DAYS * 3 * 6
    # And every chain, signature and projection is right
    assert rehearsed[setting].verdict["findings"] == []


def test_the_same_county_seed_and_days_give_the_same_dump_on_both_settings(
    rehearsed: dict[str, Rehearsed],
):
    # When the same days were rehearsed on one machine, and on servers with a process a tier
    alone, apart = rehearsed["one machine"], rehearsed["servers"]
    # Then every projection of every node is the same, byte for byte
    assert {line.split(" ", 1)[0] for line in alone.dump.splitlines()} == set(NODES)
    assert apart.dump == alone.dump
    assert apart.result["by_order"] == alone.result["by_order"]


@pytest.fixture(scope="module")
def real(make_network: MakeNetwork) -> Network:
    """A running network that was made without --rehearsal."""
    return make_network("one machine", rehearsal=False).run_in_one()


def test_a_real_network_is_not_rehearsed(real: Network):
    said = huiyin("rehearse", "--data", real.data, "--url", real.host(COUNTY_NODE).url, expect=2).stderr
    assert "this network is real" in said


def kept_passwords(network: Network) -> str:
    """The hashes of the county's accounts, as they stand in its database."""
    settings = read_node(network.data, COUNTY_NODE)
    engine = engine_for(settings.database, settings.schema)
    with engine.connect() as connection:
        kept = connection.scalars(select(ACCOUNTS.c.password_hash)).all()
    engine.dispose()
    return " ".join(kept)


def test_only_a_rehearsals_made_up_people_have_the_quick_hash(network: Network, real: Network):
    # Given somebody who was hired on a rehearsal network, and somebody on a real one
    network.settle()
    real.settle()
    for one in (network, real):
        one.person(BUREAU, "director")
    # Then the real one's password is kept with the full work
    assert "m=1024,t=1," in kept_passwords(network)
    assert "m=1024,t=1," not in kept_passwords(real)
    assert "m=19456,t=2," in kept_passwords(real)


def test_a_real_network_does_not_heed_a_clock_that_somebody_sends(real: Network):
    # Given a clerk of a real network
    real.settle()
    clerk, unit = real.person(VILLAGE, "information_officer"), real.unit(VILLAGE)
    # When an order or a question comes with a clock of its own
    at = moment(FIRST_DAY, 9)
    began = datetime.now(UTC)
    done = clerk.order("register-matter", at=at, **petition(unit, FIRST_DAY))
    # Then it is done at the time that it is
    assert datetime.fromisoformat(done["recorded_at"]) >= began
    assert clerk.http.get("/api/matters", headers={CLOCK: at.isoformat()}).status_code == 200


def pages_of(network: Network) -> list[tuple[str, str]]:
    """Pages of an office of each tier, with what they say."""
    found: list[tuple[str, str]] = []
    for unit, more in ((VILLAGE, ()), (TOWN, ABOVE), (BUREAU, ABOVE + AT_THE_COUNTY)):
        role = "information_officer" if unit == VILLAGE else "director"
        office = network.person(unit, role)
        found += [(f"{unit}{path}", office.page(path)) for path in (*EVERYWHERE, *more)]
        found.append((f"{unit} missing", office.http.get("/there-is-no-such-page").text))
    return found


def test_the_banner_stands_on_every_page_of_a_rehearsal_network_and_on_none_of_a_real_one(
    network: Network, real: Network
):
    # When pages of every tier are opened on a rehearsal network and on a real one
    real.settle()
    practised, earnest = pages_of(network), pages_of(real)
    # Then the banner is on all of the first and on none of the second
    assert len(practised) == len(earnest) > 3 * len(TIERS)
    assert [page for page, said in practised if BANNER not in said] == []
    assert [page for page, said in earnest if BANNER in said] == []


def test_a_last_day_that_is_no_day_is_refused_before_anything_is_played(real: Network):
    said = huiyin("rehearse", "--data", real.data, "--until", "20.11.2026", expect=2).stderr
    assert "20.11.2026" in said and "Traceback" not in said


def test_a_rehearsal_that_was_made_by_the_command_has_a_token_without_which_nobody_sets_its_clock(
    make_network: MakeNetwork,
):
    # Given a rehearsal, and a clerk who does not have its token
    network = make_network("one machine", fresh_county(towns=("101",))).run_in_one()
    clerk = network.person(VILLAGE, "information_officer")
    assert network.token and clerk.http.headers[TOKEN] == network.token
    order = {"at": moment(FIRST_DAY, 9), **petition(network.unit(VILLAGE), FIRST_DAY)}
    # When an order names a moment, then it is refused, and with the token it is done at that moment
    del clerk.http.headers[TOKEN]
    assert clerk.refused("register-matter", **order).code == "not-of-the-rehearsal"
    clerk.http.headers[TOKEN] = network.token
    done = clerk.order("register-matter", **order)
    assert datetime.fromisoformat(done["recorded_at"]) == moment(FIRST_DAY, 9)
