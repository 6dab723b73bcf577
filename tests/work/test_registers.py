"""A register: what is entered, changed, ended and corrected, and what its declaration has to say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import Field

from shared.orders.input import Input, Line
from shared.work.catalogue import SUBJECTS
from shared.work.duty import DUTY_NOTES
from shared.work.registers.declaration import Counter, NotARegister, Paper
from shared.work.registers.facts import BeforeItsDay, Record, RecordHasEnded
from tests.work.records import entry_of, filled, opened
from tests.work.scene import DAY, TOWN_A, VILLAGE_1, at, text


@pytest.fixture
def note() -> Record:
    """A note that one duty has written for the next."""
    (kind,) = next(one.streams for one in SUBJECTS if one.name == DUTY_NOTES.name)
    assert issubclass(kind, Record)
    return opened(DUTY_NOTES, kind, VILLAGE_1, TOWN_A)


(TAKEN,) = DUTY_NOTES.endings


def end(note: Record) -> None:
    note.end(TAKEN.name, fields=filled(TAKEN.fields.model_validate(TAKEN.sample), note.id), at=at(0, 10))


def test_given_a_note_when_the_duty_is_taken_over_then_it_has_ended(note):
    assert note.state == "open"
    end(note)
    assert note.state == "taken_over"


def test_given_a_note_that_has_ended_when_it_is_ended_or_changed_again_then_it_is_refused(note):
    end(note)
    for again in (lambda: end(note), lambda: note.change(entry={}, at=at(0, 11))):
        with pytest.raises(RecordHasEnded):
            again()


def test_given_a_note_that_has_ended_when_it_was_mistyped_then_it_is_corrected_and_stays_ended(note):
    end(note)
    entry = filled(entry_of(DUTY_NOTES), note.id)
    note.correct(entry=entry, reason=text(note.id, "reason"), at=at(0, 11))
    assert note.state == "taken_over"


def test_given_a_duty_that_has_not_been_when_its_note_is_written_changed_or_corrected_then_it_is_refused(
    note,
):
    tomorrow = DAY + timedelta(days=1)
    entry, reason = filled(entry_of(DUTY_NOTES, tomorrow), note.id), text(note.id, "reason")
    for early in (
        lambda: opened(DUTY_NOTES, type(note), VILLAGE_1, TOWN_A, day=tomorrow),
        lambda: note.change(entry=entry, at=at(0, 9)),
        lambda: note.correct(entry=entry, reason=reason, at=at(0, 9)),
    ):
        with pytest.raises(BeforeItsDay) as refused:
            early()
        assert refused.value.facts == {"day": "2026-03-03", "field": "day"}


class Dateless(Input):
    """An entry without a day."""

    what: Line = Field(title="What")


class OtherKind(Input):
    """An ending whose field is something else in the entry."""

    leader: int = Field(title="Leader")


class Untitled(Input):
    """An entry with a field that no form would show."""

    what: Line


class OwnState(Input):
    """An entry that wants a name that every record has of itself."""

    state: Line = Field(title="State")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"entry": Untitled}, "no title"),
        ({"entry": OwnState}, "of itself"),
        ({"states": {"open": "Open"}}, "no words"),
        ({"entry": Dateless}, "no day"),
        ({"endings": (TAKEN, replace(TAKEN, name="leave-duty"))}, "taken_over.* twice"),
        ({"endings": (replace(TAKEN, state="changed"),)}, "changed.* twice"),
        ({"endings": (replace(TAKEN, fields=OtherKind),)}, "leader is one thing"),
        ({"counters": (Counter("c", ""),)}, "c has no title"),
        ({"counters": (Counter("c", "C"), Counter("c", "D"))}, "counter .* twice"),
        ({"counters": (Counter("c", "C", {"mood": "good"}),)}, "which no record has"),
        ({"counters": (Counter("c", "C", given="mood"),)}, "which no record has"),
        ({"counters": (Counter("c", "C", {"state": "gone"}),)}, "none of its words"),
        ({"counters": (Counter("c", "C", {"shift": "noon"}),)}, "none of its words"),
        ({"counters": (Counter("c", "C", {"leader": "王"}),)}, "none of its words"),
        ({"counters": (Counter("c", "C", total="shift"),)}, "no whole number"),
        ({"papers": (Paper("record", ""),)}, "record has no title"),
        ({"papers": (Paper("change", "P"),)}, "change.* twice"),
        ({"papers": (Paper("take-over-duty", "P"),)}, "take-over-duty.* twice"),
    ],
)
def test_given_a_declaration_with_a_gap_when_it_is_made_then_it_says_what_is_missing(changed, says):
    with pytest.raises(NotARegister, match=says):
        replace(DUTY_NOTES, **changed)
