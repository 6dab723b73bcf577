"""Reported, zero, excused and silent: what a sheet says of a day, then and now."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest

from shared.event_log.mapper import fact_of
from shared.work.common.words import DayStatus, ExcuseReason, ReportKind
from shared.work.directory.unit import Unit
from shared.work.reports.excuses import Excuse
from shared.work.reports.questions.excuses import all_excuses, next_excuse_no
from shared.work.reports.questions.reports import last_report, latest_report
from shared.work.reports.questions.sheets import sheet, unit_days
from shared.work.reports.register import Figures
from tests.projections.world import COUNTY, DAY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2, at
from tests.work.reporting import LIFE, correct, file, register, statement
from tests.work.scene import unit_id

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
    world.report(VILLAGE_1, DAY, at(0, 6), ReportKind.DAILY, register(0, "a", "b", "c", collective=1))
    world.keep(TOWN_A, excuse())
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
    correct(report, state=register(0, "n"), at=at(2))
    world.keep(VILLAGE_1, report)
    county.take(world.facts)
    then, now = town_sheet(county, at(1)).lines[0], town_sheet(county, at(3)).lines[0]
    assert (then.status, then.corrections, then.minutes_late) == (DayStatus.ZERO, 0, 0)
    assert (now.status, now.corrections, now.minutes_late) == (DayStatus.REPORTED, 1, 0)
    assert (then.correction_minutes_late, now.correction_minutes_late) == (None, 2 * 24 * 60 - 7 * 60)
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
    zero = file(at=at(0, 5))
    daily = file(statement(ReportKind.DAILY), register(0, "a", "b"), at=at(0, 6))
    facts = [*world.source(VILLAGE_1).keep(zero), *world.source(TOWN_A).keep(daily)]
    # When either is heard of first
    county.take([*known, *(facts if first == "old node" else reversed(facts))])
    # Then what was recorded last is shown
    shown = latest_report(county.connection, VILLAGE_1, DAY, as_of=at(1))
    assert (shown.kind, shown.figures.new) == (ReportKind.DAILY, 2)


def test_given_a_silent_unit_when_it_was_heard_before_then_the_sheet_says_when(world, county):
    world.report(VILLAGE_1, DAY, at(0, 6))
    county.take(world.facts)
    line = town_sheet(county, at(2), day=DAY + timedelta(days=1)).lines[0]
    assert (line.status, line.heard_recorded) == (DayStatus.SILENT, at(0, 6))


def unit_of(world, unit) -> Unit:
    """A unit as the county's log has it."""
    state: Any = None
    for fact in world.source(COUNTY).written:
        if fact.stream == unit:
            state = fact_of(fact).mutate(state)
    return state


def change(world, unit, order) -> None:
    """The county changes its directory."""
    found = unit_of(world, unit)
    order(found)
    world.keep(COUNTY, found)


def test_given_a_unit_closed_today_when_asked_then_it_owes_today_still_and_nothing_from_tomorrow(
    world, county
):
    world.report(VILLAGE_2, DAY, at(0, -1))
    change(world, VILLAGE_2, lambda unit: unit.close(since=DAY, at=at()))
    county.take(world.facts)
    yesterday, tomorrow = DAY - timedelta(days=1), DAY + timedelta(days=1)
    assert [line.unit for line in town_sheet(county, day=yesterday).lines] == [VILLAGE_1, VILLAGE_2]
    assert words(town_sheet(county)) == [DayStatus.SILENT, DayStatus.ZERO]
    assert [line.unit for line in town_sheet(county, at(2), day=tomorrow).lines] == [VILLAGE_1]


def test_given_a_unit_opened_today_when_asked_then_it_owes_from_tomorrow(world, county):
    entry = replace(unit_of(world, VILLAGE_2).entry, code="430321100203", since=DAY)
    world.keep(COUNTY, Unit.open(unit_id=unit_id("new"), county=COUNTY, entry=entry, at=at()))
    county.take(world.facts)
    assert len(town_sheet(county).lines) == 2
    assert len(town_sheet(county, at(2), day=DAY + timedelta(days=1)).lines) == 3
    # And what it reports on its first day of its own will is shown
    world.facts.clear()
    world.keep(VILLAGE_1, file(unit=unit_id("new"), at=at(0, 5)))
    county.take(world.facts)
    assert words(town_sheet(county)) == [DayStatus.SILENT, DayStatus.SILENT, DayStatus.ZERO]


def test_given_a_township_that_closes_when_a_past_sheet_is_asked_then_it_has_the_tree_and_names_of_its_day(
    world, county
):
    tomorrow = DAY + timedelta(days=1)
    change(
        world,
        VILLAGE_1,
        lambda unit: unit.rename(name="new", name_en="", code=unit.entry.code, since=tomorrow, at=at(1)),
    )
    change(world, VILLAGE_2, lambda unit: unit.close(since=DAY, at=at()))
    change(world, TOWN_A, lambda unit: unit.close(since=DAY, at=at()))
    county.take(world.facts)
    ask = partial(sheet, county.connection, COUNTY, as_of=at(9), cut_offs=CUT_OFFS, whole_tree=True)
    past, now = ask(DAY), ask(tomorrow)
    assert [line.duty.name for line in past.below(TOWN_A).lines] == [f"name 43032110020{n}" for n in (1, 2)]
    assert TOWN_A in {line.unit for line in past.lines} and TOWN_A in past.units
    assert TOWN_A not in now.units and now.units[VILLAGE_1].name == "new"


def test_given_a_day_that_has_not_come_when_asked_then_it_is_not_yet_and_nobody_is_silent(world, county):
    world.keep(TOWN_A, excuse(day=DAY + timedelta(days=3)))
    county.take(world.facts)
    found = town_sheet(county, day=DAY + timedelta(days=3))
    assert words(found) == [DayStatus.NOT_YET, DayStatus.EXCUSED]
    assert (found.is_ahead, found.silent, found.expected) == (True, 0, 2)
    assert words(town_sheet(county, at(3), day=DAY + timedelta(days=3)))[0] is DayStatus.SILENT
    year = unit_days(
        county.connection, VILLAGE_1, DAY, DAY + timedelta(days=364), as_of=at(0, 20), cut_offs=CUT_OFFS
    )
    assert Counter(line.status for line in year) == {DayStatus.NOT_YET: 363, DayStatus.SILENT: 2}


def excuse(day=DAY, running=1) -> Excuse:
    said = {"unit": TOWN_A, "excused": VILLAGE_2, "reason": ExcuseReason.MERGING, "life": LIFE}
    return Excuse.grant(day=day, running=running, today=DAY, at=at(), **said)


def test_given_an_excuse_when_it_is_revoked_then_the_day_is_silent_again_and_both_stay_on_record(
    world, county
):
    given = excuse()
    given.revoke(at=at(1))
    world.keep(TOWN_A, given)
    world.keep(TOWN_A, excuse(running=2))
    county.take(world.facts[:-1])
    then, now = town_sheet(county, at(0, 20)).lines[1], town_sheet(county, at(2)).lines[1]
    assert (then.status, now.status) == (DayStatus.EXCUSED, DayStatus.SILENT)
    county.take(world.facts[-1:])
    again = town_sheet(county, at(2)).lines[1].excuse
    assert again and (again.number, again.revoked_at) == ("2026-002", None)
    numbers = [
        (row.number, row.revoked_at) for row in all_excuses(county.connection, VILLAGE_2, DAY, as_of=at(2))
    ]
    assert sorted(numbers) == [("2026-001", at(1)), ("2026-002", None)]
    assert next_excuse_no(county.connection, TOWN_A, 2026, 1) == 3
    assert next_excuse_no(county.connection, TOWN_A, 2027, 1) == 1


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
