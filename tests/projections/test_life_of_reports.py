"""Made-up weeks of reporting over the end of a year: every matter in exactly one report, whatever is sent when.

Villages open and close, matters come in and are registered then or later, reports are sent on their day, late, or never,
and are corrected; nothing is said but by the rules, and everything is asked of the projections alone.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.work.common.calendar import ZONE, day_of
from shared.work.common.closing import Closing
from shared.work.common.refusals import Refusal
from shared.work.common.register_place import RegisterPlace
from shared.work.common.words import CheckedSource, CorrectionReason, ReportKind, UnitKind
from shared.work.directory.unit import Unit, UnitEntry
from shared.work.matters.case import Case
from shared.work.matters.questions.registers import next_register_no
from shared.work.reports.questions.registers import register_state
from shared.work.reports.questions.reports import reports_of_unit
from shared.work.reports.questions.sheet_lines import SheetLine
from shared.work.reports.questions.sheets import sheet
from shared.work.reports.questions.waiting import waiting_for
from shared.work.reports.register import RegisterState
from shared.work.reports.reporting_day import Life, NotInItsLife, ReportingDay, end_of
from shared.work.reports.statement import Statement, ZeroContradictsRegister
from tests.parts.lives import lives
from tests.projections.test_life_of_a_directory import CUT_OFFS
from tests.projections.world import Reader, Source, tables_in_memory
from tests.work.scene import COUNTY, TOWN_A, content, text, unit_id

ENGINE = tables_in_memory()
BEGINS = datetime(2026, 12, 28, 8, tzinfo=ZONE)
"""Four days before the year's end."""
LONG_AGO = date(2020, 1, 1)
numbers = st.integers(0, 1_000)
CHECKED = (CheckedSource.PHONE,)


@dataclass
class Matter:
    """A matter as it really was: when it came in, when it was registered, and at which place."""

    number: str
    place: RegisterPlace
    came: datetime
    registered: datetime


@dataclass
class Village:
    """An office with what it has in its register and what it has sent."""

    unit: Unit
    life: Life
    matters: list[Matter] = field(default_factory=list[Matter])
    reports: dict[date, ReportingDay] = field(default_factory=dict[date, ReportingDay])

    @property
    def id(self) -> UUID:
        return self.unit.id


class LifeOfReports(RuleBasedStateMachine):
    """A township's villages from the end of one year into the next."""

    @initialize()
    def begin(self) -> None:
        self.now = BEGINS
        self.source = Source("villages-100")
        self.reader = Reader(ENGINE.connect(), own=frozenset({"villages-100"}))
        self.villages: list[Village] = []
        for unit, code, kind, parent in (
            (COUNTY, "430321000000", UnitKind.COUNTY, None),
            (TOWN_A, "430321100000", UnitKind.TOWNSHIP, COUNTY),
        ):
            self._keep(self._opened(unit, code, kind, parent, LONG_AGO))
        self._village(LONG_AGO)

    def _opened(self, unit: UUID, code: str, kind: UnitKind, parent: UUID | None, since: date) -> Unit:
        entry = UnitEntry(code, code[6:], f"unit {code}", "", kind, parent, "villages-100", "", since)
        return Unit.open(unit_id=unit, county=COUNTY, entry=entry, at=self.now)

    def _village(self, since: date) -> None:
        number = len(self.villages)
        code = f"430321100{201 + number}"
        unit = self._opened(unit_id(f"village no. {number}"), code, UnitKind.VILLAGE, TOWN_A, since)
        self._keep(unit)
        self.villages.append(Village(unit, Life(since)))

    def _keep(self, stream: Any) -> None:
        self.reader.take(self.source.keep(stream))

    def today(self) -> date:
        return day_of(self.now)

    @rule(minutes=st.integers(1, 24 * 60))
    def time_goes_on(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(days=st.integers(1, 3))
    def days_go_on(self, days: int) -> None:
        self.now += timedelta(days=days)

    @precondition(lambda self: len(self.villages) < 3)
    @rule()
    def open_a_village(self) -> None:
        self._village(self.today())

    @rule(which=numbers)
    def close_a_village(self, which: int) -> None:
        village = self._one(which)
        if len(self._open_ones()) > 1 and village.life.closed_on is None:
            village.unit.close(since=self.today(), at=self.now)
            self._keep(village.unit)
            village.life = Life(village.life.opened_on, self.today())

    def _one(self, which: int) -> Village:
        return self.villages[which % len(self.villages)]

    def _open_ones(self) -> list[Village]:
        return [village for village in self.villages if village.life.closed_on is None]

    @rule(which=numbers, minutes=st.integers(0, 3 * 24 * 60), hour_is_known=st.booleans())
    def register(self, which: int, minutes: int, hour_is_known: bool) -> None:
        """A matter that came in some time ago is written into the register."""
        village = self._open_ones()[which % len(self._open_ones())]
        came = (self.now - timedelta(minutes=minutes)).replace(second=0, microsecond=0)
        year = self.today().year
        no = next_register_no(self.reader.connection, village.id, year)
        case = Case.register(
            unit=village.id,
            mark="100201",
            year=year,
            register_no=no,
            content=content(day_of(came)),
            query_check=f"check-{no}",
            query_code=text(village.id, "query_code"),
            received_time=came.time() if hour_is_known else None,
            today=self.today(),
            at=self.now,
        )
        self._keep(case)
        village.matters.append(Matter(case.number, RegisterPlace(year, no), came, self.now))

    @rule(which=numbers, before=st.integers(0, 2), after=st.integers(0, 2), back=st.integers(0, 2))
    def a_day_of_work(self, which: int, before: int, after: int, back: int) -> None:
        """Matters come in, a report is sent as the register says it, more matters come in, and the day ends."""
        for _ in range(before):
            self.register(which, 30, hour_is_known=True)
        self.now += timedelta(hours=1)
        day = self.today() - timedelta(days=back)
        village = self._one(which)
        denied = register_state(self.reader.connection, village.id, day).denied_by_zero
        self.report(which, back, ReportKind.DAILY if denied else ReportKind.ZERO)
        for _ in range(after):
            self.register(which, 90, hour_is_known=False)
        self.now += timedelta(days=1)

    @rule(which=numbers, back=st.integers(0, 4), kind=st.sampled_from(ReportKind))
    def report(self, which: int, back: int, kind: ReportKind) -> None:
        village, day = self._one(which), self.today() - timedelta(days=back)
        if day in village.reports:
            return
        words = {"unit": village.id, "day": day, "life": village.life}
        try:
            made = ReportingDay.file(**words, **self._said(village, day, kind))
        except ZeroContradictsRegister:
            assert kind is ReportKind.ZERO and self._known_of(village, day)
        except NotInItsLife:
            assert not village.life.has(day)
        else:
            self._keep(made)
            village.reports[day] = made
            self._close(village, day)

    @rule(which=numbers, of=numbers, kind=st.sampled_from(ReportKind))
    def correct(self, which: int, of: int, kind: ReportKind) -> None:
        village = self._one(which)
        if not village.reports:
            return
        day = sorted(village.reports)[of % len(village.reports)]
        reason, words = CorrectionReason.MATTER_LEFT_OUT, self._said(village, day, kind)
        try:
            village.reports[day].correct(reason=reason, closing=Closing("year"), **words)
        except Refusal as refusal:
            assert isinstance(refusal, ZeroContradictsRegister) or day.year < self.today().year
        else:
            self._keep(village.reports[day])

    def _said(self, village: Village, day: date, kind: ReportKind) -> dict[str, Any]:
        asked = village.id, day
        said = Statement(kind, CHECKED, "clerk")
        register: RegisterState = register_state(self.reader.connection, *asked)
        waiting = waiting_for(self.reader.connection, [asked])[asked]
        return {"said": said, "register": register, "waiting": waiting, "today": self.today(), "at": self.now}

    def _known_of(self, village: Village, day: date) -> list[Matter]:
        """Matters that speak against a zero: new up to the end of the day, or of the day itself."""
        return [
            one
            for one in village.matters
            if day in (day_of(one.came), day_of(one.registered))
            or (one.registered < end_of(day) and not self._carriers(village, one))
        ]

    def _carriers(self, village: Village, matter: Matter) -> list[date]:
        """The days whose newest reports speak of a matter."""
        return [
            line.day for line in self._newest(village) if line.covers_from <= matter.place <= line.covers_to
        ]

    def _newest(self, village: Village) -> list[Any]:
        found = reports_of_unit(
            self.reader.connection, village.id, LONG_AGO, self.today(), as_of=self.now + timedelta(days=1)
        )
        return [*{one.day: one for one in found}.values()]

    def _close(self, village: Village, day: date) -> None:
        """A report is a close: all that was registered until then stands in some report, and their sum is the register."""
        due = [one for one in village.matters if one.registered < end_of(day)]
        assert [one for one in due if not self._carriers(village, one)] == []

    @invariant()
    def every_matter_stands_in_one_report_or_in_none_yet(self) -> None:
        for village in self.villages:
            places = [one.covers_to for one in self._newest(village)]
            last = max(places, default=RegisterPlace(0, 0))
            for matter in village.matters:
                assert len(self._carriers(village, matter)) == (matter.place <= last), matter

    @invariant()
    def the_sum_of_the_reports_is_the_register_up_to_the_last_place_that_they_cover(self) -> None:
        for village in self.villages:
            newest = self._newest(village)
            covered = [one for one in village.matters if self._carriers(village, one)]
            assert sum(one.figures.new for one in newest) == len(covered)

    @invariant()
    def what_denies_a_report_had_come_in_the_time_of_which_it_speaks(self) -> None:
        came = {(village.id, one.number): one.came for village in self.villages for one in village.matters}
        for line in self._lines():
            assert not line.finding.miscounted
            for number in line.contradicted_by:
                assert line.report and came[line.unit, number] <= line.report.speaks_to
                assert not line.report.speaks_from or line.report.speaks_from < came[line.unit, number]

    @invariant()
    def a_zero_that_hides_a_matter_whose_hour_is_known_is_denied(self) -> None:
        for line in self._lines():
            brought = [one for one in line.registers.brought if one.earliest == one.latest]
            if line.report and line.report.kind == ReportKind.ZERO:
                since, until = line.report.speaks_from, line.report.speaks_to
                hidden = {
                    one.number
                    for one in brought
                    if (not since or since < one.earliest) and one.latest <= until
                }
                assert hidden <= set(line.contradicted_by)

    def _lines(self) -> list[SheetLine]:
        """Every line of every sheet so far."""
        first = day_of(BEGINS) - timedelta(days=5)
        days = [first + timedelta(days=n) for n in range((self.today() - first).days + 1)]
        asked = {"as_of": self.now, "cut_offs": CUT_OFFS, "heard": False}
        sheets = [sheet(self.reader.connection, TOWN_A, day, **asked) for day in days[-12:]]
        return [line for shown in sheets for line in shown.lines]

    def teardown(self) -> None:
        self.reader.connection.close()


TestLifeOfReports = LifeOfReports.TestCase
TestLifeOfReports.settings = lives(examples=40, steps=40)
