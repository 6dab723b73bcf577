"""Facts that are here and would not be taken today: they came before anybody judged, keep their place, and are named."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Row, select

from shared.audit.check import AT_ONCE, AuditContext
from shared.envelope import Envelope, UnreadableEnvelope
from shared.event_log.group import Group
from shared.event_log.journal import known_among
from shared.event_log.known import JournaledFact
from shared.event_log.names import UnknownFact
from shared.event_log.tables import JOURNAL, RECEIVED, RECEIVED_PLACES
from shared.transport.authority import Authority
from shared.work.common.authority import NotTheirs, Waits

_TAKEN = (
    select(RECEIVED.c.body, RECEIVED_PLACES.c.route)
    .join(JOURNAL, JOURNAL.c.fact == RECEIVED.c.fact)
    .join(RECEIVED_PLACES, RECEIVED_PLACES.c.fact == RECEIVED.c.fact)
    .order_by(JOURNAL.c.position)
)


@dataclass
class _Looking:
    """What judging asks of a group, where nothing is taken."""

    asking: Connection
    on_commit: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    on_rollback: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def find_facts(self, facts: list[UUID]) -> list[JournaledFact]:
        return known_among(self.asking, facts)


def note_what_would_not_be_taken(check: AuditContext) -> None:
    """Add a note for each kind of fact of each node that is here and is not its sender's to say. No finding: it stays."""
    node = check.node
    authority = Authority(node.name, node.settings.network.county_node, node.ways.directory)
    group = cast(Group, _Looking(check.connection))
    found: Counter[str] = Counter()
    rows = check.rows(_TAKEN)
    while some := [*_read(islice(rows, AT_ONCE))]:
        authority.begin(group, [envelope for envelope, _ in some])
        for envelope, route in some:
            if why := _why_not(authority, group, envelope, route):
                found[f"{envelope.source}: {envelope.type}: {why}"] += 1
    check.notes += [f"would not be taken today ({count}): {what}" for what, count in sorted(found.items())]


def _read(rows: Iterable[Row[Any]]) -> Iterable[tuple[Envelope, str]]:
    for row in rows:
        try:
            yield Envelope.read(bytes(row.body)), row.route
        except UnreadableEnvelope:
            continue  # another part of the check names it


def _why_not(authority: Authority, group: Group, envelope: Envelope, route: str) -> str:
    try:
        authority.require_theirs(group, envelope, route)
    except NotTheirs as error:
        return str(error)
    except (Waits, UnknownFact):
        pass
    return ""
