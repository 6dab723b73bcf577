"""What becomes of a fact whose number is held: it is believed, it waits for what it rests on, or it is parked for good."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.names import UnknownFact
from shared.settings.clock import Clock
from shared.transport.authority import Authority
from shared.transport.evidence_here import Told
from shared.transport.messages import OnRoute, read_fact
from shared.transport.parking import (
    Reason,
    SourceRecord,
    admitted_messages,
    park,
    park_for,
    refuse_to_park,
    unpark,
)
from shared.transport.positions import Positions
from shared.transport.wire import Arrived
from shared.work.common.authority import About, Kind, NotTheirs, Waits

log = logging.getLogger(__name__)

PARKED_AT_MOST = 16 * 1024 * 1024
"""Most that is parked of one source. Unit: bytes of headers and values; a day of a county, and small beside any disk.

Beyond it nothing more that the source signed is held, so that it stays with its sender, who sends it again. What only
bears its name is counted apart, since anybody may have written it: it holds back nothing, and beyond as much it is
counted and not kept.
"""
NOBODY = ""
"""In whose name all is counted that bears the name of no node: there are as many such names as somebody likes to make."""


NOTHING_TOLD: Mapping[About, Told] = {}


class Admitting:
    """Takes facts into the journal, inside the node's writer; what is parked keeps later facts of its own record only.

    `on_violation` is told of each fact that its sender signed and may not have said, `on_waiting` of what a fact waits for, and
    `on_admitted` of each node that the directory took in, once that is durable.
    """

    def __init__(
        self,
        me: str,
        authority: Authority,
        positions: Positions,
        clock: Clock,
        *,
        on_violation: Callable[[Group, Envelope, Reason, str], None],
        on_waiting: Callable[[Group, About], None],
        on_admitted: Callable[[str], None],
    ) -> None:
        self._me = me
        self._positions = positions
        self._clock = clock
        self._on_violation = on_violation
        self._on_waiting = on_waiting
        self._on_admitted = on_admitted
        self._freed: set[SourceRecord] = set()
        self._told: dict[SourceRecord, dict[About, Told]] = {}
        self.authority = authority

    def is_full(self, source: str) -> bool:
        """Whether so much that a source signed is parked that nothing more of it is held."""
        return self._positions.parked_bytes.get((source, True), 0) >= PARKED_AT_MOST

    def admit(self, group: Group, arrived: Arrived, on: OnRoute, failed: str | None) -> None:
        """Take a fact whose number continues its route. `failed` parks it as one that a handler could not take."""
        envelope = on.envelope
        if failed is not None:
            trouble = Reason.HANDLER_FAILED, failed
        elif _record_of(envelope) in self._positions.parked_records:
            trouble = Reason.BEHIND_PARKED, envelope.attributes["subject"]
        else:
            trouble = self._trouble_with(group, on)
        if trouble is None:
            self._took(group, envelope, held=False)
            return
        self.park(group, arrived, *trouble, admitted=True)
        group.hold(envelope, self._arrival_time(envelope))

    def park(
        self, group: Group, arrived: Arrived, reason: Reason, detail: str, *, admitted: bool = False
    ) -> None:
        """Keep a message with the reason why it is not taken; one that may come again only while there is room."""
        source = arrived.message.headers.get("ce_source", arrived.message.key)
        share = (source if source in self.authority.directory.nodes else NOBODY), admitted
        log.warning("%s parked a message on %s: %s (%s)", self._me, arrived.message.topic, reason, detail)
        if not admitted and self._said_in_the_name_of(share[0]) >= PARKED_AT_MOST:
            refuse_to_park(group.connection, share[0])
            return
        group.on_rollback.append(self._positions.doubt)
        more = park(group.connection, arrived, reason, detail, self._clock.now(), admitted=admitted)
        self._positions.parked_bytes[share] = self._positions.parked_bytes.get(share, 0) + more
        if admitted:
            record = (source, arrived.message.headers.get("ce_subject", ""))
            self._positions.parked_records.add(record)
            self._note_waiting(group, reason, detail, record)

    def park_double(
        self, group: Group, arrived: Arrived, envelope: Envelope, reason: Reason, detail: str
    ) -> None:
        """Keep what its sender signed and what shows that it has more than one log, and tell of it."""
        self.park(group, arrived, reason, detail)
        if reason is not Reason.UNREADABLE:
            self._on_violation(group, envelope, reason, detail)

    def _said_in_the_name_of(self, source: str) -> int:
        """How much is parked that only bears a name. Unit: bytes."""
        parked, nodes = self._positions.parked_bytes, self.authority.directory.nodes
        if source != NOBODY:
            return parked.get((source, False), 0)
        return sum(size for (name, signed), size in parked.items() if not signed and name not in nodes)

    def take_freed(self) -> set[SourceRecord]:
        """Records of which something waited for what has come since this was asked last."""
        freed, self._freed = self._freed, set()
        return freed

    def retry(self, group: Group, record: SourceRecord, told: Mapping[About, Told] = NOTHING_TOLD) -> int:
        """Take in what waits of a record, up to the first fact that still cannot be taken; returns how many were.

        `told` is what was said of evidence since it came; it is kept until the record waits for nothing more.
        """
        self.authority.told = self._told.setdefault(record, {})
        self._told[record].update(told)
        try:
            taken = self._retry(group, record)
        finally:
            self.authority.told = NOTHING_TOLD
        if not any(record in waiting for waiting in self._positions.waited_for.values()):
            self._told.pop(record, None)
        return taken

    def _retry(self, group: Group, record: SourceRecord) -> int:
        self._positions.begin(group)
        parked = [(id, read_fact(message)) for id, message in admitted_messages(group.connection, record)]
        messages = sorted(parked, key=lambda pair: pair[1].envelope.stream_version)
        self.authority.begin(group, [on.envelope for _, on in messages])
        self._waits_no_more(record)
        taken = 0
        for id, on in messages:
            trouble = self._trouble_with(group, on)
            if trouble is not None:
                park_for(group.connection, id, *trouble)
                self._note_waiting(group, *trouble, record)
                break
            self._took(group, on.envelope, held=True)
            unpark(group.connection, id)
            taken += 1
        for id, _ in messages[taken + 1 :]:
            park_for(group.connection, id, Reason.BEHIND_PARKED, record[1])
        if taken == len(messages):
            self._positions.parked_records.discard(record)  # what comes in this very group is behind nothing
        group.on_commit.append(self._positions.doubt)
        return taken

    def waiting_for(self, about: About) -> set[SourceRecord]:
        """Records of which a fact waits for a piece of evidence."""
        return set(self._positions.waited_for.get(about, ()))

    def _trouble_with(self, group: Group, on: OnRoute) -> tuple[Reason, str] | None:
        """Why a fact cannot be taken now; none when it can."""
        try:
            self.authority.require_theirs(group, on.envelope, on.route)
        except UnknownFact as error:
            return Reason.UNKNOWN_FACT, str(error)
        except Waits as error:
            return Reason.WAITS_FOR_EVIDENCE, str(error.about)
        except NotTheirs as error:
            self._on_violation(group, on.envelope, Reason.NOT_THEIRS, str(error))
            return Reason.NOT_THEIRS, str(error)
        return None

    def _took(self, group: Group, envelope: Envelope, *, held: bool) -> None:
        take = group.receive_held if held else group.receive
        known = take(envelope, self._arrival_time(envelope))
        self.authority.took(group, known)
        if envelope.name == "node.admitted":
            group.on_commit.append(lambda: self._on_admitted(known.data["name"]))
        if self._positions.waited_for:
            came = [About(Kind.UNIT, envelope.stream), About(Kind.STREAM, envelope.stream)]
            by = [About(Kind.FACT, envelope.id, envelope.unit)]
            for about in (*came, *by):
                self._freed |= self._positions.waited_for.pop(about, set())

    def _waits_no_more(self, record: SourceRecord) -> None:
        """What a record waited for before it was judged again."""
        for about in [about for about, records in self._positions.waited_for.items() if record in records]:
            self._positions.waited_for[about].discard(record)
            if not self._positions.waited_for[about]:
                del self._positions.waited_for[about]

    def _note_waiting(self, group: Group, reason: Reason, detail: str, record: SourceRecord) -> None:
        if reason is Reason.WAITS_FOR_EVIDENCE:
            about = About.read(detail)
            self._positions.waited_for.setdefault(about, set()).add(record)
            self._on_waiting(group, about)

    def _arrival_time(self, envelope: Envelope) -> datetime:
        """When a fact arrived; in a rehearsal the moment it was recorded, so that a replay is the same."""
        return envelope.recorded if self._clock.rehearsal else self._clock.now()


def _record_of(envelope: Envelope) -> SourceRecord:
    return envelope.source, envelope.attributes["subject"]
