"""The daily report and the zero report of one unit for one day."""

from datetime import timedelta

import pytest

from shared.event_log.names import brought_up
from shared.work.common.words import CheckedSource, ExcuseReason, ReportKind
from shared.work.reports.reporting_day import (
    REPORT_BACK_AT_MOST_DAYS,
    Corrected,
    Excuse,
    Excused,
    Figures,
    Filed,
    NothingChecked,
    NotThisDay,
    RegisterPlace,
    RegisterState,
    ReportingDay,
    ZeroContradictsRegister,
)
from tests.work.rules import given, when
from tests.work.scene import DAY, TOWN_A, VILLAGE_1, VILLAGE_2, at

CALM = RegisterState(count=7, last=7, since=7, numbers=())
BUSY = RegisterState(count=9, last=9, since=7, numbers=("100201-2026-00008-1", "100201-2026-00009-9"))
BOTH = "100201-2026-00008-1, 100201-2026-00009-9"
SOME = Figures(new=2, due_today=1)


def file(kind: ReportKind = ReportKind.ZERO, register: RegisterState = CALM, **changes) -> ReportingDay:
    figures = SOME if kind is ReportKind.DAILY else Figures()
    words = {
        "figures": figures,
        "checked": (CheckedSource.PHONE, CheckedSource.MAILBOX),
        "signed_by": "Clerk of the village",
    }
    words |= {"unit": VILLAGE_1, "day": DAY, "today": DAY, "at": at()}
    return ReportingDay.file(kind=kind, register=register, **words | changes)


def correct(
    report: ReportingDay,
    kind: ReportKind = ReportKind.DAILY,
    register: RegisterState = BUSY,
    checked: tuple[CheckedSource, ...] = (CheckedSource.PHONE,),
) -> None:
    report.correct(
        kind=kind, figures=SOME, checked=checked, signed_by="Clerk", register=register, at=at(0, 5)
    )


def test_a_zero_report_says_what_was_checked_by_whom_and_over_which_register():
    told = when(file).then(Filed, versions=1, day=DAY, unit=VILLAGE_1)
    assert told.checked == (CheckedSource.PHONE, CheckedSource.MAILBOX)
    assert told.signed_by == "Clerk of the village"
    assert (told.register_count, told.register_last) == (7, 7)


def test_a_daily_report_has_figures_and_covers_the_numbers_since_the_last_report():
    told = when(lambda: file(ReportKind.DAILY, BUSY)).then(Filed, covers_from=RegisterPlace(DAY.year, 8))
    assert (told.figures, told.covers_from.number, told.covers_to.number) == (SOME, 8, 9)


def test_a_zero_report_has_no_figures_whatever_was_typed():
    told = when(lambda: file(figures=SOME)).then(Filed)
    assert told.figures == Figures()


@pytest.mark.parametrize("kind", ReportKind)
def test_a_report_that_says_nothing_of_what_was_checked_is_refused(kind):
    when(lambda: file(kind, checked=())).then_refused(NothingChecked)


def test_a_zero_that_contradicts_the_register_is_refused_with_the_matters_named():
    when(lambda: file(register=BUSY)).then_refused(ZeroContradictsRegister, numbers=BOTH)
    when(lambda: file(ReportKind.DAILY, BUSY)).then(Filed)


@pytest.mark.parametrize("days", [0, 1, REPORT_BACK_AT_MOST_DAYS])
def test_a_missing_report_may_be_sent_for_a_month_back(days):
    when(lambda: file(today=DAY + timedelta(days=days))).then(Filed, day=DAY)


@pytest.mark.parametrize("days", [-1, REPORT_BACK_AT_MOST_DAYS + 1, 400])
def test_a_report_for_tomorrow_or_for_long_ago_is_refused(days):
    when(lambda: file(today=DAY + timedelta(days=days))).then_refused(NotThisDay, day="2026-03-02")


def test_a_unit_has_one_report_a_day_because_a_second_one_is_the_same_stream():
    assert file().id == file(ReportKind.DAILY, BUSY).id == ReportingDay.id_for(VILLAGE_1, DAY)
    assert ReportingDay.id_for(VILLAGE_2, DAY) != file().id != ReportingDay.id_for(VILLAGE_1, at(1).date())


def test_a_correction_is_a_new_version_and_the_first_one_stays_what_was_filed():
    told = given(file()).when(correct).then(Corrected, versions=2)
    assert (told.version, told.day, told.kind) == (2, DAY, ReportKind.DAILY)
    assert told.TOPIC != Filed.TOPIC


def test_a_correction_covers_from_where_the_first_version_began_up_to_the_register_of_now():
    told = given(file()).when(correct).then(Corrected, covers_from=RegisterPlace(DAY.year, 8))
    assert (told.covers_from.number, told.covers_to.number, told.register_count) == (8, 9, 9)


def test_versions_count_on_with_every_correction():
    report = file()
    correct(report)
    given(report).when(correct).then(Corrected, versions=3)


def test_a_daily_report_is_corrected_to_zero_only_while_the_register_is_empty():
    given(file(ReportKind.DAILY)).when(lambda report: correct(report, ReportKind.ZERO, CALM)).then(Corrected)
    given(file()).when(lambda report: correct(report, ReportKind.ZERO)).then_refused(
        ZeroContradictsRegister, numbers=BOTH
    )


def test_a_correction_too_says_what_was_checked():
    given(file()).when(lambda report: correct(report, checked=())).then_refused(NothingChecked)


@pytest.mark.parametrize("reason", ExcuseReason)
def test_the_receiving_office_excuses_a_units_day_with_a_reason(reason):
    told = when(lambda: excuse(reason)).then(Excused, unit=TOWN_A)
    assert (told.excused, told.day, told.reason) == (VILLAGE_1, DAY, reason)
    assert told.addressees() == (VILLAGE_1,)


def excuse(reason: ExcuseReason) -> Excuse:
    return Excuse.grant(unit=TOWN_A, excused=VILLAGE_1, day=DAY, reason=reason, at=at())


def test_a_unit_is_excused_once_a_day_because_a_second_time_is_the_same_stream():
    assert excuse(ExcuseReason.MERGING).id == excuse(ExcuseReason.OFFICE_MOVING).id
    assert excuse(ExcuseReason.MERGING).id != ReportingDay.id_for(VILLAGE_1, DAY)


def test_given_a_report_of_the_first_version_when_it_is_read_then_it_is_a_days_and_its_numbers_have_their_year():
    old = {"day": "2026-03-02", "covers_from": 8, "covers_to": 9}
    assert brought_up(Filed, 1, old) == {
        "day": "2026-03-02",
        "until": "2026-03-02",
        "period": "day",
        "covers_from": {"year": 2026, "number": 8},
        "covers_to": {"year": 2026, "number": 9},
    }
