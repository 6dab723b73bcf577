"""How the node is: alive, ready, what departed and who holds it, what is parked."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.node.readiness import NOT_READY, state_of
from shared.web.front import AtTheMachine, is_at_the_machine
from shared.web.here import HereNow
from shared.web.lists import ONLY_FILTERS
from shared.web.render import render
from shared.web.rules import asks, public, right
from shared.work.alarms.questions import AlarmRow, newest_alarms
from shared.work.office.answers import NodeState, Ready
from shared.work.office.restore_report import reports

router = APIRouter()
WATCHED = "for the machine's own supervision; says nothing about any matter"


@router.get("/livez", dependencies=[public(WATCHED)], tags=["state"])
def alive() -> dict[str, str]:
    """The process answers."""
    return {"state": "alive"}


@router.get("/readyz", dependencies=[public(WATCHED)], tags=["state"])
def ready(here: HereNow, response: Response) -> Ready:
    """Whether the office can work; `degraded` where it can and something stands still, as a road or a parked message."""
    reasons = here.office.standing()
    said = Ready(state=state_of(reasons), why=list(reasons))
    response.status_code = 503 if said.state == NOT_READY else 200
    return said


@router.get("/statusz", dependencies=[public(WATCHED)], tags=["state"])
def status(here: HereNow, tally: bool = False) -> NodeState:
    """What departed, what is held where, gaps and holes, parked messages, awaited keys: numbers only.

    For the machine itself, and for people who may see the state of the node. `tally` adds counts over the whole log,
    for a reconciliation; it is for people who are signed in.
    """
    if tally or not is_at_the_machine(here.request.scope):
        here.require("status.read", here.unit().unit)
    state = here.office.state() | (here.office.tally() if tally else {})
    return NodeState.model_validate(state)


@router.get("/settledz", dependencies=[public(WATCHED)], tags=["state"])
def settled(here: HereNow, _: AtTheMachine) -> bool:
    """Whether all that departed is held where it should be, and no key is awaited; for the machine itself."""
    return here.office.is_settled()


@router.get("/api/alarms", dependencies=[right("status.read"), ONLY_FILTERS], tags=["state"])
def alarms(here: HereNow) -> list[AlarmRow]:
    """What computers said that is not for their offices to say, as this office and those below told it."""
    here.require("status.read", here.unit().unit)
    return here.ask(newest_alarms)


@router.get("/state", dependencies=[right("status.read"), asks(16)], include_in_schema=False)
def state_page(here: HereNow) -> Response:
    """The same for people, and the way to the parked messages."""
    here.require("status.read", here.unit().unit)
    return render(
        here.request,
        "state.html",
        here.frame(),
        state=here.office.state(),
        holes=here.ask(here.office.holes),
        restores=here.ask(reports),
        alarms=here.ask(newest_alarms),
        unit_name=lambda unit: here.office.directory.name_of(UUID(unit)),
        office_of=here.office.directory.office_of,
        may_see=here.may("parked.read", here.unit().unit),
    )
