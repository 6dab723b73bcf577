"""What only the county sees: the feed, matters by state and age, the directory, and the public question."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from shared.accounts.rate import MovingWindow
from shared.casework.refusals import Refusal, UnknownUnit
from shared.directory import UnitInfo
from shared.orders.input import Line
from shared.orders.matters import fits
from shared.pages.answers import AgeCount, AskAnswer
from shared.pages.csv_file import csv_response
from shared.pages.form import Form, with_refusal
from shared.pages.here import Here, HereNow
from shared.pages.labels_of_facts import fact_words
from shared.pages.render import language_of, render
from shared.pages.rules import public, right
from shared.pages.stepping import one, read_form, show_step, take_step
from shared.pages.steps import OPEN_UNIT, UNIT_STEPS, Step
from shared.pages.views import PAGE, Limit, Names, Offset, Page
from shared.projections.matter import case_by_number, public_status, query_check_of
from shared.projections.matters import Age, Wanted, by_state_and_age
from shared.projections.present import MatterState
from shared.projections.timeline import Entry, count_feed, feed, registration

router = APIRouter()

ASKED_AT_MOST, ASKED_WITHIN = 20, timedelta(minutes=5)
"""Public questions from one address: a petitioner asks once or twice, a village office for a few people."""
_asked = MovingWindow(most=ASKED_AT_MOST, within=ASKED_WITHIN)


class AskedTooOften(Refusal):
    """Too many public questions from one address."""

    code = "asked-too-often"
    sentence = "Too many questions from this connection. Wait %(minutes)s minutes and ask again."
    status = 429


class NumberAndCodeDoNotFit(Refusal):
    """No matter with that number and that query code; which of the two is wrong is not said."""

    code = "number-and-code-do-not-fit"
    sentence = (
        "There is no matter with this number and query code. Both stand on the receipt; letters and digits"
        " count, spaces do not. A matter registered a moment ago may take a minute to arrive here."
    )
    status = 404


@router.get("/feed", dependencies=[right("feed.read", "list.download")], include_in_schema=False)
def feed_page(here: HereNow, page: Page = 1, format: str = "") -> Response:
    """What just came in from the offices below, the last first."""
    _require_county(here, "feed.read")
    if format == "csv":
        here.require("list.download", here.unit().unit)
        return _feed_csv(here)
    entries = here.office.ask(feed, limit=PAGE, offset=(page - 1) * PAGE)
    language = language_of(here.request)
    return render(
        here.request,
        "feed.html",
        here.frame(),
        entries=[(entry, fact_words(language, entry.name)) for entry in entries],
        count=here.office.ask(count_feed),
        page=page,
        size=PAGE,
        names=Names(here),
    )


@router.get("/api/feed", dependencies=[right("feed.read")], tags=["questions"])
def feed_json(here: HereNow, limit: Limit = 100, offset: Offset = 0) -> list[Entry]:
    """What came in, the last first; texts stay sealed."""
    _require_county(here, "feed.read")
    return here.office.ask(feed, limit=limit, offset=offset)


@router.get("/ages", dependencies=[right("matter.read")], include_in_schema=False)
def ages_page(here: HereNow) -> Response:
    """Matters of the whole county by state and age; each number opens its list."""
    _require_county(here, "matter.read")
    return render(
        here.request,
        "ages.html",
        here.frame(),
        table=here.office.ask(by_state_and_age, Wanted(), as_of=here.at),
        states=list(MatterState),
        ages=list(Age),
    )


@router.get("/api/ages", dependencies=[right("matter.read")], tags=["questions"])
def ages_json(here: HereNow) -> list[AgeCount]:
    """Counts of matters by state and age in days."""
    _require_county(here, "matter.read")
    table = here.office.ask(by_state_and_age, Wanted(), as_of=here.at)
    return [AgeCount(state=state, age=age, count=count) for (state, age), count in sorted(table.items())]


@router.get("/directory", dependencies=[right("directory.read", "list.download")], include_in_schema=False)
def directory_page(here: HereNow, below: UUID | None = None, format: str = "") -> Response:
    """Units below one unit, with the computer that keeps each."""
    directory = here.office.directory
    here.require("directory.read", here.unit().unit)
    parent = directory.find(below) if below else directory.root()
    if parent is None:
        raise UnknownUnit(unit=below)
    if format == "csv":
        here.require("list.download", here.unit().unit)
        return _directory_csv(directory.children(parent.unit, closed=True))
    return render(
        here.request,
        "directory.html",
        here.frame(),
        parent=parent,
        children=[
            (unit, len(directory.children(unit.unit)))
            for unit in directory.children(parent.unit, closed=True)
        ],
        may_change=here.may("directory.change", parent.unit),
    )


@router.get("/directory/add", dependencies=[right("directory.change")], include_in_schema=False)
def open_unit_page(here: HereNow, parent: UUID) -> Response:
    """The form to add a village or community."""
    above = _unit(here, parent)
    node = next((unit.node for unit in here.office.directory.children(parent)), "")
    form = Form({"parent": str(parent), "node": node, "kind": "village", "code": above.code[:9]})
    return show_step(here, OPEN_UNIT, action="/directory/add", back=f"/directory?below={parent}", form=form)


@router.post("/directory/add", dependencies=[right("directory.change")], include_in_schema=False)
async def open_unit_form(here: HereNow) -> Response:
    """Add a village or community."""
    return await take_step(here, OPEN_UNIT, action="/directory/add", back="/directory")


def _add_unit_step(name: str, step: Step) -> None:
    path, rule = f"/directory/{{unit}}/{name}", [right(*step.rights)]

    def show(unit: UUID, here: HereNow) -> Response:
        found = _unit(here, unit)
        begun = {"name": found.name, "name_en": found.name_en, "code": found.code, "contact": found.contact}
        return show_step(
            here,
            step,
            action=f"/directory/{unit}/{name}",
            back=f"/directory?below={found.parent}" if found.parent else "/directory",
            subject=found.name,
            form=Form(begun | {"node": found.node}),
        )

    async def take(unit: UUID, here: HereNow) -> Response:
        found = await run_in_threadpool(_unit, here, unit)
        back = f"/directory?below={found.parent}" if found.parent else "/directory"
        return await take_step(here, step, action=f"/directory/{unit}/{name}", back=back, unit=unit)

    router.add_api_route(path, show, methods=["GET"], dependencies=rule, include_in_schema=False)
    router.add_api_route(path, take, methods=["POST"], dependencies=rule, include_in_schema=False)


@router.get(
    "/ask", dependencies=[public("a petitioner asks with number and query code")], include_in_schema=False
)
def ask_page(here: HereNow) -> Response:
    """The public question: how does my matter stand?"""
    return _ask_page(here, Form())


@router.post(
    "/ask", dependencies=[public("a petitioner asks with number and query code")], include_in_schema=False
)
async def ask_form(here: HereNow) -> Response:
    """The state of a matter in plain words; nothing of persons."""
    form = await read_form(here.request)
    try:
        found = await run_in_threadpool(_status, here, one(form, "number"), one(form, "query_code"))
    except Refusal as refusal:
        wrong = with_refusal(language_of(here.request), {"number": one(form, "number")}, refusal)
        return await run_in_threadpool(_ask_page, here, wrong, refusal.status)
    return await run_in_threadpool(render, here.request, "ask.html", here.frame(), form=Form(), found=found)


@router.get(
    "/api/ask", dependencies=[public("a petitioner asks with number and query code")], tags=["public"]
)
def ask_json(here: HereNow, number: Line, query_code: Line) -> AskAnswer:
    """The state of a matter by number and query code, and the proof that it was registered."""
    return _status(here, number, query_code)


def _ask_page(here: Here, form: Form, status: int = 200) -> Response:
    return render(here.request, "ask.html", here.frame(), status=status, form=form, found=None)


def _status(here: Here, number: str, code: str) -> AskAnswer:
    address = here.request.client.host if here.request.client else "unknown"
    if not _asked.admit(f"{here.office.name} {address}", here.at):
        raise AskedTooOften(minutes=int(ASKED_WITHIN.total_seconds() // 60))
    if not fits(here.office.ask(query_check_of, number.strip()), code):
        raise NumberAndCodeDoNotFit()
    found = here.office.ask(public_status, number.strip(), as_of=here.at)
    return AskAnswer(**vars(found), proof=_proof(here, number.strip()))


def _proof(here: Here, number: str) -> str:
    """The proof of a matter's registration; empty while no other office has signed for it."""
    case = here.office.ask(case_by_number, number)
    fact = here.office.ask(registration, case) if case else None
    return here.office.proofs.inclusion(fact) if fact else ""


def _require_county(here: Here, action: str) -> None:
    """What shows the whole county is for the bureau's people; a department beside it sees its own.

    Errors: NotSignedIn, NotAllowed.
    """
    own, root = here.unit(), here.office.directory.root()
    here.require(action, root.unit if root else own.unit)


def _feed_csv(here: Here) -> Response:
    names = Names(here)
    entries = here.office.ask(feed, limit=None)
    rows = [
        [
            entry.name,
            names[entry.unit],
            entry.recorded_at.isoformat(),
            (entry.arrived_at or entry.recorded_at).isoformat(),
        ]
        for entry in entries
    ]
    return csv_response("feed", ["fact", "unit", "recorded_at", "arrived_at"], rows)


def _directory_csv(units: list[UnitInfo]) -> Response:
    header = ["code", "name", "name_en", "kind", "node", "contact", "opened_on", "closed_on"]
    rows = [[getattr(unit, name) for name in header] for unit in units]
    return csv_response("directory", header, rows)


def _unit(here: Here, unit: UUID) -> Any:
    found = here.office.directory.find(unit)
    if found is None:
        raise UnknownUnit(unit=unit)
    here.require("directory.change", unit)
    return found


for _name, _step in UNIT_STEPS.items():
    _add_unit_step(_name, _step)
