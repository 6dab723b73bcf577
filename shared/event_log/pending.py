"""The facts that a group has taken and that still wait to be written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from shared.database.writes import Writes
from shared.envelope import Envelope, moment_text
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import data_of, stored
from shared.event_log.memory import Memory
from shared.event_log.recorder import SafeRecorder
from shared.event_log.tables import JOURNAL, RECEIVED


class PendingFacts:
    """Own and received facts of one group, each with the next position of the journal.

    `last_own` is the last own fact as it is stored, none when there was none; `streams` and `units` are those of all
    facts since the group began.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._news: list[JournaledFact] = []
        self._own: list[StoredEvent] = []
        self._journal: list[dict[str, Any]] = []
        self._received: list[dict[str, Any]] = []
        self.last_own: StoredEvent | None = None
        self.streams: set[UUID] = set()
        self.units: set[UUID] = set()

    @property
    def has_facts(self) -> bool:
        """Whether the group has brought any fact into the journal, written already or not."""
        return bool(self.streams)

    def has_news_of(self, unit: UUID) -> bool:
        """Whether a fact of a unit waits, so that a projection does not show it yet."""
        return any(known.envelope.unit == unit for known in self._news)

    def has_stream(self, stream: UUID) -> bool:
        """Whether a fact of a stream waits."""
        return any(row["stream"] == stream for row in self._journal)

    def facts(self) -> set[UUID]:
        """The ids of all facts that wait for the journal."""
        return {row["fact"] for row in self._journal}

    def held(self) -> set[UUID]:
        """The ids of all facts of other nodes that wait to be kept."""
        return {row["fact"] for row in self._received}

    def own(self, envelope: Envelope) -> JournaledFact:
        """Take a fact of this node. Errors: UnknownFact."""
        self.last_own = stored(envelope)
        self._own.append(self.last_own)
        return self.journal(envelope, None)

    def hold(self, envelope: Envelope, arrived: datetime) -> None:
        """Keep the bytes of a fact of another node; it is in the journal only after `journal`."""
        row = {"fact": envelope.id, "body": envelope.body, "arrived_at": moment_text(arrived)}
        self._received.append(row)

    def journal(self, envelope: Envelope, arrived: datetime | None) -> JournaledFact:
        """Give a fact the journal's next position. Errors: UnknownFact; nothing has changed then."""
        position = self._memory.position + 1
        known = JournaledFact(envelope, data_of(envelope), position, arrived)
        self._memory.position = position
        self._news.append(known)
        self.streams.add(envelope.stream)
        self.units.add(envelope.unit)
        self._journal.append(
            {
                "position": position,
                "fact": envelope.id,
                "stream": envelope.stream,
                "stream_version": envelope.stream_version,
                "own": arrived is None,
            }
        )
        return known

    def write(self, writes: Writes, recorder: SafeRecorder) -> list[JournaledFact]:
        """Let everything wait among the group's changes; returns what is new since the last call."""
        recorder.write_events(writes, self._own)
        writes.insert(RECEIVED, self._received)
        writes.insert(JOURNAL, self._journal)
        news, self._news = self._news, []
        self._own, self._received, self._journal = [], [], []
        return news
