"""Where a fact goes: a pure function of the fact, the node it was recorded on and the directory.

| fact | routes |
| --- | --- |
| any fact of a village or township node | `up` |
| a fact addressed to a unit of another node that does not read it on `up` | `to:<that node>` |
| a directory fact about a node, the county, a department or a township | `to:<every node>` |
| a directory fact about a village | `to:<node>` of the village, of its township, of the office that goes on with its work and of the township of that, each now and before the fact |
| a fact of a unit whose township does not read it on `up` | `to:<node of that township>` |

A fact that came back to a restored node without its place on one of its routes takes that way on a route of
its own, `up+2` or `to:<node>+2` in the node's second incarnation: the old numbers were signed for what is lost.

The county's own facts take `up` only when there is a tier above, which this release does not have.
"""

from collections.abc import Iterable
from uuid import UUID

from shared.envelope import Envelope
from shared.event_log.tables import UP
from shared.work.common.unit_info import is_above
from shared.work.common.unit_tree import Directory

_AGAIN = "+"
"""Stands in no node's name, as founding and opening make them."""
DIRECTORY_KINDS = frozenset({"unit", "node"})
"""Kinds of records that the directory consists of."""
_KNOWN_EVERYWHERE = frozenset({"county", "department", "township"})


def mailbox_route(node: str) -> str:
    """The route to one node's mailbox."""
    return f"to:{node}"


def again(route: str, incarnation: int) -> str:
    """The route on which an incarnation sends what came back of earlier ones without a place on this route."""
    return f"{route}{_AGAIN}{incarnation}"


def way_of(route: str) -> str:
    """The route whose way a route takes: its own name, but for one that goes again."""
    return route.partition(_AGAIN)[0]


def node_of_mailbox(route: str) -> str | None:
    """The node whose mailbox a route leads to; none for `up`."""
    return way_of(route).removeprefix("to:") if route.startswith("to:") else None


def routes_of(
    envelope: Envelope, me: str, directory: Directory, before: Directory | None = None
) -> list[str]:
    """The routes that a fact of node `me` takes, each once; `before` is the directory without the fact."""
    routes = [UP] if directory.nodes[me].tier != "county" else []
    targets: list[str] = []
    if envelope.kind in DIRECTORY_KINDS:
        for known in (directory, before or directory):
            targets += _directory_targets(envelope, known)
    else:
        targets += _nodes_of(offices_above(envelope.unit, directory), directory)
    nodes = dict.fromkeys([*targets, *_nodes_of(envelope.addressees, directory)])
    already = {me, *readers_of_up(me, directory)}
    return routes + [mailbox_route(node) for node in nodes if node not in already]


def readers_of_up(me: str, directory: Directory) -> list[str]:
    """The nodes that read everything of node `me`: its township's and the county's; none of one that is not known.

    What is addressed to one of them takes no second route, since two routes have no order between them.
    """
    own = directory.nodes.get(me)
    if own is None:
        return []
    return [node.name for node in directory.trusted if is_above(node, own)]


def witnesses_of(me: str, directory: Directory) -> list[str]:
    """The nodes that cosign node `me`'s checkpoints: those above it; for the county's, every township's."""
    if me not in directory.nodes:
        return []
    townships = [node.name for node in directory.trusted if node.tier == "township"]
    return townships if directory.nodes[me].tier == "county" else readers_of_up(me, directory)


def _nodes_of(units: Iterable[UUID], directory: Directory) -> list[str]:
    return [found.node for unit in units if (found := directory.find(unit))]


def _directory_targets(envelope: Envelope, directory: Directory) -> Iterable[str]:
    unit = directory.find(envelope.stream) if envelope.kind == "unit" else None
    if envelope.kind == "unit" and unit is None:
        return ()
    if unit is None or unit.kind in _KNOWN_EVERYWHERE:
        return [node.name for node in directory.trusted]
    now = directory.present(unit.unit)
    return _nodes_of([unit.unit, now, *offices_above(unit.unit, directory)], directory)


def offices_above(unit: UUID, directory: Directory) -> list[UUID]:
    """Who watches a unit: the office that it belongs to, and that to which whoever goes on with its work belongs."""
    found = (directory.find(one) for one in dict.fromkeys((unit, directory.present(unit))))
    return list(dict.fromkeys(one.parent for one in found if one and one.parent))
