"""Reported, zero, excused and silent: what a sheet says of a day, then and now."""

from datetime import date, time, timedelta

import pytest

from shared.work.common.words import CheckedSource, DayStatus, ExcuseReason, ReportKind
from shared.work.directory.unit import Unit
from shared.work.matters.content import Earlier
from shared.work.matters.questions.registers import next_register_no
from shared.work.reports.questions.registers import register_state
from shared.work.reports.questions.reports import last_report, latest_report
from shared.work.reports.questions.sheets import sheet, unit_days
from shared.work.reports.reporting_day import Excuse, Figures, RegisterState, ReportingDay
from tests.projections.world import COUNTY, DAY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2, at, content

CUT_OFFS = {"village": time(16), "township": time(17), "county": time(18)}
FOUR = at(0, 7)
"""16:00 in Asia/Shanghai."""


def town_sheet(county, as_of=None, day=DAY, **more):
    return sheet(county.connection, TOWN_A, day, as_of=as_of or at(0, 20), cut_offs=CUT_OFFS, **more)


def words(of):
    return [line.status for line in of.lines]


def test_given_no_report_when_asked_then_a_unit_is_silent_and_late_only_after_the_cut_off(world, county):
    county.take(world.facts)
    before, after = town_sheet(county, FOUR), town_sheet(county, FOUR + timedelta(seconds=1))
    assert words(before) == words(after) == [DayStatus.SILENT] * 2
    assert [line.due_passed for line in (*before.lines, *after.lines)] == [False, False, True, True]
    assert before.lines[0].minutes_late is None
    assert (after.expected, after.silent, after.figures) == (2, 2, Figures())


def test_given_a_report_a_zero_and_an_excuse_when_asked_then_expected_is_the_sum_of_four_words(world, county):
    world.report(VILLAGE_1, DAY, at(0, 6), ReportKind.DAILY, Figures(new=3, collective=1))
    world.keep(
        TOWN_A, Excuse.grant(unit=TOWN_A, excused=VILLAGE_2, day=DAY, reason=ExcuseReason.MERGING, at=at())
    )
    county.take(world.facts)
    found = town_sheet(county)
    assert words(found) == [DayStatus.REPORTED, DayStatus.EXCUSED]
    assert found.expected == sum(found.count(status) for status in DayStatus)
    assert (found.figures.new, found.figures.collective, found.silent) == (3, 1, 0)


@pytest.mark.parametrize(
    ("after_cut_off", "minutes"),
    [(timedelta(0), 0), (timedelta(seconds=1), 1), (timedelta(minutes=1), 1), (timedelta(hours=2), 120)],
)
def test_given_a_report_when_recorded_after_the_cut_off_then_its_minutes_are_told(
    world, county, after_cut_off, minutes
):
    world.report(VILLAGE_1, DAY, FOUR + after_cut_off)
    county.take(world.facts)
    line = town_sheet(county).lines[0]
    assert (line.minutes_late, line.late) == (minutes, minutes > 0)


def test_given_a_report_in_time_when_it_is_corrected_late_then_it_stays_on_time(world, county):
    report = world.report(VILLAGE_1, DAY, at(0, 6))
    report.correct(
        kind=ReportKind.DAILY,
        figures=Figures(new=1),
        checked=(CheckedSource.PHONE,),
        signed_by="clerk",
        register=RegisterState(1, 1, 0, ("n",)),
        at=at(2),
    )
    world.keep(VILLAGE_1, report)
    county.take(world.facts)
    then, now = town_sheet(county, at(1)).lines[0], town_sheet(county, at(3)).lines[0]
    assert (then.status, then.corrections, then.minutes_late) == (DayStatus.ZERO, 0, 0)
    assert (now.status, now.corrections, now.minutes_late) == (DayStatus.REPORTED, 1, 0)
    assert now.report is not None and now.report.figures.new == 1


def test_given_a_report_in_time_when_it_arrives_days_later_then_the_past_sheet_stays_silent(world, county):
    county.take(world.facts)
    world.facts.clear()
    world.report(VILLAGE_1, DAY, at(0, 6))
    county.take(world.facts, arrived=at(3))
    then, now = town_sheet(county, at(2)).lines[0], town_sheet(county, at(4)).lines[0]
    assert (then.status, then.heard_recorded) == (DayStatus.SILENT, None)
    assert (now.status, now.minutes_late, now.first_arrived_at) == (DayStatus.ZERO, 0, at(3))
    assert (now.heard_recorded, now.heard_arrived) == (at(0, 6), at(3))


@pytest.mark.parametrize("first", ["old node", "new node"])
def test_given_a_moved_unit_that_reported_at_both_nodes_when_facts_cross_then_the_list_is_one(
    world, county, first
):
    # Given a zero at the node that kept the unit, and a later report of the day at the one that keeps it now
    known = [*world.facts]
    zero = ReportingDay.file(**filed(ReportKind.ZERO, Figures(), at(0, 5)))
    daily = ReportingDay.file(**filed(ReportKind.DAILY, Figures(new=2), at(0, 6)))
    facts = [*world.source(VILLAGE_1).keep(zero), *world.source(TOWN_A).keep(daily)]
    # When either is heard of first
    county.take([*known, *(facts if first == "old node" else reversed(facts))])
    # Then what was recorded last is shown
    shown = latest_report(county.connection, VILLAGE_1, DAY, as_of=at(1))
    assert (shown.kind, shown.figures.new) == (ReportKind.DAILY, 2)


def filed(kind, figures, when):
    """What a report of the first village is filed with."""
    register = RegisterState(figures.new, figures.new, 0, tuple(str(n) for n in range(figures.new)))
    said = {"unit": VILLAGE_1, "day": DAY, "today": DAY, "at": when, "signed_by": "clerk"}
    return said | {"kind": kind, "figures": figures, "checked": (CheckedSource.PHONE,), "register": register}


def test_given_a_silent_unit_when_it_was_heard_before_then_the_sheet_says_when(world, county):
    world.report(VILLAGE_1, DAY, at(0, 6))
    county.take(world.facts)
    line = town_sheet(county, at(2), day=DAY + timedelta(days=1)).lines[0]
    assert (line.status, line.heard_recorded) == (DayStatus.SILENT, at(0, 6))


def test_given_a_zero_when_a_matter_of_that_day_is_registered_later_then_the_zero_is_contradicted(
    world, county
):
    world.report(VILLAGE_1, DAY, at(0, 6))
    case = world.case(when=at(2), what=content(DAY))
    county.take(world.facts)
    assert town_sheet(county, at(1)).lines[0].contradicted_by == ()
    found = town_sheet(county, at(3))
    assert found.lines[0].contradicted_by == (case.number,)
    assert found.contradicted == (found.lines[0],)


def test_given_a_zero_when_a_petitioner_names_that_office_and_day_then_it_is_contradicted(world, county):
    world.report(VILLAGE_2, DAY, at(0, 6))
    case = world.case(TOWN_B, at(9), content(DAY + timedelta(days=9), Earlier(VILLAGE_2, DAY)))
    county.take(world.facts)
    assert town_sheet(county, at(10)).lines[1].contradicted_by == (case.number,)


def test_given_a_daily_report_when_the_day_has_matters_then_nothing_is_contradicted(world, county):
    world.report(VILLAGE_1, DAY, at(0, 6), ReportKind.DAILY, Figures(new=1))
    world.case(when=at(2), what=content(DAY))
    county.take(world.facts)
    assert town_sheet(county, at(3)).contradicted == ()


def test_given_a_corrected_registration_when_its_day_changes_then_the_contradiction_moves(world, county):
    world.report(VILLAGE_1, DAY, at(0, 6))
    case = world.case(when=at(2), what=content(DAY))
    case.correct(
        content=content(DAY + timedelta(days=1)),
        reason=case.content.summary,
        today=date(2026, 3, 9),
        at=at(4),
    )
    world.keep(VILLAGE_1, case)
    county.take(world.facts)
    assert town_sheet(county, at(3)).contradicted
    assert not town_sheet(county, at(5)).contradicted


def test_given_a_closed_unit_when_asked_then_it_is_expected_only_before_its_last_day(world, county):
    source = world.source(COUNTY)
    first = next(fact for fact in source.written if fact.stream == VILLAGE_2)
    closing = _reopened(first)
    closing.close(since=DAY, at=at())
    world.keep(COUNTY, closing)
    county.take(world.facts)
    assert [line.unit for line in town_sheet(county).lines] == [VILLAGE_1]
    yesterday = town_sheet(county, day=DAY - timedelta(days=1))
    assert [line.unit for line in yesterday.lines] == [VILLAGE_1, VILLAGE_2]


def _reopened(opened) -> Unit:
    from shared.event_log.mapper import fact_of

    unit = fact_of(opened).mutate(None)
    assert isinstance(unit, Unit)
    return unit


def test_given_the_county_when_asked_for_the_whole_tree_then_villages_stand_under_their_townships(
    world, county
):
    county.take(world.facts)
    found = sheet(county.connection, COUNTY, DAY, as_of=at(1), cut_offs=CUT_OFFS, whole_tree=True)
    assert [line.unit for line in found.lines] == [TOWN_A, VILLAGE_1, VILLAGE_2, TOWN_B]
    assert [line.unit for line in found.below(TOWN_A).lines] == [VILLAGE_1, VILLAGE_2]
    assert {line.due_at for line in found.below(COUNTY).lines} == {at(0, 8)}
    direct = sheet(county.connection, COUNTY, DAY, as_of=at(1), cut_offs=CUT_OFFS)
    assert direct.lines == found.below(COUNTY).lines


def test_given_a_unit_when_its_days_are_asked_then_each_day_has_its_word_the_newest_first(world, county):
    world.report(VILLAGE_1, DAY, at(0, 6))
    county.take(world.facts)
    last = DAY + timedelta(days=2)
    lines = unit_days(county.connection, VILLAGE_1, DAY, last, as_of=at(3), cut_offs=CUT_OFFS)
    assert [line.day for line in lines] == [last, DAY + timedelta(days=1), DAY]
    assert [line.status for line in lines] == [DayStatus.SILENT, DayStatus.SILENT, DayStatus.ZERO]
    known = last_report(county.connection, VILLAGE_1, as_of=at(3))
    assert known and known == latest_report(county.connection, VILLAGE_1, DAY, as_of=at(3))


def test_given_a_register_when_a_report_is_prepared_then_it_covers_what_came_after_the_last_one(world, node):
    village = node("villages-100")
    ask = lambda day: register_state(village.connection, VILLAGE_1, day)  # noqa: E731
    assert ask(DAY) == RegisterState(0, 0, 0, ())
    first = world.case()
    village.take(world.facts)
    assert ask(DAY) == RegisterState(1, 1, 0, (first.number,))
    world.facts.clear()
    world.report(VILLAGE_1, DAY, at(0, 6), ReportKind.DAILY, Figures(new=1), ask(DAY))
    next_day = DAY + timedelta(days=1)
    village.take(world.facts)
    assert ask(next_day) == RegisterState(1, 1, 1, ())
    world.facts.clear()
    world.report(VILLAGE_1, next_day, at(1, 6), register=ask(next_day))
    late = world.case(when=at(2), what=content(next_day))
    village.take(world.facts)
    assert ask(next_day + timedelta(days=1)).numbers == (late.number,)
    assert ask(next_day).numbers == (late.number,), "a zero of its day can no longer be sent as a correction"
    assert ask(DAY) == RegisterState(2, 2, 0, (first.number,)), "a correction covers what its report covered"
    assert next_register_no(village.connection, VILLAGE_1, 2026) == 3
    assert next_register_no(village.connection, VILLAGE_1, 2027) == 1
