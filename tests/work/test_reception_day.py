"""A leader's reception day: made known, held or cancelled, and each number of its figures counted once."""

import pytest

from shared.work.catalogue import SUBJECTS
from shared.work.reception_day import RECEPTION_DAYS
from shared.work.registers.facts import Record, RecordHasEnded
from tests.work.records import filled, opened
from tests.work.scene import TOWN_A, VILLAGE_1, at

HELD, CANCELLED = RECEPTION_DAYS.endings


@pytest.fixture
def day() -> Record:
    """A reception day that was made known."""
    (kind,) = next(one.streams for one in SUBJECTS if one.name == RECEPTION_DAYS.name)
    assert issubclass(kind, Record)
    return opened(RECEPTION_DAYS, kind, VILLAGE_1, TOWN_A)


def end(day: Record, ending: object, **changed: object) -> None:
    assert ending in RECEPTION_DAYS.endings
    made = ending.fields.model_validate({**ending.sample, **changed})
    day.end(ending.name, fields=filled(made, day.id), at=at(0, 12))


@pytest.mark.parametrize(("ending", "state"), [(HELD, "held"), (CANCELLED, "cancelled")])
def test_given_a_reception_day_when_it_is_held_or_cancelled_then_it_has_ended_that_way(day, ending, state):
    end(day, ending)
    assert day.state == state


def test_given_a_day_that_was_held_when_somebody_cancels_it_then_that_is_refused(day):
    end(day, HELD)
    with pytest.raises(RecordHasEnded):
        end(day, CANCELLED)


def test_given_a_leader_who_was_prevented_when_the_reception_is_recorded_then_who_received_instead_stands_there():
    record = HELD.fields.model_validate({**HELD.sample, "received_by": "李副镇长"})
    assert (record.received_by, HELD.fields.model_validate(HELD.sample).received_by) == ("李副镇长", "")


def test_given_a_reception_when_its_counts_cannot_be_then_they_are_refused():
    for wrong in ({"persons": -1}, {"batches": "many"}):
        with pytest.raises(ValueError):
            HELD.fields.model_validate({**HELD.sample, **wrong})
