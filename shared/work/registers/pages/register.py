"""The pages of a register: its list with filters and CSV, one record with its time line, JSON."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.order import Order
from shared.projections.timeline import timeline
from shared.web.csv_file import csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices, fact_words
from shared.web.lists import ONLY_FILTERS, ApiPart, PartAsked, every_line, is_file, open_text, part_of
from shared.web.render import render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.stepping import show_step, take_step
from shared.web.unchanged import KEPT
from shared.work.common.order_refusals import KeyNotHere
from shared.work.common.sentences import N_
from shared.work.registers.declaration import OPEN, Register
from shared.work.registers.orders import ChangeRecord, CorrectRecord
from shared.work.registers.pages.answers import plain, record_answer
from shared.work.registers.pages.asked import Asked, record_asked
from shared.work.registers.pages.figures import Figures
from shared.work.registers.pages.papers import Papers
from shared.work.registers.pages.wording import Wording
from shared.work.registers.records import RecordRow, Records
from shared.work.subject import Subject


class RegisterPages:
    """The pages of one register; `thing` carries the steps of a record, `router` the rest."""

    def __init__(self, subject: Subject, records: Records) -> None:
        self.subject, self.records = subject, records
        self.register: Register = records.register
        self.enter: type[Order] = subject.orders[0]
        self.path = f"/{self.register.name}"
        self.thing = Thing(self.register.name, "record", f"{self.path}/{{record}}", self._begin, self._back)
        self.router, self.papers = APIRouter(), Papers(records)
        self._add_routes()

    def _add_routes(self) -> None:
        read, write = self.register.read.action, self.register.write.action
        add, name = self.router.add_api_route, self.register.topic
        hidden: dict[str, Any] = {"include_in_schema": False}
        one = record_answer(self.register)
        if self.register.counters:
            Figures(self.records).add_to(self.router)
        self.papers.add_to(self.router)
        add(self.path, self._list, dependencies=[right(read, "list.download"), KEPT], **hidden)
        add(f"{self.path}/new", self._new, dependencies=[right(write)], **hidden)
        add(f"{self.path}/new", self._enter, methods=["POST"], dependencies=[right(write)], **hidden)
        add(f"{self.path}/{{record}}", self._one, dependencies=[right(read), KEPT], **hidden)
        api: dict[str, Any] = {"dependencies": [right(read), ONLY_FILTERS], "tags": ["questions"]}
        about = f"Entries of the register «{self.register.title}»"
        add(
            f"/api{self.path}",
            self._json,
            response_model=list[one],
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

    def _list(self, here: HereNow, asked: Asked, stretch: PartAsked, format: str = "") -> Response:
        wanted, words = asked.wanted(here, self.register), Wording(here, self.register)
        if is_file(format, "paper"):
            here.require("list.download", here.unit().unit)
            return self._csv(here, words, every_line(here, self.records.records, wanted, line_id=_id))
        if format == "paper":
            return self.papers.listed(here, asked)
        found = here.ask(self.records.records, wanted, stretch=stretch)
        part = part_of(found, stretch, _id)
        return render(
            here.request,
            "register.html",
            here.frame(),
            register=self.register,
            path=self.path,
            columns=words.titles(),
            rows=[(line, words.cells(line)) for line in part.lines],
            part=part,
            count=here.ask(self.records.count, wanted),
            states=choices(words.language, self.register.state_kind),
            counters=[(one.name, words.say(one.title)) for one in self.register.counters],
            asked=asked,
            query=asked.query(),
            form=Form(asked.query()),
            office=words.with_those_below(asked.below) if asked.below else words.names[asked.unit],
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
        found, words = record_asked(here, self.records, record), Wording(here, self.register)
        entries = here.ask(timeline, record)
        rows = [
            (words.say(N_("Office")), words.names[found.unit]),
            (words.say(N_("State")), words.state(found)),
        ]
        return render(
            here.request,
            "record.html",
            here.frame(),
            register=self.register,
            path=self.path,
            record=found,
            rows=rows + words.fields(found),
            papers=[paper for paper in self.register.papers if paper.fits(found.state)],
            steps=[order.DECLARED.step for order in self._possible(here, found)],
            entries=[
                {
                    "at": entry.recorded_at,
                    "title": fact_words(words.language, entry.name),
                    "by": words.names[entry.unit],
                }
                for entry in entries
            ],
        )

    def _json(self, here: HereNow, asked: Asked, stretch: ApiPart) -> list[dict[str, Any]]:
        wanted = asked.wanted(here, self.register)
        return [plain(row) for row in here.ask(self.records.records, wanted, stretch=stretch)]

    def _one_json(self, record: UUID, here: HereNow) -> dict[str, Any]:
        return plain(record_asked(here, self.records, record))

    def _begin(self, here: Here, record: UUID, order: type[Order]) -> Begun:
        """What a step's form begins with. Errors: KeyNotHere where it would save a text anew that cannot be read here."""
        found = record_asked(here, self.records, record)
        opened = {name: open_text(here, text) for name, text in found.texts.items()}
        if None in opened.values() and issubclass(order, ChangeRecord | CorrectRecord):
            raise KeyNotHere()
        values: dict[str, Any] = {name: _typed(value) for name, value in found.entry.items()} | opened
        return Begun(found.unit, here.office.directory.name_of(found.unit), found.version, values)

    def _back(self, here: Here, record: UUID) -> str:
        return f"{self.path}/{record}"

    def _possible(self, here: Here, found: RecordRow) -> list[type[Order]]:
        """What this person may do with a record now; after its end it is only corrected."""
        if not here.office.keeps(found.unit) or not here.may(self.register.write.action, found.unit):
            return []
        _, change, correct, *endings = self.subject.orders
        return [change, *endings, correct] if found.state == OPEN else [correct]

    def _csv(self, here: Here, words: Wording, lines: Iterable[RecordRow]) -> Response:
        rows = ([*words.file_cells(line), line.opened_at] for line in lines)
        return csv_response(here, self.register.name, [*words.titles(), words.say(N_("Entered at"))], rows)


def _id(line: RecordRow) -> UUID:
    return line.record


def _typed(value: Any) -> str:
    """A value as a form has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
