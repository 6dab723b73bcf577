"""The directory as pages: units below a unit, adding one, and what may be changed of each."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.order import Order
from shared.projections import hand_overs
from shared.web.csv_file import csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.lists import Names, is_file
from shared.web.render import render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.stepping import show_step, take_step
from shared.work.common.refusals import UnknownUnit
from shared.work.common.unit_info import UnitInfo
from shared.work.directory.orders import OpenUnit

router = APIRouter()


@router.get("/directory", dependencies=[right("directory.read", "list.download")], include_in_schema=False)
def directory_page(here: HereNow, below: UUID | None = None, format: str = "") -> Response:
    """Units below one unit, with the computer that keeps each."""
    directory = here.office.directory
    here.require("directory.read", here.unit().unit)
    parent = directory.find(below) if below else directory.root()
    if parent is None:
        raise UnknownUnit(unit=below)
    if is_file(format):
        here.require("list.download", here.unit().unit)
        return _directory_csv(here, directory.children(parent.unit, closed=True), Names(here))
    children = directory.children(parent.unit, closed=True)
    return render(
        here.request,
        "directory.html",
        here.frame(),
        parent=parent,
        children=[(unit, len(directory.children(unit.unit))) for unit in children],
        on_the_way=here.office.ask(hand_overs.on_the_way, children),
        may_change=here.may("directory.change", parent.unit),
        names=Names(here),
        present=directory.present,
    )


@router.get("/directory/add", dependencies=[right("directory.change")], include_in_schema=False)
def open_unit_page(here: HereNow, parent: UUID) -> Response:
    """The form to add a village or community."""
    above = _unit(here, parent)
    node = next((unit.node for unit in here.office.directory.children(parent)), "")
    form = Form({"parent": str(parent), "node": node, "kind": "village", "code": above.code[:9]})
    return show_step(here, OpenUnit, action="/directory/add", back=f"/directory?below={parent}", form=form)


@router.post("/directory/add", dependencies=[right("directory.change")], include_in_schema=False)
async def open_unit_form(here: HereNow) -> Response:
    """Add a village or community."""
    return await take_step(here, OpenUnit, action="/directory/add", back="/directory")


def _directory_csv(here: Here, units: list[UnitInfo], names: Names) -> Response:
    header = ["code", "name", "name_en", "kind", "node", "contact", "opened_on", "closed_on"]
    rows = ([*(getattr(unit, name) for name in header), names[unit.successor]] for unit in units)
    return csv_response(here, "directory", [*header, "successor"], rows)


def _unit(here: Here, unit: UUID) -> UnitInfo:
    found = here.office.directory.find(unit)
    if found is None:
        raise UnknownUnit(unit=unit)
    here.require("directory.change", unit)
    return found


def _begin(here: Here, unit: UUID, order: type[Order]) -> Begun:
    found = _unit(here, unit)
    names = ("name", "name_en", "code", "contact", "node")
    values = {name: getattr(found, name) for name in names}
    return Begun(unit, found.name, version=found.version, values=values)


def _back(here: Here, unit: UUID) -> str:
    parent = _unit(here, unit).parent
    return f"/directory?below={parent}" if parent else "/directory"


UNIT = Thing("unit", "unit", "/directory/{unit}", _begin, _back)
