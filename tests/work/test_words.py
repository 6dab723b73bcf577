"""Stored words and names of keys."""

import inspect
import re
from enum import StrEnum
from uuid import UUID, uuid4

import pytest

from shared.work.common import words
from shared.work.common.fact import derived_id
from shared.work.common.sealed import person_key, subject_of, text_key
from shared.work.common.words import DayStatus

ENUMERATIONS = [
    kind
    for _, kind in inspect.getmembers(words, inspect.isclass)
    if issubclass(kind, StrEnum) and kind is not StrEnum
]


@pytest.mark.parametrize("kind", ENUMERATIONS, ids=lambda kind: kind.__name__)
def test_a_stored_word_is_plain_ascii_and_named_by_its_member(kind):
    for word in kind:
        assert word.value == word.name.lower()
        assert re.fullmatch(r"[a-z_]{2,}", word.value)


def test_reported_zero_excused_and_silent_are_four_different_words():
    assert [*DayStatus] == ["reported", "zero", "excused", "silent", "not_yet"]


def test_a_key_is_named_by_its_case_and_what_it_opens_and_never_by_a_person():
    case = UUID("11111111-1111-4111-8111-111111111111")
    assert text_key(case) == f"{case}/text"
    assert person_key(case, 3) == f"{case}/person-3"
    assert subject_of(text_key(case)) == subject_of(person_key(case, 3)) == case


@pytest.mark.parametrize("name", ["", "text", "/text", "11111111/text"])
def test_a_foreign_name_of_a_key_is_refused(name):
    with pytest.raises(ValueError, match="badly formed"):
        subject_of(name)


def test_the_same_cause_gives_the_same_id_and_another_cause_another_one():
    unit = uuid4()
    assert derived_id("case", unit, 2026, 1) == derived_id("case", str(unit), "2026", "1")
    assert len({derived_id("case", unit, 2026, 1), derived_id("case", unit, 20261), derived_id()}) == 3
