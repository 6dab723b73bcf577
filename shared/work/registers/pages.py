"""The pages of a register: its list with filters and CSV, one record with its time line, JSON."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, create_model

from shared.orders.input import Day
from shared.orders.order import Order
from shared.projections.timeline import timeline
from shared.web.csv_file import Cell, csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages import Language, translate
from shared.web.languages.labels import choices, fact_words, label
from shared.web.languages.words import day_words
from shared.web.lists import PAGE, Limit, Names, Offset, Page, open_text
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.stepping import NO, YES, show_step, take_step
from shared.work.common.refusals import NotFound
from shared.work.common.sentences import N_
from shared.work.registers.declaration import OPEN, Register, is_sealed, kind_of
from shared.work.registers.records import RecordRow, Records, WantedRecords
from shared.work.subject import Subject


class RegisterPages:
    """The pages of one register; `thing` carries the steps of a record, `router` the rest."""

    def __init__(self, subject: Subject, records: Records) -> None:
        self.subject, self.records = subject, records
        self.register: Register = records.register
        self.enter: type[Order] = subject.orders[0]
        self.path = f"/{self.register.name}"
        self.thing = Thing(self.register.name, "record", f"{self.path}/{{record}}", self._begin, self._back)
        self.router = APIRouter()
        self._add_routes()

    def _add_routes(self) -> None:
        read, write = self.register.read.action, self.register.write.action
        add, name = self.router.add_api_route, self.register.topic
        hidden: dict[str, Any] = {"include_in_schema": False}
        one, many = _answer(self.register), list[_answer(self.register)]  # type: ignore[misc]
        add(self.path, self._list, dependencies=[right(read, "list.download")], **hidden)
        add(f"{self.path}/new", self._new, dependencies=[right(write)], **hidden)
        add(f"{self.path}/new", self._enter, methods=["POST"], dependencies=[right(write)], **hidden)
        add(f"{self.path}/{{record}}", self._one, dependencies=[right(read)], **hidden)
        api: dict[str, Any] = {"dependencies": [right(read)], "tags": ["questions"]}
        about = f"Entries of the register «{self.register.title}»"
        add(
            f"/api{self.path}",
            self._json,
            response_model=many,
            summary=about,
            operation_id=f"list_{name}",
            **api,
        )
        add(
            f"/api{self.path}/{{record}}",
            self._one_json,
            response_model=one,
            summary=f"One entry of the register «{self.register.title}»",
            operation_id=f"read_{name}",
            **api,
        )

    def _wanted(self, here: Here, state: str, first: date | None, last: date | None) -> WantedRecords:
        unit = here.unit()
        here.require(self.register.read.action, unit.unit)
        units = (
            frozenset({unit.unit, *here.office.directory.below(unit.unit)})
            if self._reads_below(here, unit.unit)
            else frozenset([unit.unit])
        )
        return WantedRecords(units, state if state in self.register.states else "", first, last)

    def _reads_below(self, here: Here, unit: UUID) -> bool:
        children = here.office.directory.children(unit)
        return bool(children) and here.may(self.register.read.action, children[0].unit)

    def _list(
        self,
        here: HereNow,
        state: str = "",
        first: Day | None = None,
        last: Day | None = None,
        page: Page = 1,
        format: str = "",
    ) -> Response:
        wanted = self._wanted(here, state, first, last)
        if format == "csv":
            here.require("list.download", here.unit().unit)
            return self._csv(here, here.office.ask(self.records.records, wanted, limit=None))
        lines = here.office.ask(self.records.records, wanted, limit=PAGE, offset=(page - 1) * PAGE)
        language, names = language_of(here.request), Names(here)
        return render(
            here.request,
            "register.html",
            here.frame(),
            register=self.register,
            path=self.path,
            columns=[translate(language).gettext(title) for title in self._titles()],
            rows=[
                (line, [names[line.unit], *self._cells(here, line), self._state(language, line)])
                for line in lines
            ],
            count=here.office.ask(self.records.count, wanted),
            page=page,
            size=PAGE,
            states=choices(language, self.register.state_kind),
            chosen={"state": wanted.state, "first": first, "last": last},
            form=Form({"state": wanted.state, "first": str(first or ""), "last": str(last or "")}),
            may_write=here.may(self.register.write.action, here.unit().unit),
        )

    def _new(self, here: HereNow) -> Response:
        here.require(self.register.write.action, here.unit().unit)
        return show_step(
            here, self.enter, action=f"{self.path}/new", back=self.path, subject=here.unit().name
        )

    async def _enter(self, here: HereNow) -> Response:
        unit = here.unit().unit
        return await take_step(here, self.enter, action=f"{self.path}/new", back=self.path, unit=unit)

    def _one(self, record: UUID, here: HereNow) -> Response:
        found = self._found(here, record)
        language, names = language_of(here.request), Names(here)
        entries = here.office.ask(timeline, record)
        say = translate(language).gettext
        rows = [
            (say(N_("Office")), names[found.unit]),
            (say(N_("State")), self._state(language, found)),
        ]
        return render(
            here.request,
            "record.html",
            here.frame(),
            register=self.register,
            path=self.path,
            record=found,
            rows=rows + self._all_fields(here, found),
            steps=[order.DECLARED.step for order in self._possible(here, found)],
            entries=[
                {"at": entry.recorded_at, "title": fact_words(language, entry.name), "by": names[entry.unit]}
                for entry in entries
            ],
        )

    def _json(
        self,
        here: HereNow,
        state: str = "",
        first: Day | None = None,
        last: Day | None = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> list[dict[str, Any]]:
        wanted = self._wanted(here, state, first, last)
        return [
            _plain(row) for row in here.office.ask(self.records.records, wanted, limit=limit, offset=offset)
        ]

    def _one_json(self, record: UUID, here: HereNow) -> dict[str, Any]:
        return _plain(self._found(here, record))

    def _found(self, here: Here, record: UUID) -> RecordRow:
        """A record that the person may see. Errors: NotFound, NotAllowed."""
        here.signed_in()
        found = here.office.ask(self.records.find, record)
        if found is None:
            raise NotFound(what=self.register.stem)
        here.require(self.register.read.action, found.unit)
        return found

    def _begin(self, here: Here, record: UUID, order: type[Order]) -> Begun:
        found = self._found(here, record)
        opened = {name: open_text(here, text) or "" for name, text in found.texts.items()}
        values = {name: _typed(value) for name, value in found.entry.items()} | opened
        return Begun(found.unit, here.office.directory.name_of(found.unit), found.version, values)

    def _back(self, here: Here, record: UUID) -> str:
        return f"{self.path}/{record}"

    def _possible(self, here: Here, found: RecordRow) -> list[type[Order]]:
        """What this person may do with a record now; after its end it is only corrected."""
        if not here.office.keeps(found.unit) or not here.may(self.register.write.action, found.unit):
            return []
        _, change, correct, *endings = self.subject.orders
        return [change, *endings, correct] if found.state == OPEN else [correct]

    def _titles(self) -> list[str]:
        shown = [info.title or "" for info in self._shown().values()]
        return [N_("Office"), *shown, N_("State")]

    def _shown(self) -> dict[str, Any]:
        """The fields that a list has room for: those that are not sealed."""
        return {name: info for name, info in self.register.entry.model_fields.items() if not is_sealed(info)}

    def _cells(self, here: Here, line: RecordRow) -> list[str]:
        return [self._said(here, name, line.entry[name]) for name in self._shown()]

    def _all_fields(self, here: Here, found: RecordRow) -> list[tuple[str, str]]:
        say = translate(language_of(here.request)).gettext
        sealed = {name: open_text(here, text) or say(_NO_KEY) for name, text in found.texts.items()}
        plain = {name: self._said(here, name, value) for name, value in found.entry.items()}
        said = plain | sealed
        return [
            (say(self.register.field(name).title or ""), said[name])
            for name in self.records.names
            if said.get(name)
        ]

    def _said(self, here: Here, name: str, value: Any) -> str:
        """A field as its reader sees it."""
        language, kind = language_of(here.request), kind_of(self.register.field(name))
        if value is None:
            return ""
        if kind is bool:
            return translate(language).gettext(YES if value else NO)
        if kind is date:
            return day_words(language, value)
        if kind is UUID:
            return Names(here)[value]
        return label(language, value, kind.__name__) if kind.__name__ in self.register.words else str(value)

    def _state(self, language: Language, found: RecordRow) -> str:
        return label(language, found.state, self.register.state_kind)

    def _csv(self, here: Here, lines: Iterable[RecordRow]) -> Response:
        language, names = language_of(here.request), Names(here)
        rows: list[list[Cell]] = [
            [names[line.unit], *self._cells(here, line), self._state(language, line), line.opened_at]
            for line in lines
        ]
        header = [translate(language).gettext(title) for title in (*self._titles(), N_("Entered at"))]
        return csv_response(self.register.name, header, rows)


_NO_KEY = N_("The text is sealed. Its key has not arrived at this office yet; it comes by itself.")


def _typed(value: Any) -> str:
    """A value as a form has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _answer(register: Register) -> type[BaseModel]:
    """What the JSON door answers of a record; texts stay sealed."""
    ends = [(name, info) for end in register.endings for name, info in end.fields.model_fields.items()]
    fields = {
        name: kind_of(info)
        for name, info in [*register.entry.model_fields.items(), *ends]
        if not is_sealed(info)
    }
    made: dict[str, Any] = {name: (kind | None, None) for name, kind in fields.items()}
    return create_model(
        f"{register.stem}Answer",
        __doc__=f"One entry of the register; its state is one of {', '.join(register.states)}.",
        record=(UUID, ...),
        unit=(UUID, ...),
        state=(str, ...),
        version=(int, ...),
        **made,
    )


def _plain(row: RecordRow) -> dict[str, Any]:
    known = {"record": row.record, "unit": row.unit, "state": row.state, "version": row.version}
    return known | dict(row.entry)
