"""What a restore says at the terminal: offices by their names, moments in their zone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from shared.envelope import moment_of
from shared.restore.session import RestoreProgress
from shared.transport.route_names import route_and_incarnation
from shared.transport.routes import UP, node_of_mailbox, way_of
from shared.work.common.calendar import ZONE
from shared.work.common.unit_tree import Directory
from shared.work.office.restore_report import Report

WAYS = {UP: "upward"}


def progress_told(progress: RestoreProgress, directory: Directory) -> str:
    """How far it is."""
    parts = [f"{progress.returned} facts of its own have come back"]
    if progress.silent:
        parts.append(f"no answer yet from {nodes_told(progress.silent, directory)}")
    if progress.on_the_way:
        told = (f"{route_told(name, directory)} up to {n}" for name, n in progress.on_the_way.items())
        parts.append(f"on the way: {', '.join(told)}")
    if progress.gaps:
        parts.append(gaps_told(progress.gaps, directory))
    return "; ".join(parts)


def gaps_told(gaps: Iterable[str], directory: Directory) -> str:
    """What others send again."""
    parts = (gap.partition(" ") for gap in gaps)
    told = (f"{node_told(node, directory)} {route_told(route, directory)}" for node, _, route in parts)
    return f"being sent again: {', '.join(told)}"


def told(report: Report, directory: Directory) -> str:
    """What came of it."""
    lines = [
        f"life {report.life} has begun; {report.taken_back} facts came back; known until {local(report.known_until)}",
        f"what was entered after that and before {local(report.begun_at)} is to be entered again from paper",
    ]
    lines += [f"no answer: {node_told(node, directory)}" for node in report.silent]
    lines += [
        f"lost: numbers {lost.first} to {lost.last} {route_told(lost.route, directory)}"
        for lost in report.lost
    ]
    for register in report.registers:
        lost = ", ".join(map(str, register.lost))
        lines.append(
            f"register of {directory.name_of(UUID(register.unit))}, {register.year}: last {register.last}, next {register.next}"
            + (f"; given and lost: {lost}" if lost else "")
        )
    lines += [f"torn, takes no order: {torn}" for torn in report.torn]
    if report.awaited_keys:
        lines.append(f"keys of {report.awaited_keys} matters are awaited from the offices that have them")
    return "\n".join(lines)


def nodes_told(nodes: Iterable[str], directory: Directory) -> str:
    """Nodes with what people call them; the name stays, since commands take it."""
    return ", ".join(node_told(node, directory) for node in nodes)


def node_told(node: str, directory: Directory) -> str:
    """A node with what people call it."""
    office = directory.office_of(node)
    return node if office == node else f"{office} ({node})"


def route_told(name: str, directory: Directory) -> str:
    """Where a route goes, and in which life of its node."""
    route, life = route_and_incarnation(name)
    node = node_of_mailbox(way_of(route))
    where = f"to {node_told(node, directory)}" if node else WAYS.get(way_of(route), route)
    return where if life == 1 else f"{where} in life {life}"


def local(moment: str) -> str:
    """A moment in the zone of the offices."""
    if not moment:
        return "never"
    at: datetime = moment_of(moment).astimezone(ZONE)
    return f"{at:%Y-%m-%d %H:%M} ({ZONE.key})"
