"""What the bureau sees of the whole county: what just came in, and matters by state and age."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.projections.last_contact import count_came_in
from shared.web.csv_file import csv_response
from shared.web.here import Here, HereNow
from shared.web.languages.labels import fact_words
from shared.web.lists import ONLY_FILTERS, ApiPart, Names, PartAsked, every_line, is_file, part_of
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.unchanged import KEPT
from shared.work.common.sentences import N_
from shared.work.matters.answers import AgeCount
from shared.work.matters.questions.matters import by_state_and_age
from shared.work.matters.questions.present_matters import Age
from shared.work.matters.questions.timeline import MatterEntry, feed
from shared.work.matters.stages import MatterState
from shared.work.tier_app import registers_of

router = APIRouter()

REGISTERS = {pages.register.topic: pages.register for pages in registers_of()}
"""Registers by the first part of the stored names of their facts."""


@router.get("/feed", dependencies=[right("feed.read", "list.download"), KEPT], include_in_schema=False)
def feed_page(here: HereNow, stretch: PartAsked, format: str = "") -> Response:
    """What just came in from the offices below, the last first."""
    _require_county(here, "feed.read")
    if is_file(format):
        here.require("list.download", here.unit().unit)
        return _feed_csv(here)
    part = part_of(here.ask(feed, stretch=stretch), stretch, _id)
    language = language_of(here.request)
    return render(
        here.request,
        "feed.html",
        here.frame(),
        entries=[(entry, fact_words(language, entry.name), *_shown_at(entry)) for entry in part.lines],
        part=part,
        count=here.ask(count_came_in),
        names=Names(here),
    )


@router.get("/api/feed", dependencies=[right("feed.read"), ONLY_FILTERS], tags=["questions"])
def feed_json(here: HereNow, stretch: ApiPart) -> list[MatterEntry]:
    """What came in, the last first; texts stay sealed. `after` the id of a fact is the next part."""
    _require_county(here, "feed.read")
    return here.ask(feed, stretch=stretch)


@router.get("/ages", dependencies=[right("matter.read"), KEPT], include_in_schema=False)
def ages_page(here: HereNow) -> Response:
    """Matters of the whole county by state and age; each number opens its list."""
    _require_county(here, "matter.read")
    return render(
        here.request,
        "ages.html",
        here.frame(),
        table=here.ask(by_state_and_age, as_of=here.at),
        states=list(MatterState),
        ages=list(Age),
    )


@router.get("/api/ages", dependencies=[right("matter.read"), ONLY_FILTERS], tags=["questions"])
def ages_json(here: HereNow) -> list[AgeCount]:
    """Counts of matters by state and age in days."""
    _require_county(here, "matter.read")
    table = here.ask(by_state_and_age, as_of=here.at)
    return [AgeCount(state=state, age=age, count=count) for (state, age), count in sorted(table.items())]


def _shown_at(entry: MatterEntry) -> tuple[str, str]:
    """The address of the page that shows what a fact is about, and what that is called; empty where there is none."""
    topic = entry.name.partition(".")[0]
    if topic == "report":
        return f"/reports/{entry.unit}/{entry.data['day']}", N_("Report")
    if register := REGISTERS.get(topic):
        return f"/{register.name}/{entry.stream}", register.one
    return (f"/matters/{entry.case}", N_("Matter")) if entry.case else ("", "")


def _require_county(here: Here, action: str) -> None:
    """What shows the whole county is for the bureau's people; a department beside it sees its own.

    Errors: NotSignedIn, NotAllowed.
    """
    own, root = here.unit(), here.office.directory.root()
    here.require(action, root.unit if root else own.unit)


def _id(entry: MatterEntry) -> UUID:
    return entry.fact


def _feed_csv(here: Here) -> Response:
    names = Names(here)
    entries = every_line(here, feed, line_id=_id)
    rows = (
        [entry.name, names[entry.unit], entry.recorded_at, entry.arrived_at or entry.recorded_at]
        for entry in entries
    )
    return csv_response(here, "feed", ["fact", "unit", "recorded_at", "arrived_at"], rows)
