"""A leader's reception day: made known, held or cancelled, and each number of its figures counted once."""

from datetime import timedelta

import pytest

from shared.work.catalogue import SUBJECTS
from shared.work.common.days_ahead import FurtherThanAYear
from shared.work.reception_day import RECEPTION_DAYS
from shared.work.registers.facts import BeforeItsDay, Record, RecordHasEnded
from tests.work.records import entry_of, filled, opened
from tests.work.scene import DAY, TOWN_A, VILLAGE_1, at, text

HELD, CANCELLED = RECEPTION_DAYS.endings


def planned(days: int = 0) -> Record:
    """A reception that was made known for so many days later."""
    (kind,) = next(one.streams for one in SUBJECTS if one.name == RECEPTION_DAYS.name)
    assert issubclass(kind, Record)
    return opened(RECEPTION_DAYS, kind, VILLAGE_1, TOWN_A, day=DAY + timedelta(days=days))


@pytest.fixture
def day() -> Record:
    """A reception day that was made known."""
    return planned()


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


def test_given_a_reception_that_is_planned_when_its_day_has_not_come_then_it_is_cancelled_and_not_held():
    with pytest.raises(BeforeItsDay) as refused:
        end(planned(1), HELD)
    assert refused.value.facts["day"] == "2026-03-03"
    early = planned(1)
    end(early, CANCELLED)
    assert early.state == "cancelled"


def correct(day: Record, days: int) -> None:
    entry = filled(entry_of(RECEPTION_DAYS, DAY + timedelta(days=days)), day.id)
    day.correct(entry=entry, reason=text(day.id, "reason"), at=at(0, 13))


def test_given_a_reception_that_was_held_when_its_day_is_corrected_then_it_is_no_day_to_come(day):
    end(day, HELD)
    with pytest.raises(BeforeItsDay):
        correct(day, 1)
    correct(day, -1)
    assert day.day == DAY - timedelta(days=1)


def test_given_a_reception_that_is_planned_then_it_is_within_a_year():
    assert planned(366).day == DAY + timedelta(days=366)
    with pytest.raises(FurtherThanAYear):
        planned(367)
    plan = planned()
    with pytest.raises(FurtherThanAYear):
        plan.change(entry=filled(entry_of(RECEPTION_DAYS, DAY + timedelta(days=367)), plan.id), at=at())
