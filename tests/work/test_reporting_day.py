"""The daily report and the zero report of one unit for one day."""

from datetime import date, timedelta

import pytest

from shared.event_log.names import brought_up
from shared.work.common.closing import Closing
from shared.work.common.register_place import RegisterPlace
from shared.work.common.words import CheckedSource, CorrectionReason, ReportKind
from shared.work.reports.register import Carried, Figures, Waiting
from shared.work.reports.reporting_day import (
    REPORT_BACK_AT_MOST_DAYS,
    Corrected,
    Filed,
    Life,
    NotInItsLife,
    NotThisDay,
    ReportingDay,
    ReportsAreClosed,
    begin_of,
    end_of,
)
from shared.work.reports.statement import (
    FiguresNotOfRegister,
    NothingChecked,
    ZeroContradictsRegister,
    ZeroWithNumbers,
)
from tests.work.reporting import BUSY, CALM, correct, file, register, statement
from tests.work.rules import given, when
from tests.work.scene import DAY, VILLAGE_1, VILLAGE_2, at

BOTH = "100201-2026-00008-1, 100201-2026-00009-9"
DAILY = ReportKind.DAILY
TOMORROW = DAY + timedelta(days=1)


def test_a_zero_report_says_what_was_checked_by_whom_and_over_which_register():
    told = when(file).then(Filed, versions=1, day=DAY, unit=VILLAGE_1)
    assert told.checked == (CheckedSource.PHONE, CheckedSource.MAILBOX)
    assert told.signed_by == "Clerk of the village"
    assert (told.register_count, told.register_last, told.figures) == (7, 7, Figures())


def test_a_daily_report_has_the_registers_figures_and_what_a_person_knows_of_disputes():
    state = register(7, "a", "b", "c", collective=1)
    said = statement(DAILY, disputes_found=4, disputes_settled=2)
    told = when(lambda: file(said, state, waiting=Waiting(5, 3))).then(Filed)
    assert told.figures == Figures(3, 1, 5, 3, 4, 2)


def test_a_report_covers_the_places_after_the_last_report_up_to_the_last_of_now():
    told = when(lambda: file(statement(DAILY), BUSY)).then(Filed, covers_from=RegisterPlace(DAY.year, 8))
    assert told.covers_to == RegisterPlace(DAY.year, 9)
    calm = when(file).then(Filed, covers_from=RegisterPlace(DAY.year, 8))
    assert calm.covers_to < calm.covers_from


@pytest.mark.parametrize(
    ("typed", "numbers", "why"),
    [
        ({"new": 1}, {}, FiguresNotOfRegister),
        ({"collective": 5}, {}, FiguresNotOfRegister),
        ({"overdue": 1_000_000}, {}, FiguresNotOfRegister),
        ({"new": 2, "collective": 0, "due_today": 0, "overdue": 0}, {}, None),
    ],
)
def test_a_typed_figure_is_taken_where_the_register_says_the_same_and_refused_elsewhere(typed, numbers, why):
    order = when(lambda: file(statement(DAILY, typed=typed, **numbers), BUSY))
    if why is None:
        assert order.then(Filed).figures.new == 2
    else:
        ((figure, value),) = typed.items()
        order.then_refused(why, figure=figure, typed=value)


@pytest.mark.parametrize("said", [{"typed": {"new": 3}}, {"disputes_found": 3}, {"disputes_settled": 3}])
def test_a_zero_with_a_number_in_it_is_refused_and_not_silently_emptied(said):
    when(lambda: file(statement(**said))).then_refused(ZeroWithNumbers, count=3)
    given(file()).when(lambda report: correct(report, statement(**said), CALM)).then_refused(ZeroWithNumbers)


def test_a_zero_whose_numbers_are_zeros_is_a_zero():
    when(lambda: file(statement(typed={"new": 0, "overdue": 0}))).then(Filed)


@pytest.mark.parametrize("kind", ReportKind)
def test_a_report_that_says_nothing_of_what_was_checked_is_refused(kind):
    when(lambda: file(statement(kind, checked=()))).then_refused(NothingChecked)


def test_a_zero_that_contradicts_the_register_is_refused_with_the_matters_named():
    when(lambda: file(state=BUSY)).then_refused(ZeroContradictsRegister, numbers=BOTH)
    when(lambda: file(statement(DAILY), BUSY)).then(Filed)


def test_a_late_report_names_the_reports_that_carry_its_matters_and_is_no_zero():
    # Given a silent day whose matter the next day's report speaks of
    state = register(9, carried=(Carried("n", TOMORROW),))
    # When the missing report is sent
    late = {"today": TOMORROW, "at": at(1, 9)}
    told = when(lambda: file(statement(DAILY), state, **late)).then(Filed)
    # Then it counts nothing twice, says where its matter stands, and cannot say that nothing was there
    assert (told.figures.new, told.carried_by) == (0, (TOMORROW,))
    when(lambda: file(state=state, **late)).then_refused(ZeroContradictsRegister, numbers="n")


def test_a_late_zero_is_possible_for_a_day_on_which_nothing_came_and_not_for_one_whose_matter_came_to_paper_later():
    late = {"today": TOMORROW, "at": at(1, 9)}
    when(lambda: file(**late)).then(Filed)
    entered = register(7, entered_later=("n",))
    when(lambda: file(state=entered, **late)).then_refused(ZeroContradictsRegister, numbers="n")


def test_a_report_speaks_from_where_the_last_one_ended_up_to_its_signing_or_the_end_of_its_day():
    yesterday = at(-1, 7)
    told = when(lambda: file(state=register(7, spoken_until=yesterday))).then(Filed)
    assert (told.speaks_from, told.speaks_to) == (yesterday, at())
    late = when(lambda: file(today=TOMORROW, at=at(1))).then(Filed)
    assert (late.speaks_from, late.speaks_to) == (None, end_of(DAY))


def test_a_late_report_of_a_day_that_a_later_one_has_passed_speaks_of_its_own_day():
    told = when(lambda: file(state=register(7, spoken_until=at(1, 7)), today=TOMORROW, at=at(1, 9))).then(
        Filed
    )
    assert (told.speaks_from, told.speaks_to) == (begin_of(DAY), end_of(DAY))


@pytest.mark.parametrize("days", [0, 1, REPORT_BACK_AT_MOST_DAYS])
def test_a_missing_report_may_be_sent_for_a_month_back(days):
    when(lambda: file(today=DAY + timedelta(days=days))).then(Filed, day=DAY)


@pytest.mark.parametrize("days", [-1, REPORT_BACK_AT_MOST_DAYS + 1, 400])
def test_a_report_for_tomorrow_or_for_long_ago_is_refused(days):
    when(lambda: file(today=DAY + timedelta(days=days))).then_refused(NotThisDay, day="2026-03-02")


@pytest.mark.parametrize(
    ("life", "exists"),
    [
        (Life(DAY), True),
        (Life(TOMORROW), False),
        (Life(date(2020, 1, 1), DAY), True),
        (Life(date(2020, 1, 1), DAY - timedelta(days=1)), False),
    ],
)
def test_there_is_no_report_for_days_before_or_after_the_units_life(life, exists):
    order = when(lambda: file(life=life))
    order.then(Filed) if exists else order.then_refused(NotInItsLife, day="2026-03-02")


def test_what_was_opened_today_owes_from_tomorrow_and_what_was_closed_today_owes_today():
    life = Life(DAY, DAY + timedelta(days=2))
    owed = [life.owes(DAY + timedelta(days=days)) for days in range(-1, 4)]
    assert owed == [False, False, True, True, False]


def test_a_unit_has_one_report_a_day_because_a_second_one_is_the_same_stream():
    assert file().id == file(statement(DAILY), BUSY).id == ReportingDay.id_for(VILLAGE_1, DAY)
    assert ReportingDay.id_for(VILLAGE_2, DAY) != file().id != ReportingDay.id_for(VILLAGE_1, at(1).date())


def test_a_correction_is_a_new_version_with_its_reason_and_the_first_one_stays_what_was_filed():
    told = given(file()).when(correct).then(Corrected, versions=2)
    assert (told.version, told.day, told.kind) == (2, DAY, DAILY)
    assert told.reason is CorrectionReason.MATTER_LEFT_OUT
    assert told.TOPIC != Filed.TOPIC


def test_a_correction_covers_from_where_the_first_version_began_up_to_the_register_of_now():
    told = given(file()).when(correct).then(Corrected, covers_from=RegisterPlace(DAY.year, 8))
    assert (told.covers_from.number, told.covers_to.number, told.register_count) == (8, 9, 9)
    assert told.figures.new == 2


def test_a_correction_speaks_on_until_the_report_of_a_later_day_took_over():
    told = given(file()).when(correct).then(Corrected)
    assert told.speaks_to == at(0, 5)
    state = register(7, taken_over_at=at())
    told = given(file()).when(lambda report: correct(report, state=state, today=TOMORROW)).then(Corrected)
    assert told.speaks_to == at()


def test_versions_count_on_with_every_correction():
    report = file()
    correct(report)
    given(report).when(correct).then(Corrected, versions=3)


def test_a_daily_report_is_corrected_to_zero_only_while_the_register_is_empty():
    zero = statement()
    given(file(statement(DAILY))).when(lambda report: correct(report, zero, CALM)).then(Corrected)
    given(file()).when(lambda report: correct(report, zero)).then_refused(
        ZeroContradictsRegister, numbers=BOTH
    )


def test_a_correction_too_says_what_was_checked_and_types_no_figure_of_the_register():
    unchecked = statement(DAILY, checked=())
    given(file()).when(lambda report: correct(report, unchecked)).then_refused(NothingChecked)
    million = statement(DAILY, typed={"new": 1_000_000})
    given(file()).when(lambda report: correct(report, million)).then_refused(FiguresNotOfRegister)


@pytest.mark.parametrize(
    ("closing", "last"),
    [
        (Closing(), date(2026, 4, 3)),
        (Closing("day", 0), DAY),
        (Closing("week", 1), date(2026, 3, 9)),
        (Closing("quarter", 10), date(2026, 4, 10)),
    ],
)
def test_a_report_is_corrected_until_its_period_is_closed_and_not_after(closing, last):
    given(file()).when(lambda report: correct(report, closing=closing, today=last)).then(Corrected)
    after = last + timedelta(days=1)
    given(file()).when(lambda report: correct(report, closing=closing, today=after)).then_refused(
        ReportsAreClosed, closed=last.isoformat()
    )


def test_given_a_report_of_the_first_version_when_it_is_read_then_it_is_a_days_and_its_numbers_have_their_year():
    old = {"day": "2026-03-02", "covers_from": 8, "covers_to": 9}
    assert brought_up(Filed, 1, old) == {
        "day": "2026-03-02",
        "until": "2026-03-02",
        "period": "day",
        "covers_from": {"year": 2026, "number": 8},
        "covers_to": {"year": 2026, "number": 9},
        "speaks_from": None,
        "speaks_to": None,
        "carried_by": [],
    }


def test_given_a_correction_of_the_second_version_when_it_is_read_then_nobody_said_why():
    assert brought_up(Corrected, 2, {"day": "2026-03-02"})["reason"] is None
