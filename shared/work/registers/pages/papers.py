"""What is printed of a register: the papers of one record, and the list of a span as one paper."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.accounts.refusals import NoSuchAccount
from shared.projections.timeline import Entry, timeline
from shared.web.here import Here, HereNow
from shared.web.languages.labels import fact_words
from shared.web.languages.words import day_words
from shared.web.render import render
from shared.web.rules import right
from shared.work.common.refusals import NotFound
from shared.work.common.sentences import N_
from shared.work.common.stretch import Stretch
from shared.work.registers.declaration import Paper
from shared.work.registers.pages.asked import Filter, record_asked
from shared.work.registers.pages.wording import COUNTED, Wording
from shared.work.registers.records import Records, WantedRecords

LINES = 500
"""Most records on a printed list: some twenty sheets."""


class Papers:
    """The papers of a register."""

    def __init__(self, records: Records) -> None:
        self.records, self.register = records, records.register
        self.path = f"/{self.register.name}"

    def add_to(self, router: APIRouter) -> None:
        """Add a route for each paper of a record."""
        rules: list[Any] = [right(self.register.read.action)]
        for paper in self.register.papers:
            address, page = f"{self.path}/{{record}}/{paper.name}", self._page_of(paper)
            router.add_api_route(address, page, dependencies=rules, include_in_schema=False)

    def _page_of(self, paper: Paper) -> Callable[..., Response]:
        def page(record: UUID, here: HereNow) -> Response:
            return self._page(here, record, paper)

        return page

    def _page(self, here: Here, record: UUID, paper: Paper) -> Response:
        found, words = record_asked(here, self.records, record), Wording(here, self.register)
        if not paper.fits(found.state):
            raise NotFound(what=words.say(paper.title))
        told = [] if paper.fields else here.ask(timeline, record)
        state = [] if paper.fields else [(words.say(N_("State")), words.state(found))]
        return render(
            here.request,
            "register_paper.html",
            here.frame(),
            register=self.register,
            path=self.path,
            paper=paper,
            record=found,
            office=words.names[found.unit],
            rows=[*words.fields(found, paper.fields), *state],
            recorded=[
                (entry.recorded_at, fact_words(words.language, entry.name), _who(here, entry))
                for entry in told
            ],
        )

    def listed(self, here: Here, asked: Filter) -> Response:
        """A list as one paper. Errors: UnknownUnit, NotAllowed."""
        wanted, words = asked.wanted(here, self.register), Wording(here, self.register)
        lines = here.ask(self.records.records, wanted, stretch=Stretch(LINES))
        return render(
            here.request,
            "register_list_paper.html",
            here.frame(),
            register=self.register,
            path=self.path,
            query=asked.query(),
            chosen=_chosen(here, words, asked, wanted),
            titles=words.titles(),
            rows=[[line.running or "", *words.cells(line)] for line in lines],
            count=here.ask(self.records.count, wanted),
        )


def _chosen(here: Here, words: Wording, asked: Filter, wanted: WantedRecords) -> list[tuple[str, str]]:
    """What a list is of, for its head: the office, the days, and what else was chosen."""
    top = asked.unit or asked.below or here.unit().unit
    alone = wanted.units == {top}
    days = [(N_("First day"), wanted.first), (N_("Last day"), wanted.last)]
    return [
        (words.say(N_("Office")), words.names[top] if alone else words.with_those_below(top)),
        *((words.say(title), day_words(words.language, day)) for title, day in days if day),
        *([(words.say(N_("State")), words.state_called(wanted.state))] if wanted.state else []),
        *([(words.say(COUNTED), words.say(wanted.counter.title))] if wanted.counter else []),
    ]


def _who(here: Here, entry: Entry) -> str:
    """The official who recorded a fact, where the account is this computer's; else the office alone is known."""
    if not here.office.keeps(entry.unit):
        return ""
    try:
        return here.office.accounts.get(entry.actor).name
    except NoSuchAccount:
        return ""
