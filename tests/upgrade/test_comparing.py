"""The comparison itself: what it sees, and what it lets pass."""

import base64
from hashlib import sha256

import pytest

from tests.upgrade.comparing import MISSING, Finding, compare, compare_tables, outlived, unlisted
from tests.upgrade.consistency import Head, only_grew
from tests.upgrade.differences import Difference

THEN = {"county/cases": [{"case": "a", "state": "received"}, {"case": "b", "state": "answered"}]}


def places(expected: object, found: object) -> list[tuple[str, object, object]]:
    """What a comparison finds."""
    return [(one.where, one.expected, one.found) for one in compare(expected, found, "said")]


def test_a_changed_a_missing_and_a_surplus_value_are_found():
    assert places({"due": "2026-04-10"}, {"due": "2026-04-13"}) == [("said/due", "2026-04-10", "2026-04-13")]
    assert places({"due": None}, {}) == [("said/due", None, MISSING)]
    assert places([1], [1, 2]) == [("said[1]", MISSING, 2)]


def test_what_a_newer_program_says_besides_is_no_difference():
    assert places({"due": 1}, {"due": 1, "explained": "by article 23"}) == []
    now = {
        "county/cases": [row | {"urgent": False} for row in reversed(THEN["county/cases"])],
        "county/visits": [],
    }
    assert list(compare_tables(THEN, now, "dump")) == []


def test_a_changed_a_missing_and_a_surplus_row_are_found():
    one, two = THEN["county/cases"]
    changed = {"county/cases": [one, {"case": "b", "state": "withdrawn"}]}
    assert list(compare_tables(THEN, {"county/cases": [one]}, "dump")) == [
        Finding("dump/county/cases", two, MISSING)
    ]
    assert list(compare_tables(THEN, {"county/cases": [one, two, two]}, "dump")) == [
        Finding("dump/county/cases", MISSING, two)
    ]
    assert {finding.where for finding in compare_tables(THEN, changed, "dump")} == {"dump/county/cases"}
    assert len(list(compare_tables(THEN, {}, "dump"))) == 2


def test_in_a_row_that_is_mostly_as_it_was_the_column_is_named():
    then = {"county/cases": [{"case": "a", "state": "received", "unit": "v"}]}
    now = {"county/cases": [{"case": "a", "state": "accepted", "unit": "v"}]}
    assert list(compare_tables(then, now, "dump")) == [
        Finding("dump/county/cases/state", "received", "accepted")
    ]


def test_only_a_listed_difference_of_that_release_passes_and_one_that_ended_is_told(
    monkeypatch: pytest.MonkeyPatch,
):
    listed = Difference("0.1.0", "at rest/dump/.*/cases/state", "an issue asked for it")
    monkeypatch.setattr("tests.upgrade.comparing.DIFFERENCES", (listed,))
    asked = Finding("at rest/dump/county/cases/state", "a", "b")
    other = Finding("at rest/dump/county/cases/unit", "a", "b")
    assert unlisted("0.1.0", [asked, other]) == [other]
    assert unlisted("0.2.0", [asked]) == [asked]
    assert outlived("0.1.0", [asked]) == []
    assert outlived("0.1.0", [other]) == [listed]


def leaf(number: int) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + bytes([number])).digest()


def root(first: int, end: int) -> bytes:
    """The root over leaves, by the definition of RFC 9162, section 2.1.1."""
    if end - first == 1:
        return leaf(first)
    split = first + (1 << (end - first - 1).bit_length() - 1)
    return sha256(b"\x01" + root(first, split) + root(split, end)).digest()


def proof(old: int, first: int, end: int, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, section 2.1.4.1."""
    if old == end - first:
        return [] if whole else [root(first, end)]
    split = 1 << (end - first - 1).bit_length() - 1
    if old <= split:
        return [*proof(old, first, first + split, whole), root(first + split, end)]
    return [*proof(old - split, first + split, end, False), root(first, first + split)]


def test_a_log_that_grew_is_told_from_one_that_changed():
    for new in range(1, 20):
        for old in range(1, new + 1):
            given = [base64.b64encode(one).decode() for one in proof(old, 0, new, True)]
            before, after = Head("log", old, root(0, old)), Head("log", new, root(0, new))
            assert only_grew(before, after, given), (old, new)
            assert not only_grew(Head("log", old, leaf(99)), after, given)
            assert not only_grew(before, Head("log", new, leaf(99)), given)
            assert not only_grew(before, after, [*given, given[-1] if given else "AA=="])
