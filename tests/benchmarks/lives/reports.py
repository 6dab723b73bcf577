"""Daily and zero reports of every office for the days between, late ones, silence and excuses; and entries in registers."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from shared.work.catalogue import ORDERS
from shared.work.common.calendar import ZONE
from shared.work.common.closing import Closing
from shared.work.common.register_place import RegisterPlace
from shared.work.common.words import CheckedSource, CorrectionReason, ExcuseReason, ReportKind
from shared.work.reports.excuses import Excuse
from shared.work.reports.register import RegisterState, Waiting
from shared.work.reports.reporting_day import ReportingDay
from shared.work.reports.statement import Statement
from tests.benchmarks.lives.pen import Pen
from tests.benchmarks.lives.places import NOW, Place, Places
from tests.work.reporting import LIFE

LATE, SILENT, EXCUSED, CORRECTED, NOTED = 0.015, 0.01, 0.004, 0.01, 0.02
"""Shares of reports that come late, never, are excused or put right afterwards; of days with an entry in a register."""
KEPT_REGISTERS = (("enter-duty-note", "take-over-duty"), ("enter-reception-day", "hold-reception-day"))
"""The orders that make an entry and bring it to its end."""
NIGHT = timedelta(hours=10)


class Registers:
    """How far each office's register has come, and how far its reports have spoken of it; numbers begin anew each year."""

    def __init__(self) -> None:
        self.last: Counter[tuple[UUID, int]] = Counter()
        self._said: dict[UUID, RegisterPlace] = {}
        self._spoken: dict[UUID, datetime] = {}
        self._moments: dict[UUID, list[datetime]] = defaultdict(list)

    def take(self, unit: UUID, at: datetime) -> int:
        """The register number of a matter that comes in now; matters come in the order of time."""
        year = at.astimezone(ZONE).year
        self.last[unit, year] += 1
        self._moments[unit].append(at)
        return self.last[unit, year]

    def said(self, unit: UUID, day: date, at: datetime) -> RegisterState:
        """What a report at a moment speaks of."""
        waiting = self._moments.pop(unit, [])
        later = [moment for moment in waiting if moment >= at]
        if later:
            self._moments[unit] = later
        last = self.last[unit, day.year] - len(later)
        new, until = len(waiting) - len(later), RegisterPlace(day.year, last)
        since = self._said.get(unit, RegisterPlace(day.year, 0))
        spoken, self._spoken[unit] = self._spoken.get(unit), at
        self._said[unit] = max(since, until) if new else since
        numbers = tuple(str(number) for number in range(new))
        return RegisterState(last, last, since, self._said[unit], numbers, spoken_until=spoken)


class Days:
    """Writes the reports of one day after the other."""

    def __init__(self, pen: Pen, places: Places, chance: random.Random, registers: Registers) -> None:
        self._pen, self._places, self._chance, self._registers = pen, places, chance, registers
        self._notes: Counter[tuple[UUID, type]] = Counter()
        self._excuses: Counter[tuple[UUID, int]] = Counter()
        self._reporting = [one for one in places.all.values() if one.tier != "county"]

    def write(self, day: date) -> None:
        """What every office says of a day."""
        for place in self._reporting:
            draw = self._chance.random()
            if draw < EXCUSED and place.tier == "village":
                self._excuse(place, day)
            elif draw > SILENT:
                self._report(place, day, late=draw > 1 - LATE)
            if self._chance.random() < NOTED:
                self._note(place, day)

    def _moment(self, day: date, first: int, last: int) -> datetime:
        seconds = self._chance.randrange((last - first) * 3600)
        return datetime.combine(day, time(first), ZONE) + timedelta(seconds=seconds)

    def _report(self, place: Place, day: date, *, late: bool) -> None:
        at = self._moment(day, 18, 20) if late else self._moment(day, 14, 16)
        if at > NOW:
            return
        register = self._registers.said(place.unit, day, at)
        new = len(register.numbers)
        said = Statement(
            kind=ReportKind.DAILY if new else ReportKind.ZERO,
            checked=(CheckedSource.RECEPTION_BOOK, CheckedSource.PHONE, CheckedSource.MAILBOX),
            signed_by="值班员",
            disputes_found=new,
        )
        words = {"register": register, "waiting": Waiting(), "today": day}
        report = ReportingDay.file(unit=place.unit, day=day, said=said, life=LIFE, at=at, **words)
        self._pen.write(report)
        if new and self._chance.random() < CORRECTED:
            reason = CorrectionReason.DISPUTES_MISCOUNTED
            report.correct(
                said=replace(said, disputes_found=0),
                reason=reason,
                closing=Closing(),
                at=at + timedelta(minutes=20),
                **words,
            )
            self._pen.write(report)

    def _excuse(self, place: Place, day: date) -> None:
        reason, above = ExcuseReason.POWER_OR_NETWORK_DOWN, self._places.above(place).unit
        at = self._moment(day, 9, 10)
        if at <= NOW:
            self._excuses[above, day.year] += 1
            said = {"running": self._excuses[above, day.year], "life": LIFE, "today": day}
            excuse = Excuse.grant(unit=above, excused=place.unit, day=day, reason=reason, at=at, **said)
            self._pen.write(excuse)

    def _note(self, place: Place, day: date) -> None:
        """An entry in one of the registers, made as its orders make it; most come to their end the next morning."""
        enter, end = (ORDERS[name] for name in self._chance.choice(KEPT_REGISTERS))
        at, unit = self._moment(day, 20, 22), place.unit
        if at + NIGHT > NOW:
            return
        self._notes[unit, enter] += 1
        running = self._notes[unit, enter]
        id = enter.RECORD.id_for(unit, 1, running)
        said = enter(unit=unit, **enter.DECLARED.sample | {"day": day})
        entry = said.filled(self._pen.seals(id, 0, unit, id))
        above = self._places.above(place).unit
        record = enter.RECORD.open(id=id, unit=unit, above=above, running=running, entry=entry, at=at)
        if self._chance.random() < 0.9:
            said = end(record=id, **end.DECLARED.sample)
            record.end(end.ENDING, fields=said.filled(self._pen.seals(id, 1, unit, id)), at=at + NIGHT)
        self._pen.write(record)
