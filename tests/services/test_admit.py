"""`huiyin admit`: an office gets a computer of its own on a living network, and the command goes on where it was killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection

from services import admit_cli, newcomer
from services.running import running
from shared.database.engines import dispose_all
from shared.process.host import Host
from shared.settings.network import node_names, read_node
from shared.work.directory.orders import OpenUnit
from shared.work.matters.questions import timeline
from tests.parts.terminal import Said, huiyin
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_3, TinyNetwork
from tests.transport.wire_tools import until

NAME, CODE = "village-100-203", "430321100203"


@pytest.fixture
def network(tiny_on_files: TinyNetwork) -> TinyNetwork:  # noqa: F811
    """The small county, nobody runs it; one office was added later and is kept on another's computer."""
    (county,) = tiny_on_files.open("county")
    added = {
        "name": "新塘村",
        "kind": "village",
        "node": "villages-100",
        "parent": tiny_on_files.units[TOWN_A],
    }
    opened = OpenUnit.model_validate({"code": CODE, **added})
    said = tiny_on_files.give(county, COUNTY, opened, role="administrator")
    tiny_on_files.units[CODE] = UUID(said["unit"])
    tiny_on_files.close()
    return tiny_on_files


def admit(data: Path, *more: object, name: str = NAME, unit: str = CODE) -> Said:
    return huiyin("admit", "--data", data, "--name", name, "--unit", unit, *more)


@contextmanager
def at_work(data: Path, *names: str) -> Iterator[tuple[Host, str]]:
    """A process that runs nodes of the folder, and the address of its pages."""
    with running(data, list(names) or node_names(data), port=0) as (host, web):
        yield host, f"http://127.0.0.1:{web.port}"


def token(host: Host, role: str = "administrator") -> str:
    """A token of somebody of the county."""
    node, now = host.nodes["county"], datetime.now(UTC)
    office = node.directory.root()
    assert office is not None
    said = {"by": "setup", "at": now, "password": "lantern by the well 7", "must_change": False}
    account = node.accounts.create(f"for-{role.replace('_', '-')}", "值班员", office.unit, role, **said)
    return node.accounts.make_token(
        account.account.id, "admit", expires=now + timedelta(days=1), at=now
    ).secret


def require_at_work(host: Host, network: TinyNetwork, name: str = NAME, code: str = CODE) -> None:
    """The new computer knows its office, takes a matter, and those above hold it."""
    until(
        lambda: (
            host.nodes[name].keeps(network.units[code]) and not host.nodes[name].awaits(network.units[code])
        )
    )
    case = network.register(host.nodes[name], code)
    for above in ("town-100", "county"):
        until(lambda above=above: host.nodes[above].ask(_knows, case))


def _knows(connection: Connection, case: UUID) -> bool:
    return timeline.registration(connection, case) is not None


def test_given_a_county_that_is_stopped_then_the_new_computer_works_once_it_is_started(network: TinyNetwork):
    # When the office gets a computer of its own
    said = admit(network.data)
    assert said.code == 0, said.err
    assert (
        f"huiyin node --data {network.data} --name {NAME}" in said.out
        and "Start the county's node" in said.out
    )
    # Then the whole network goes on with it
    with at_work(network.data) as (host, _):
        require_at_work(host, network)
    # And its first administrator has the password that was told, and must change it
    (node,) = network.open(NAME)
    password = said.out.split("admin / ")[1].split(";")[0]
    node.accounts.sign_in("admin", password, address="here", at=datetime.now(UTC))
    account = node.accounts.find("admin")
    assert account and account.must_change_password and account.unit == network.units[TOWN_A]
    network.close()
    assert huiyin("verify", "--data", network.data).code == 0
    assert not list((network.data / newcomer.ADMITTING).iterdir())


def test_given_a_county_that_runs_then_the_computer_is_taken_in_through_its_door(network: TinyNetwork):
    with at_work(network.data) as (host, address):
        # When it is not said how to speak with the county, then nothing is made
        said = admit(network.data)
        assert (said.code, len(said.err.splitlines())) == (2, 1) and "--url" in said.err
        # When it is, then the others know the computer without a restart, and it works beside them
        said = admit(network.data, "--url", f"{address}/n/county", "--token", token(host))
        assert said.code == 0, said.err
        assert "Start the county's node" not in said.out
        with at_work(network.data, NAME) as (beside, _):
            new, unit = beside.nodes[NAME], network.units[CODE]
            until(lambda: new.keeps(unit) and not new.awaits(unit))
            case = network.register(new, CODE)
            until(lambda: host.nodes["county"].ask(_knows, case))
            until(lambda: not host.nodes["villages-100"].keeps(network.units[CODE]))


def test_somebody_who_may_not_change_the_directory_makes_nothing(network: TinyNetwork):
    with at_work(network.data) as (host, address):
        said = admit(network.data, "--url", f"{address}/n/county", "--token", token(host, "petition_clerk"))
        assert (said.code, len(said.err.splitlines())) == (2, 1) and "403" in said.err
        said = admit(network.data, "--url", f"{address}/n/county", "--token", "huiyin_nobody")
        assert (said.code, len(said.err.splitlines())) == (2, 1) and "401" in said.err
        said = admit(network.data, "--url", address, "--token", token(host))
        assert (said.code, len(said.err.splitlines())) == (2, 1) and "address of its pages" in said.err
        assert NAME not in host.nodes["county"].directory.nodes
    assert newcomer.folder_of(network.data, NAME) is None


def test_an_office_with_records_takes_them_along(network: TinyNetwork):
    # Given an office that has recorded something, which the county knows
    with network.host() as host:
        case = network.register(host.nodes["villages-100"], VILLAGE_1)
        until(lambda: host.nodes["county"].ask(_knows, case))
    # When it gets a computer, then it is told where they come from
    said = admit(network.data, name="village-100-201", unit=VILLAGE_1)
    assert said.code == 0, said.err
    assert "what there is of it comes from villages-100" in said.out
    # And they are there, once both run
    with at_work(network.data) as (host, _):
        new = host.nodes["village-100-201"]
        until(lambda: new.keeps(network.units[VILLAGE_1]) and not new.awaits(network.units[VILLAGE_1]))
        assert new.ask(_knows, case)
        require_at_work(host, network, "village-100-201", VILLAGE_1)


def test_a_township_gets_a_computer_as_well(network: TinyNetwork):
    said = admit(network.data, name="town-101-new", unit=TOWN_B)
    assert said.code == 0, said.err
    assert read_node(network.data, "town-101-new").tier == "township"


class PowerCut(BaseException):
    """The computer goes off: nobody cleans up."""


BEFORE = (
    (newcomer, "begin"),
    (newcomer, "write_network"),
    (admit_cli, "_take_in"),
    (newcomer, "make_topics"),
    (newcomer, "first_administrator"),
    (admit_cli, "_move_unit"),
    (newcomer, "move_in"),
    (admit_cli, "say"),
    (newcomer, "end"),
)


@pytest.mark.parametrize(("where", "point"), BEFORE, ids=[point for _, point in BEFORE])
def test_given_a_command_that_was_killed_then_the_same_one_goes_on(
    where: object, point: str, network: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a taking in that is killed at some point
    with monkeypatch.context() as power:
        power.setattr(where, point, cut)
        with pytest.raises(PowerCut):
            admit(network.data)
    dispose_all()
    # Then the network goes on without it
    with network.host() as host:
        case = network.register(host.nodes["villages-100"], VILLAGE_1)
        until(lambda: host.nodes["county"].ask(_knows, case))
    # When the same command is given again, then the computer works
    said = admit(network.data)
    assert said.code == 0, said.err
    with at_work(network.data) as (host, _):
        require_at_work(host, network)
        admitted = [one for one in host.nodes["county"].directory.nodes if one == NAME]
        assert admitted == [NAME]


def cut(*_: object, **__: object) -> None:
    raise PowerCut


def test_what_was_begun_for_one_office_does_not_go_on_for_another(
    network: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as power, pytest.raises(PowerCut):
        power.setattr(newcomer, "make_topics", cut)
        admit(network.data)
    dispose_all()
    said = admit(network.data, unit=VILLAGE_3)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and CODE in said.err


WRONG = {
    "no name": ({"name": "Neu er"}, "--name"),
    "a name in use": ({"name": ALONE}, "never used again"),
    "the county's name": ({"name": "county"}, "never used again"),
    "no office": ({"unit": "430321100999"}, "--unit"),
    "no code": ({"unit": "新塘村"}, "--unit"),
    "the county": ({"unit": COUNTY}, "no township"),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_option_is_told_in_one_line_and_makes_nothing(
    given: dict[str, str], told: str, network: TinyNetwork
):
    said = admit(network.data, **given)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and told in said.err
    assert not (network.data / newcomer.ADMITTING).exists()


MORE_WRONG = {
    "a server where there is none": (("--postgres", "postgresql://x/y"), "keep files"),
    "a door without a token": (("--url", "http://127.0.0.1:1/n/county"), "together"),
    "no door": (("--url", "nonsense", "--token", "x"), "--url"),
    "nobody at the door": (("--url", "http://127.0.0.1:1/n/county", "--token", "x"), "refused"),
    "no token": (("--url", "http://127.0.0.1:1/n/county", "--token", "令"), "--token"),
}


@pytest.mark.parametrize(("more", "told"), MORE_WRONG.values(), ids=MORE_WRONG.keys())
def test_a_wrong_way_to_the_county_is_told_in_one_line(
    more: tuple[str, ...], told: str, network: TinyNetwork
):
    said = admit(network.data, *more)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and told in said.err.lower()


def test_a_name_is_not_given_to_a_second_office(network: TinyNetwork):
    assert admit(network.data).code == 0
    said = admit(network.data, unit=VILLAGE_3)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and "never used again" in said.err
