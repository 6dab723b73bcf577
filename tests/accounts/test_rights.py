"""The one table of rights, enumerated; unknown is no."""

from collections import Counter

import pytest

from shared.accounts.rights import RIGHTS, Relation, Role, allowed, as_rows, reach, relation
from shared.web.languages import Language
from shared.web.languages.labels import LABELS
from shared.web.languages.words import sentence
from shared.work.catalogue import ORDERS
from shared.work.common.refusals import NotAllowed
from shared.work.tier_app import registers_of

COUNTY, TOWN, VILLAGE, NEXT_VILLAGE, NEXT_TOWN = "county", "town", "village", "next village", "next town"
TREE = {COUNTY: None, TOWN: COUNTY, NEXT_TOWN: COUNTY, VILLAGE: TOWN, NEXT_VILLAGE: TOWN}

DECLARED = {right.action for order in ORDERS.values() for right in order.DECLARED.rights} | {
    right.action for pages in registers_of() for right in (pages.register.read, pages.register.write)
}
"""Rights that an order or a register declares beside itself, each in one row that whoever reads it has before them."""


def test_the_table_answers_for_every_role_action_and_relation():
    rows = as_rows()
    assert len(rows) == len(RIGHTS) * len(Role) * len(Relation)
    assert len(set(RIGHTS) - DECLARED) == 15
    assert all(allowed(role, action, seen) is verdict for action, role, seen, verdict in rows)


def test_the_rights_to_pages_of_each_role_are_counted_so_that_none_is_given_in_passing():
    others = [row for row in as_rows() if row[0] not in DECLARED]
    given = Counter((role, seen) for _, role, seen, verdict in others if verdict)
    assert given == {
        ("information_officer", "self"): 9,
        ("information_officer", "child"): 1,
        ("information_officer", "parent"): 1,
        ("information_officer", "other"): 1,
        ("petition_clerk", "self"): 12,
        ("petition_clerk", "child"): 8,
        ("petition_clerk", "parent"): 1,
        ("petition_clerk", "other"): 1,
        ("director", "self"): 13,
        ("director", "child"): 10,
        ("director", "parent"): 1,
        ("director", "other"): 1,
        ("supervisor", "self"): 11,
        ("supervisor", "child"): 10,
        ("supervisor", "parent"): 1,
        ("supervisor", "other"): 1,
        ("administrator", "self"): 9,
        ("administrator", "child"): 8,
        ("administrator", "parent"): 1,
        ("administrator", "other"): 1,
    }


@pytest.mark.parametrize(
    ("role", "action", "seen"),
    [
        ("emperor", "matter.read", "self"),
        ("director", "matter.burn", "self"),
        ("director", "matter.read", "cousin"),
        ("", "", ""),
    ],
)
def test_what_the_table_does_not_know_is_denied(role, action, seen):
    assert not allowed(role, action, seen)


def test_nothing_of_an_office_above_or_beside_is_open_but_the_directory():
    away = {Relation.PARENT, Relation.OTHER}
    assert {action for action, _, seen, verdict in as_rows() if verdict and seen in away} == {
        "directory.read"
    }


def test_a_matter_is_changed_only_by_the_office_whose_stream_it_is():
    reading = {"matter.read"}
    work = {action for action in set(RIGHTS) if action.startswith(("matter.", "referral."))} - reading
    below = {action for action in work for role in Role if allowed(role, action, "child")}
    assert below == {"referral.override"}


def test_who_supervises_changes_no_opinion_and_who_administers_reads_no_matter():
    assert not allowed("supervisor", "referral.opinion", "self")
    assert not any(reach("administrator", action) for action in set(RIGHTS) if action.startswith("matter."))


@pytest.mark.parametrize(
    ("own", "other", "seen"),
    [
        (TOWN, TOWN, Relation.SELF),
        (TOWN, VILLAGE, Relation.CHILD),
        (COUNTY, VILLAGE, Relation.CHILD),
        (VILLAGE, TOWN, Relation.PARENT),
        (VILLAGE, COUNTY, Relation.PARENT),
        (VILLAGE, NEXT_VILLAGE, Relation.OTHER),
        (NEXT_TOWN, VILLAGE, Relation.OTHER),
        (COUNTY, "unknown", Relation.OTHER),
        ("unknown", COUNTY, Relation.OTHER),
    ],
)
def test_a_unit_stands_where_the_tree_says(own, other, seen):
    assert relation(TREE, own, other) is seen


def test_a_ring_in_broken_data_ends_in_an_answer():
    ring = {"a": "b", "b": "c", "c": "b"}
    assert relation(ring, "x", "a") is Relation.OTHER


def test_an_order_names_rights_of_the_table():
    assert {action for order in ORDERS.values() for action in order.DECLARED.actions} <= set(RIGHTS)


def test_every_role_and_action_has_a_word_for_its_reader():
    assert set(LABELS["Role"]) == set(Role)
    assert set(LABELS["Action"]) == set(RIGHTS)
    told = sentence(Language.EN, NotAllowed.sentence, {"action": "matter.refer"})
    assert "Refer a matter" in told
