"""The computers of the network as pages: which there are, whether they are trusted, and what may be changed of each."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.order import Order
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.render import render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.stepping import show_step, take_step
from shared.work.common.refusals import NotFound
from shared.work.common.unit_info import NodeInfo
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.node_orders import AdmitNode, county_of

router = APIRouter()
_ADD = "/directory/nodes/add"


@router.get("/directory/nodes", dependencies=[right("directory.read")], include_in_schema=False)
def nodes_page(here: HereNow) -> Response:
    """Every computer of the network, with the offices that it keeps."""
    here.require("directory.read", here.unit().unit)
    directory = here.office.directory
    nodes = sorted(directory.nodes.values(), key=lambda node: (node.area, node.name))
    return render(
        here.request,
        "nodes.html",
        here.frame(),
        nodes=[(NodeEntry.id_for(node.name), node, directory.hosted_by(node.name)) for node in nodes],
        may_change=here.may("directory.change", county_of(directory)),
    )


@router.get(_ADD, dependencies=[right("directory.change")], include_in_schema=False)
def admit_page(here: HereNow) -> Response:
    """The form to take in a computer."""
    here.require("directory.change", county_of(here.office.directory))
    return show_step(here, AdmitNode, action=_ADD, back="/directory/nodes", form=Form({"tier": "village"}))


@router.post(_ADD, dependencies=[right("directory.change")], include_in_schema=False)
async def admit_form(here: HereNow) -> Response:
    """Take in a computer."""
    return await take_step(here, AdmitNode, action=_ADD, back="/directory/nodes")


def _node(here: Here, id: UUID) -> NodeInfo:
    for node in here.office.directory.nodes.values():
        if NodeEntry.id_for(node.name) == id:
            return node
    raise NotFound(what="NodeEntry")


def _begin(here: Here, id: UUID, order: type[Order]) -> Begun:
    node = _node(here, id)
    return Begun(county_of(here.office.directory), node.name)


NODE = Thing("node", "node", "/directory/nodes/{node}", _begin, lambda here, node: "/directory/nodes")
