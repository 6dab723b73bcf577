"""The tests of a kept network, the same on both settings; `kept` is the network, started by today's program."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.journeys.orders import PETITIONER, SUMMARY, petition
from tests.journeys.people import Person
from tests.journeys.waiting import until
from tests.upgrade.comparing import Finding, compare, compare_tables, outlived, unlisted
from tests.upgrade.consistency import Head, only_grew
from tests.upgrade.county import (
    BUREAU,
    LONE_VILLAGE,
    NEXT_VILLAGE,
    NODE_OF,
    SECOND_LONE_VILLAGE,
    TOWN,
    VILLAGE,
)
from tests.upgrade.network import Network
from tests.upgrade.said import MOST, rows_of, said_at_rest, said_at_work
from tests.upgrade.stories import ASKED_AT, ERASED_NAME, OF_THE_ERASED

INFORMANT = "information_officer"
"""Who does the daily work of a village."""

RECORDED_SINCE = (NODE_OF[VILLAGE], NODE_OF[LONE_VILLAGE])
"""Nodes that had recorded facts after their last checkpoint when the network was stopped."""

PARTS = ("at rest", "at work", "settled")


@dataclass
class Kept:
    """A network of an earlier release in today's hands: what its own program said, and what today's says.

    It is asked in the order of a real upgrade: before anything ran, at work, and stopped again.
    """

    release: str
    network: Network
    expected: dict[str, Any]
    said: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Ask everything that can be asked of the network as it was kept; it runs afterwards, with what was new."""
        at_rest = said_at_rest(self.network)
        self.network.run_in_one()
        self.network.settle()
        at_work = said_at_work(self.network)
        self.network.stop()
        settled = {"dump": rows_of(self.network.dump()), "verdict": self.network.verify()}
        self.said = {"at rest": at_rest, "at work": at_work, "settled": settled}
        self.network.run_in_one()
        self.network.settle()

    def findings(self) -> list[Finding]:
        """Every difference between then and now."""
        found: list[Finding] = []
        for part in PARTS:
            plain = {name: value for name, value in self.expected[part].items() if name in self.said[part]}
            tables = plain.pop("dump", {})
            found += compare(plain, self.said[part], part)
            found += compare_tables(tables, self.said[part].get("dump", {}), f"{part}/dump")
        return found

    def unlisted_of(self, *places: str) -> list[Finding]:
        """Differences at these places that nobody asked for."""
        here = [finding for finding in self.findings() if finding.where.startswith(places)]
        return unlisted(self.release, here)


def test_every_projection_is_as_it_was_before_anything_runs(kept: Kept):
    # Given a network that an earlier release made and stopped, with facts under way and facts not yet sent
    assert len(kept.expected["at rest"]["dump"]) > len(NODE_OF)
    # When today's program looks at it, then every row and every state is as the earlier program said it
    assert kept.unlisted_of("at rest") == []


def test_every_state_figure_and_due_date_is_as_it_was(kept: Kept):
    # When the network has been started, then people of each tier are answered what they were answered then
    asked = kept.expected["at work"]["answers"]
    assert sum(map(len, asked.values())) > 300
    assert any(answer["dues"] for path, answer in asked["county"].items() if "dues" in answer)
    assert kept.unlisted_of("at work/answers", "at work/states", "at work/tally") == []


def test_every_page_opens_for_each_role(kept: Kept):
    # When people of each role open every page that links lead to, in both languages (a page that fails ends it)
    opened = kept.said["at work"]["pages"]
    # Then every kind of page that opened then opens now
    assert all(len(pages) > 10 for pages in opened.values())
    assert kept.unlisted_of("at work/pages") == []


def test_what_was_under_way_or_unsent_arrives_as_it_did(kept: Kept):
    # Given facts that lay on the road or in one log alone when the network was stopped
    before, after = (kept.expected[part]["dump"]["county/cases"] for part in ("at rest", "settled"))
    assert len(after) == len(before) + 2
    # When today's program runs it, then they arrive, and every projection ends as the earlier program's did
    assert kept.unlisted_of("settled/dump") == []


def test_every_chain_tree_signature_and_projection_is_right(kept: Kept):
    for part in ("at rest", "settled"):
        assert kept.said[part]["verdict"]["findings"] == []
        assert kept.said[part]["verdict"]["facts"] >= kept.expected[part]["verdict"]["facts"] > 500


def test_every_listed_difference_still_occurs(kept: Kept):
    assert outlived(kept.release, kept.findings()) == []


def test_the_logs_only_grew_since_their_old_checkpoints(kept: Kept):
    # Given the last checkpoint that the earlier program signed of each log, and some that recorded facts since
    for node, note in kept.expected["at rest"]["checkpoints"].items():
        door, old = kept.network.administrator(node), Head.of(note)
        # When the time comes for the next checkpoint
        door.ask("/readyz", at=datetime.now(UTC) + timedelta(days=1))
        if node in RECORDED_SINCE:
            until(lambda door=door, old=old: head_of(door).size > old.size, f"a checkpoint of {node}")
        new = head_of(door)
        # Then the log proves that it only grew from the old root to the new one, and from no other root
        proof = door.ask("/api/proof/consistency", first=old.size, second=new.size)["proof"]
        assert only_grew(old, new, proof), node
        assert not only_grew(Head(old.log, old.size, bytes(32)), new, proof), node


def head_of(door: Person) -> Head:
    """The newest checkpoint of a node's log."""
    return Head.of(door.ask("/api/proof")["note"])


def test_what_petitioners_hold_still_proves_what_it_proved(kept: Kept, tmp_path: Path):
    for unit, papers in kept.expected["at rest"]["papers"].items():
        # Given the promise on an old receipt, and the proof that was handed out with it
        promise, proof = tmp_path / f"{unit}.promise", tmp_path / f"{unit}.proof"
        promise.write_text(papers["promise"])
        proof.write_text(papers["proof"])
        # When today's commands check them with what the network knows, then both hold
        said = json.loads(kept.network.command("check-promise", promise, "--json"))
        checked = json.loads(kept.network.command("proof", "check", proof, "--promise", promise, "--json"))
        assert said["log"] == checked["log"] and checked["witnesses"], unit
        # And today's log gives a proof of the same fact
        again = kept.network.administrator(NODE_OF[unit]).ask(f"/api/proof/facts/{said['fact']}")
        assert again["proof"].startswith("c2sp.org/tlog-proof")


def test_a_node_that_was_put_back_from_its_backup_goes_on_in_its_second_life(kept: Kept):
    # Given a village that the earlier program had restored, with a matter that only others held, and one of its new life
    restored, clerk = NODE_OF[SECOND_LONE_VILLAGE], kept.network.person(SECOND_LONE_VILLAGE, INFORMANT)
    numbers = {line["number"] for line in clerk.ask("/api/matters", limit=MOST)}
    # When today's program runs it, then it and the county know both, and it has lost nothing of what it had sent
    assert any("-100001-" in number for number in numbers)
    assert kept.network.state(restored)["incarnation"] == 2
    county = kept.network.person(BUREAU, "petition_clerk").ask("/api/matters", limit=MOST)
    assert numbers <= {line["number"] for line in county}
    # And its next matter has the next number of that life
    body = petition(kept.network.unit(SECOND_LONE_VILLAGE), ASKED_AT.date())
    assert clerk.order("register-matter", at=ASKED_AT, **body)["number"].rsplit("-", 1)[0].endswith("-100002")


def test_an_erased_person_stays_erased_and_the_matter_is_read(kept: Kept):
    # Given a matter whose petitioner's key the earlier program had deleted at every office
    for unit, role in ((VILLAGE, INFORMANT), (TOWN, "petition_clerk")):
        reader = kept.network.person(unit, role)
        paths = [f"/matters/{line['case']}" for line in reader.ask("/api/matters", limit=MOST)]
        # When an office that has it opens it, then it reads what the matter is about, and nobody's name or telephone
        pages = list(map(reader.page, paths))
        (page,) = [page for page in pages if OF_THE_ERASED in page]
        assert any(PETITIONER in page for page in pages), "others' names are read"
        assert ERASED_NAME not in page and "13900000000" not in page


def test_an_accusation_is_still_not_taken_and_left_no_gap_in_the_register(kept: Kept):
    # Given a village whose accusation the earlier program had not taken, and which registered a matter afterwards
    unit, clerk = kept.network.unit(NEXT_VILLAGE), kept.network.person(NEXT_VILLAGE, INFORMANT)
    lines = clerk.ask("/api/matters", limit=MOST, scope="own")
    own = [
        clerk.ask(f"/api/matters/{line['case']}")["register_no"] for line in lines if line["owner"] == unit
    ]
    assert sorted(own) == list(range(1, len(own) + 1)) != []
    # When somebody tries again, then today's program does not take it either
    accusation = petition(unit, ASKED_AT.date(), matter_class="discipline")
    assert clerk.refused("register-matter", at=ASKED_AT, **accusation).code == "accusation-not-taken"


def test_the_network_goes_on_working(kept: Kept):
    network = kept.network
    village, town = network.person(VILLAGE, INFORMANT), network.person(TOWN, "petition_clerk")
    county = network.person(BUREAU, "petition_clerk")
    # When a village registers a matter and refers it, and the township accepts it
    body = petition(network.unit(VILLAGE), ASKED_AT.date())
    matter = village.order("register-matter", at=ASKED_AT, **body)
    village.order("refer-matter", at=ASKED_AT, case=matter["case"], to=network.unit(TOWN))
    network.settle()
    hand = town.ask(f"/api/matters/{matter['case']}")["hands"][-1]["referral"]
    town.order("accept-referral", at=ASKED_AT, referral=hand)
    network.settle()
    # Then the county knows it, with the next number of the village's register, and the township reads its text
    line = county.ask(f"/api/matters/{matter['case']}")["line"]
    assert (line["number"], line["state"]) == (matter["number"], "accepted")
    assert SUMMARY in town.page(f"/matters/{matter['case']}")
