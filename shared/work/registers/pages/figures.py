"""The figures of a register for a span of days: of each office a number for every counter, and the list that makes it.

An office that has not been heard of since the span began is silent: where nothing is known of it no zero is shown.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.projections.last_contact import last_heard
from shared.web.csv_file import Cell, csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.lists import ONLY_FILTERS, MaybeDay, is_file, require_span
from shared.web.render import render
from shared.web.rules import right
from shared.work.common.calendar import ZONE, day_of
from shared.work.common.sentences import N_
from shared.work.registers.declaration import Register
from shared.work.registers.pages.answers import FigureAnswer, FiguresAnswer, OfficeFigures
from shared.work.registers.pages.asked import Filter, office_asked, reads_below, units_from
from shared.work.registers.pages.wording import Wording
from shared.work.registers.records import Records, WantedRecords


@dataclass(frozen=True)
class Line:
    """The figures of one office, or with `below` of it and every office under it; see `OfficeFigures`."""

    unit: UUID
    below: bool
    offices: int
    silent: int
    heard_at: datetime | None
    counts: Mapping[str, int]

    def is_all(self, top: UUID) -> bool:
        """Whether this is the line of everything that was asked about."""
        return self.below and self.unit == top

    def known(self, counter: str) -> int | None:
        """A count; none while it would be a zero of which nobody has told."""
        unheard = self.silent == self.offices and self.silent > 0
        return None if unheard and not self.counts[counter] else self.counts[counter]


@dataclass(frozen=True)
class Span:
    """The days that are counted, and the list that makes a figure of them."""

    first: date
    last: date

    def list_of(self, line: Line, counter: str) -> dict[str, Any]:
        """The filter of the list that makes a figure."""
        unit, below = (None, line.unit) if line.below else (line.unit, None)
        return Filter("", counter, unit, below, self.first, self.last).query()


class Figures:
    """The page of a register's figures, the same as CSV and as JSON."""

    def __init__(self, records: Records) -> None:
        self.records, self.register = records, records.register
        self.path = f"/{self.register.name}"

    def add_to(self, router: APIRouter) -> None:
        """Add the routes; they stand before those of a record, whose id could be anything."""
        read, name = self.register.read.action, self.register.topic
        about = f"Figures of the register «{self.register.title}» for a span of days"
        rules = [right(read, "list.download")]
        router.add_api_route(f"{self.path}/figures", self._page, dependencies=rules, include_in_schema=False)
        router.add_api_route(
            f"/api{self.path}/figures",
            self._json,
            response_model=FiguresAnswer,
            dependencies=[right(read), ONLY_FILTERS],
            summary=about,
            operation_id=f"count_{name}",
            tags=["questions"],
        )

    def _page(
        self,
        here: HereNow,
        first: MaybeDay = None,
        last: MaybeDay = None,
        below: UUID | None = None,
        format: str = "",
    ) -> Response:
        top, span = office_asked(here, self.register, below), span_asked(here, first, last)
        lines = self._lines(here, top, span)
        words = Wording(here, self.register)
        if is_file(format):
            here.require("list.download", top)
            return self._csv(here, words, top, lines)
        asked = {"first": str(span.first), "last": str(span.last), "below": str(below or "")}
        return render(
            here.request,
            "register_figures.html",
            here.frame(),
            register=self.register,
            path=self.path,
            lines=lines,
            span=span,
            top=top,
            asked=asked,
            form=Form(asked),
            names=words.names,
            opens={
                line.unit
                for line in lines
                if line.unit != top and reads_below(here, self.register, line.unit)
            },
        )

    def _json(
        self, here: HereNow, first: MaybeDay = None, last: MaybeDay = None, below: UUID | None = None
    ) -> FiguresAnswer:
        top, span = office_asked(here, self.register, below), span_asked(here, first, last)
        lines = [self._answer(here, line, span) for line in self._lines(here, top, span)]
        return FiguresAnswer(first=span.first, last=span.last, as_of=here.at, lines=lines)

    def _lines(self, here: Here, top: UUID, span: Span) -> list[Line]:
        """The office asked about, each office directly below it with those under that one, and all of them."""
        units = units_from(here, self.register, top)
        wanted = WantedRecords(units, first=span.first, last=span.last)
        counter = _Counting(here, here.ask(self.records.figures, wanted), units, span)
        directory = here.office.directory
        answers = directory.answers_for(top)
        own = counter.line(self.register, top, answers, below=False)
        if units == answers:
            return [own]
        parts = [
            counter.line(
                self.register, child.unit, directory.answers_for(child.unit) | below, below=bool(below)
            )
            for child in directory.children(top, closed=True)
            if directory.present(child.unit) == child.unit
            for below in (directory.watched_below(child.unit),)
        ]
        kept = [part for part in parts if part.offices or any(part.counts.values())]
        return [own, *kept, counter.line(self.register, top, units, below=True)]

    def _answer(self, here: Here, line: Line, span: Span) -> OfficeFigures:
        path = f"{here.root}/api{self.path}"
        figures = [
            FigureAnswer(
                counter=counter.name,
                count=line.known(counter.name),
                at_least=line.silent > 0,
                list=f"{path}?{urlencode(span.list_of(line, counter.name))}",
            )
            for counter in self.register.counters
        ]
        told = {name: getattr(line, name) for name in ("unit", "below", "offices", "silent", "heard_at")}
        return OfficeFigures(**told, figures=figures)

    def _csv(self, here: Here, words: Wording, top: UUID, lines: list[Line]) -> Response:
        names = [counter.name for counter in self.register.counters]
        titles = [N_("Office"), *(counter.title for counter in self.register.counters)]
        header = [*titles, N_("Offices"), N_("Silent offices"), N_("Last heard")]
        rows: Iterable[list[Cell]] = (
            [
                words.say(N_("All")) if line.is_all(top) else words.names[line.unit],
                *(line.known(name) for name in names),
                line.offices,
                line.silent,
                line.heard_at,
            ]
            for line in lines
        )
        return csv_response(
            here, f"{self.register.name}-figures", [words.say(title) for title in header], rows
        )


class _Counting:
    """What is known of every office in a span: its records counted, and until when it was heard of."""

    def __init__(
        self, here: Here, counts: Mapping[UUID, Mapping[str, int]], units: Collection[UUID], span: Span
    ) -> None:
        self._counts, self._directory = counts, here.office.directory
        self._since = datetime.combine(min(span.first, day_of(here.at)), time(), ZONE)
        elsewhere = here.ask(last_heard, units)
        self._heard = {unit: heard.recorded_at for unit, heard in elsewhere.items()}
        # What an office records on this very computer is known here at once, and so is that it recorded nothing.
        self._heard |= {unit: here.at for unit in units if here.office.keeps(unit)}

    def line(self, register: Register, unit: UUID, units: Collection[UUID], *, below: bool) -> Line:
        """The figures of these units together."""
        told = [self._counts[one] for one in units if one in self._counts]
        open_ones = [one for one in units if (found := self._directory.find(one)) and found.open]
        heard = [
            self._heard[one] for one in open_ones if one in self._heard and self._heard[one] >= self._since
        ]
        return Line(
            unit,
            below,
            offices=len(open_ones),
            silent=len(open_ones) - len(heard),
            heard_at=min(heard, default=None),
            counts={one.name: sum(counted[one.name] for counted in told) for one in register.counters},
        )


def span_asked(here: Here, first: date | None, last: date | None) -> Span:
    """The days asked about; without them the month of the day. Errors: TooManyDays."""
    begins = first or (last or day_of(here.at)).replace(day=1)
    ends = last or begins.replace(day=monthrange(begins.year, begins.month)[1])
    require_span(begins, ends)
    return Span(begins, ends)
