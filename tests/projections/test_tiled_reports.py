"""Reports tile time: each matter stands in one, and what contradicts a report is what had come before it was signed."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from shared.work.common.register_place import RegisterPlace
from shared.work.common.words import ReportKind
from shared.work.matters.case import Case
from shared.work.matters.content import Earlier
from shared.work.matters.questions.registers import next_register_no
from shared.work.reports.questions.contradictions import Finding
from shared.work.reports.questions.registers import register_state
from shared.work.reports.questions.sheet_lines import SheetLine
from shared.work.reports.questions.sheets import sheet
from shared.work.reports.questions.waiting import waiting_for
from shared.work.reports.register import Waiting
from shared.work.reports.reporting_day import ReportingDay
from tests.projections.test_sheets import CUT_OFFS
from tests.projections.world import DAY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2, Reader, World, at, content
from tests.work.reporting import correct, register

DAILY, ZERO = ReportKind.DAILY, ReportKind.ZERO
NEXT, AFTER_NEXT = DAY + timedelta(days=1), DAY + timedelta(days=2)


class Village:
    """A village, and an office above it that hears of everything at once."""

    def __init__(self, world: World, above: Reader) -> None:
        self.world, self.above = world, above
        self.tell()

    def tell(self) -> None:
        """Let what happened become known."""
        self.above.take(self.world.facts)
        self.world.facts.clear()

    def matter(self, when, received_on=None, hour: time | None = None, **more: Any) -> Case:
        what = content(received_on or when.date(), **more)
        case = self.world.case(VILLAGE_1, when, what, hour)
        self.tell()
        return case

    def register(self, day: date):
        return register_state(self.above.connection, VILLAGE_1, day)

    def report(self, day: date, when, kind: ReportKind | None = None) -> ReportingDay:
        """Send a day's report as the register says it."""
        state = self.register(day)
        kind = kind or (DAILY if state.denied_by_zero else ZERO)
        report = self.world.report(VILLAGE_1, day, when, kind, state)
        self.tell()
        return report

    def line(self, day: date = DAY, unit=VILLAGE_1, as_of=None) -> SheetLine:
        """Its line on the sheet of its township."""
        shown = sheet(self.above.connection, TOWN_A, day, as_of=as_of or at(40), cut_offs=CUT_OFFS)
        return next(line for line in shown.lines if line.unit == unit)


@pytest.fixture
def village(world, county) -> Village:
    return Village(world, county)


def covered(report: ReportingDay, village: Village) -> tuple[int, ...]:
    """The register numbers that the newest version of a day's report speaks of."""
    line = village.line(report.day)
    assert line.report
    return tuple(range(line.report.covers_from.number, line.report.covers_to.number + 1))


def test_the_next_report_goes_on_where_the_last_one_ended_over_midnight_and_silent_days(village):
    # Given a matter before the report, one after it, and one on a silent day
    village.matter(at(0, 1))
    first = village.report(DAY, at(0, 6))
    for when in (at(0, 9), at(1, 1)):
        village.matter(when)
    # When the next report comes two days later
    third = village.report(AFTER_NEXT, at(2, 6))
    # Then it has all that came since the first
    assert (covered(first, village), covered(third, village)) == ((1,), (2, 3))
    assert village.line(AFTER_NEXT).report.figures.new == 2
    assert village.register(AFTER_NEXT + timedelta(days=1)).numbers == ()


def test_a_late_report_covers_up_to_the_end_of_its_day_and_the_next_one_goes_on_from_there(village):
    # Given a matter of a silent day, and one of the day after
    village.matter(at(0, 1))
    village.matter(at(1, 1))
    # When the missing report is sent on the next morning
    late = village.report(DAY, at(1, 2))
    # Then it speaks of its day alone, and the next report of the other matter
    following = village.report(NEXT, at(1, 6))
    assert (covered(late, village), covered(following, village)) == ((1,), (2,))


def test_a_zero_for_a_past_day_on_which_nothing_was_registered_is_possible_though_something_came_since(
    village,
):
    village.matter(at(1, 1))
    assert village.register(DAY).denied_by_zero == ()
    village.report(DAY, at(1, 2), ZERO)
    assert covered(village.report(NEXT, at(1, 6)), village) == (1,)


def test_a_late_report_names_the_report_that_carries_its_matters_and_counts_none_of_them(village):
    # Given a silent day with a matter, which the next day's report carries
    number = village.matter(at(0, 1)).number
    village.report(NEXT, at(1, 6))
    # When the missing report is sent
    assert village.register(DAY).denied_by_zero == (number,)
    late = village.report(DAY, at(1, 7))
    # Then it names that report
    line = village.line(DAY)
    assert (line.report.figures.new, line.report.carried_by) == (0, (NEXT,))
    assert (covered(late, village), line.finding) == ((), Finding())


def test_a_late_zero_for_a_quiet_day_between_is_possible_though_the_days_before_are_carried_elsewhere(
    village,
):
    village.matter(at(0, 1))
    village.report(AFTER_NEXT, at(2, 6))
    assert village.register(NEXT).denied_by_zero == ()
    assert village.register(DAY).denied_by_zero != ()


def test_what_came_in_on_the_day_and_was_registered_later_is_no_zero_and_stands_in_the_later_report(village):
    number = village.matter(at(1, 1), DAY).number
    assert village.register(DAY).entered_later == (number,)
    late = village.report(DAY, at(1, 2))
    assert village.line(DAY).contradicted is False, "it was in the register when the report was signed"
    assert (covered(late, village), covered(village.report(NEXT, at(1, 6)), village)) == ((), (1,))


def test_a_matter_of_new_years_eve_after_the_report_stands_in_the_first_report_of_the_year(world, village):
    # Given a report of 31 December, and a matter after it
    eve = date(2026, 12, 31)
    days = (eve - DAY).days
    village.matter(at(days, 1))
    village.report(eve, at(days, 6))
    village.matter(at(days, 9))
    # When the new year's register has begun
    world.year, world.registered = 2027, {}
    village.matter(at(days + 1, 1))
    state = village.register(eve + timedelta(days=1))
    # Then the first report of the year has both
    assert (state.since, state.until) == (RegisterPlace(2026, 1), RegisterPlace(2027, 1))
    assert (len(state.numbers), state.count, state.last) == (2, 1, 1)
    assert next_register_no(village.above.connection, VILLAGE_1, 2027) == 2


def test_a_correction_goes_on_to_now_until_another_report_took_over(village):
    report = village.report(DAY, at(0, 6))
    first = village.matter(at(0, 7)).number
    assert village.register(DAY).numbers == (first,), "the matter came on its day and nobody has it yet"
    village.report(NEXT, at(1, 6))
    state = village.register(DAY)
    assert (state.numbers, state.taken_over_at) == ((), at(0, 6))
    correct(report, state=state, today=NEXT, at=at(1, 7))
    village.world.keep(VILLAGE_1, report)
    village.tell()
    assert covered(report, village) == ()


def test_a_collective_matter_is_counted_as_one(village):
    village.matter(at(0, 1), persons=5)
    village.matter(at(0, 2), persons=4)
    assert village.register(DAY).collective == 1


def test_matters_that_wait_are_counted_by_the_day_of_their_duty(village):
    village.matter(at(0, 1))
    ask = lambda day: waiting_for(village.above.connection, [(VILLAGE_1, day), (VILLAGE_2, day)])  # noqa: E731
    due = DAY + timedelta(days=15)
    found = [ask(due + timedelta(days=days))[VILLAGE_1, due + timedelta(days=days)] for days in (-1, 0, 1)]
    assert found == [Waiting(), Waiting(due_today=1), Waiting(overdue=1)]
    assert ask(due)[VILLAGE_2, due] == Waiting()


# What contradicts a report


@pytest.mark.parametrize(
    ("hour", "finding"),
    [(time(14, 59), "denied"), (time(15, 0), "denied"), (time(15, 1), "nothing"), (None, "open")],
)
def test_a_matter_denies_a_zero_if_it_had_come_before_the_zero_was_signed(village, hour, finding):
    # Given a zero of 15:00
    village.report(DAY, at(0, 6))
    # When a matter of the same day is registered in the evening
    number = village.matter(at(0, 10), hour=hour).number
    # Then it denies the zero, or belongs to the next report; if its hour is not known, the unit is asked
    expected = {"denied": Finding((number,)), "nothing": Finding(), "open": Finding((), (number,))}
    line = village.line()
    assert line.finding == expected[finding]
    assert line.contradicted is (finding == "denied")
    assert village.line(as_of=at(0, 9)).finding == Finding(), "as known before"


def test_what_had_come_on_an_earlier_day_denies_the_first_zero_that_was_signed_after_it_and_no_other(village):
    village.report(NEXT, at(1, 6))
    village.report(AFTER_NEXT, at(2, 6))
    number = village.matter(at(3), DAY).number
    assert village.line(NEXT).contradicted_by == (number,)
    assert village.line(AFTER_NEXT).finding == Finding()


def test_a_zero_that_was_signed_late_is_denied_by_a_matter_of_its_day_whose_hour_nobody_knows(village):
    village.report(DAY, at(1, 6))
    number = village.matter(at(1, 8), DAY).number
    assert village.line().finding == Finding((number,))


def test_what_comes_after_a_zero_belongs_to_the_next_report_and_flags_nothing(village):
    village.report(DAY, at(0, 6))
    village.matter(at(0, 9), hour=time(17, 30))
    village.report(NEXT, at(1, 6))
    assert (village.line().finding, village.line(NEXT).finding) == (Finding(), Finding())
    assert village.line(NEXT).register_new == 1


def test_a_number_is_too_low_if_a_matter_had_come_and_was_not_in_the_register(village):
    village.matter(at(0, 1))
    village.report(DAY, at(0, 6))
    village.matter(at(0, 9), hour=time(17, 30))
    assert village.line().finding == Finding()
    hidden = village.matter(at(0, 10), hour=time(10, 0)).number
    assert village.line().finding == Finding((hidden,))


def test_a_number_that_is_not_that_of_the_register_is_flagged_whoever_says_it(village):
    village.matter(at(0, 1))
    state = register(0, "one", "two", "three")
    village.world.report(VILLAGE_1, DAY, at(0, 6), DAILY, state)
    village.tell()
    assert village.line().finding == Finding(miscounted=True)


def test_a_number_that_is_lower_than_the_register_names_the_matters(village):
    numbers = tuple(village.matter(at(0, hour)).number for hour in (1, 2))
    state = replace(village.register(DAY), numbers=numbers[:1])
    village.world.report(VILLAGE_1, DAY, at(0, 6), DAILY, state)
    village.tell()
    assert village.line().finding == Finding(numbers, miscounted=True)


def test_a_corrected_report_is_judged_anew(village):
    report = village.report(DAY, at(0, 6))
    number = village.matter(at(0, 8), hour=time(10, 0)).number
    assert village.line().contradicted_by == (number,)
    correct(report, state=village.register(DAY), at=at(0, 9))
    village.world.keep(VILLAGE_1, report)
    village.tell()
    assert (village.line().finding, village.line().report.figures.new) == (Finding(), 1)
    assert village.line(as_of=at(0, 8.5)).contradicted_by == (number,)


def test_another_offices_register_denies_a_zero_by_a_day_that_lies_within_it_and_asks_where_it_may_be_after(
    village,
):
    # Given a village that was silent on one day and said zero on the next
    village.world.report(VILLAGE_2, NEXT, at(1, 6))
    # When petitioners tell another office that they had been there on each of the two days
    numbers = [
        village.world.case(TOWN_B, at(9), content(NEXT, Earlier(VILLAGE_2, day))).number
        for day in (DAY, NEXT)
    ]
    village.tell()
    # Then the first denies the zero, the other is a question
    assert village.line(NEXT, VILLAGE_2).finding == Finding((numbers[0],), (numbers[1],))


def test_another_offices_register_says_nothing_against_a_number(village):
    village.world.report(VILLAGE_2, NEXT, at(1, 6), DAILY)
    village.world.case(TOWN_B, at(9), content(NEXT, Earlier(VILLAGE_2, DAY)))
    village.tell()
    assert village.line(NEXT, VILLAGE_2).finding == Finding()


def test_a_corrected_registration_counts_by_its_newest_version_known(village):
    village.report(DAY, at(0, 6))
    case = village.matter(at(2), DAY, time(10, 0))
    case.correct(content=content(NEXT), reason=case.content.summary, today=date(2026, 3, 9), at=at(4))
    village.world.keep(VILLAGE_1, case)
    village.tell()
    assert village.line(as_of=at(3)).contradicted
    assert not village.line(as_of=at(5)).contradicted
