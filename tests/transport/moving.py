"""Offices that move between the computers of the small county, and what they say to each other meanwhile."""

from uuid import UUID

from shared.audit.verify import verify_node
from shared.node.node import Node
from shared.process.host import Host
from shared.work.common.words import MatterClass, ObjectionGround, Purpose
from shared.work.directory.orders import RehostUnit
from shared.work.matters.orders.handling import ObjectToReferral
from shared.work.matters.orders.referring import AssessMatter, ReferMatter
from shared.work.matters.questions import matter as matters
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, VILLAGE_1, TinyNetwork
from tests.transport.postman import parked
from tests.transport.wire_tools import until

OLD, NEW = "villages-100", ALONE
STORY = "水渠改道淹了三亩稻田"


def settled(host: Host) -> None:
    until(lambda: all(node.is_settled() for node in host.nodes.values()))


def move(tiny: TinyNetwork, county: Node, to: str, code: str = VILLAGE_1) -> None:
    tiny.give(county, COUNTY, RehostUnit(unit=tiny.units[code], node=to), role="administrator")


def assess(case: UUID) -> AssessMatter:
    return AssessMatter(case=case, matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION)


def whole(host: Host) -> None:
    """Everything that a check of every node finds."""
    settled(host)
    assert [verify_node(node).findings for node in host.nodes.values()] == [()] * len(host.nodes)
    assert [parked(node) for node in host.nodes.values()] == [[]] * len(host.nodes)


def shown(node: Node, case: UUID) -> matters.Matter:
    found = node.ask(matters.matter, case, as_of=node.now())
    assert found
    return found


def referred(tiny: TinyNetwork) -> UUID:
    """A matter of the office that its township has, with its keys."""
    with tiny.host() as host:
        case = tiny.register(host.nodes[OLD], VILLAGE_1)
        tiny.give(host.nodes[OLD], VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_A]))
        settled(host)
    return case


def objects(tiny: TinyNetwork, town: Node, case: UUID) -> None:
    referral = shown(town, case).hands[-1].referral
    order = ObjectToReferral(referral=referral, ground=ObjectionGround.OTHER_PLACE, reason="邻镇")
    tiny.give(town, TOWN_A, order)
