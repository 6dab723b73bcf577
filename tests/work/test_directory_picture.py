"""The directory in memory: who answers for whom, and what is known of a unit whose past comes late."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.work.common.unit_tree import Directory
from tests.work.scene import COUNTY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2


def entry(unit: UUID, parent: UUID | None, kind: str, **changes: Any) -> dict[str, Any]:
    said = {
        "code": "430321100201",
        "mark": str(unit)[:6],
        "name": "甲",
        "name_en": "",
        "kind": kind,
        "contact": "",
    }
    return {**said, "parent": str(parent) if parent else None, "node": "n", "since": "2026-03-02", **changes}


def small() -> Directory:
    """A county, two townships, and two villages of the first."""
    found = Directory()
    for unit, parent, kind in (
        (COUNTY, None, "county"),
        (TOWN_A, COUNTY, "township"),
        (TOWN_B, COUNTY, "township"),
        (VILLAGE_1, TOWN_A, "village"),
        (VILLAGE_2, TOWN_A, "community"),
    ):
        found = found.with_unit(unit, "unit.opened", {"entry": entry(unit, parent, kind)})
    return found


def closed(tree: Directory, unit: UUID, parent: UUID, into: UUID | None, version: int = 2) -> Directory:
    data = {"entry": entry(unit, parent, "village"), "successor": str(into) if into else None}
    return tree.with_unit(unit, "unit.closed", data, version)


def test_an_open_unit_answers_for_itself_and_a_closed_one_is_answered_for_by_its_successor():
    tree = closed(small(), VILLAGE_1, TOWN_A, VILLAGE_2)
    assert (tree.present(VILLAGE_1), tree.present(VILLAGE_2)) == (VILLAGE_2, VILLAGE_2)
    assert tree.answers_for(VILLAGE_2) == {VILLAGE_1, VILLAGE_2}
    assert tree.answers_for(VILLAGE_1) == {VILLAGE_1}
    assert tree.watched_below(TOWN_A) == {VILLAGE_1, VILLAGE_2} and tree.watched_below(TOWN_B) == set()


def test_a_closed_unit_without_a_successor_is_left_to_itself():
    tree = closed(small(), VILLAGE_1, TOWN_A, None)
    assert tree.present(VILLAGE_1) == VILLAGE_1 and VILLAGE_1 in tree.watched_below(TOWN_A)


def test_successors_that_name_each_other_end_the_walk():
    tree = closed(closed(small(), VILLAGE_1, TOWN_A, VILLAGE_2), VILLAGE_2, TOWN_A, VILLAGE_1)
    assert tree.present(VILLAGE_1) == VILLAGE_2


def test_a_village_and_a_community_are_alike_and_a_township_is_not_like_them():
    tree = small()
    assert tree.are_alike(VILLAGE_1, VILLAGE_2) and not tree.are_alike(VILLAGE_1, TOWN_A)


def test_what_was_possible_in_an_earlier_tree_might_have_been_and_nothing_else():
    moved = {"entry": entry(VILLAGE_1, TOWN_B, "village")}
    before, after = small(), small().with_unit(VILLAGE_1, "unit.moved", moved, 2)
    assert before.may_hand_on(VILLAGE_1, TOWN_A) and not after.may_hand_on(VILLAGE_1, TOWN_A)
    assert after.might_hand_on(VILLAGE_1, TOWN_A) and after.might_hand_on(VILLAGE_1, TOWN_B)
    assert not after.might_hand_on(VILLAGE_2, TOWN_B)
    assert after.was_below(VILLAGE_1, TOWN_A) and not after.was_below(VILLAGE_2, TOWN_B)


def test_a_successor_is_not_above_what_it_succeeds():
    tree = closed(small(), VILLAGE_1, TOWN_A, VILLAGE_2)
    assert not tree.was_below(VILLAGE_1, VILLAGE_2) and tree.was_below(VILLAGE_1, TOWN_A)


def test_the_past_of_a_unit_that_comes_late_changes_nothing_but_since_when_it_is_there():
    # Given a node that hears of a move first
    moved = {"entry": entry(VILLAGE_1, TOWN_B, "village", since="2026-03-05")}
    tree = Directory().with_unit(VILLAGE_1, "unit.moved", moved, 2)
    assert tree.units[VILLAGE_1].opened_on == date.min
    # When its opening comes, then the unit is where it was moved, and is known to have been elsewhere
    opened = {"entry": entry(VILLAGE_1, TOWN_A, "village", node="other")}
    later = tree.with_unit(VILLAGE_1, "unit.opened", opened, 1)
    found = later.units[VILLAGE_1]
    assert (found.parent, found.version, found.opened_on) == (TOWN_B, 2, date(2026, 3, 2))
    assert later.was_below(VILLAGE_1, TOWN_A) and later.keepers(VILLAGE_1) == {"n", "other"}
