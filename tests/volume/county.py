"""Years of reports of 350 villages, made by a rule, so that every figure can be known without the node."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, func, select

from shared.event_log.group import Group
from shared.event_log.order_context import OrderContext
from shared.event_log.prefetch import Prefetch
from shared.node.node import Node
from shared.work.common.actor import Actor
from shared.work.common.words import DayStatus, ReportKind
from shared.work.reports.questions.reports import REPORTS
from shared.work.reports.questions.sheets import sheet
from shared.work.reports.register import Waiting
from shared.work.reports.reporting_day import ReportingDay
from tests.parts.tiny_network import COUNTY, TOWN_A
from tests.work.reporting import LIFE, register, statement

VILLAGES = 350
"""Villages, as many as the sample county has."""
REPORTS_A_DAY = VILLAGES - VILLAGES // 7
"""Every seventh village is silent, another one each day."""
FIRST = date(2026, 3, 2)

DIVISIONS = "\n".join(
    [
        "code12,level,kind,name_zh,name_pinyin,parent_code12",
        f"{COUNTY},3,county,湘潭县,xiang tan xian,430300000000",
        f"{TOWN_A},4,town,易俗河镇,yi su he zhen,{COUNTY}",
        *(f"{TOWN_A[:9]}{201 + n},5,village,第{n}村,di {n} cun,{TOWN_A}" for n in range(VILLAGES)),
        "",
    ]
)


def status(village: int, day: int) -> DayStatus:
    """What a village did on a day, both counted from 0."""
    if (village + day) % 7 == 0:
        return DayStatus.SILENT
    return DayStatus.REPORTED if (village + day) % 3 == 0 else DayStatus.ZERO


def new_matters(village: int, day: int) -> int:
    """What a village that did not report zero counted as new."""
    return 1 + village * day % 5


def nine(day: int) -> datetime:
    """09:00 of a day in the county: in time."""
    return datetime(FIRST.year, FIRST.month, FIRST.day, 1, tzinfo=UTC) + timedelta(days=day)


def record(node: Node, units: Sequence[UUID], day: int) -> None:
    """Let a node record all reports of a day in one commit."""
    reports = [
        _report(unit, village, day)
        for village, unit in enumerate(units)
        if status(village, day) != DayStatus.SILENT
    ]

    def work(group: Group) -> None:
        clerk = Actor(account="clerk", unit=units[0], role="information_officer", name="值班员")
        context = OrderContext(group, at=nine(day), actor=clerk)
        for report in reports:
            context.add(report)
        context.record()

    node.write(Prefetch(work, expected_new=tuple(report.id for report in reports)))


def _report(unit: UUID, village: int, day: int) -> ReportingDay:
    zero = status(village, day) == DayStatus.ZERO
    return ReportingDay.file(
        unit=unit,
        day=nine(day).date(),
        today=nine(day).date(),
        said=statement(ReportKind.ZERO if zero else ReportKind.DAILY),
        register=register(0, *map(str, range(0 if zero else new_matters(village, day)))),
        waiting=Waiting(),
        life=LIFE,
        at=nine(day),
    )


def wrong_figures(node: Node, town: UUID, days: range) -> list[str]:
    """Every figure of these days that is not what the villages reported; totals of all, sheets of some days."""
    found = node.ask(_totals)
    due = {
        "reports": len(days) * REPORTS_A_DAY,
        "new": sum(_new_of(day) for day in days),
    }
    wrong = [f"{name}: {found[name]} instead of {due[name]}" for name in due if found[name] != due[name]]
    some = {*days[:: max(1, len(days) // 30)], days[-1]}
    return wrong + [f"day {day}: {said}" for day in sorted(some) for said in _wrong_sheet(node, town, day)]


def _totals(connection: Connection) -> dict[str, int]:
    row = connection.execute(select(func.count(), func.sum(REPORTS.c.new)).select_from(REPORTS)).one()
    return {"reports": row[0], "new": row[1]}


def _new_of(day: int) -> int:
    reported = (v for v in range(VILLAGES) if status(v, day) == DayStatus.REPORTED)
    return sum(new_matters(village, day) for village in reported)


def _wrong_sheet(node: Node, town: UUID, day: int) -> list[str]:
    cut_offs = vars(node.settings.network.cut_offs)
    as_of = nine(day) + timedelta(days=10_000)
    shown = node.ask(sheet, town, nine(day).date(), as_of=as_of, cut_offs=cut_offs)
    found = Counter({each: shown.count(each) for each in DayStatus if shown.count(each)})
    due = Counter(status(village, day) for village in range(VILLAGES))
    wrong = [] if found == due else [f"{dict(found)} instead of {dict(due)}"]
    if shown.figures.new != _new_of(day):
        wrong.append(f"{shown.figures.new} new matters instead of {_new_of(day)}")
    return wrong + [f"{len(shown.late)} late"] * bool(shown.late)
