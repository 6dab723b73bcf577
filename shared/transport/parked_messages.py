"""The parked messages of one node, and what its administrator does about them: try again, or give up.

Nothing is dropped: a message that is tried again and still cannot be taken stays as it was, and a
discarded one is kept with who gave it up, when and why.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from shared.envelope import UnreadableEnvelope
from shared.event_log.group import Group
from shared.event_log.node_log import NodeLog
from shared.event_log.tables import RECEIVED
from shared.transport import discarding, parking
from shared.transport.discarding import DiscardedRow
from shared.transport.inbox import Inbox
from shared.transport.messages import is_control, read_fact
from shared.transport.parking import ParkedRow, SourceRecord
from shared.transport.wire import Message
from shared.work.common.refusals import Kind, Refusal

log = logging.getLogger(__name__)

TRIED_AT_ONCE = 200
"""Messages of a node that are tried again once it is known. Unit: messages; the rest it sends again anyway."""
WHY_LONGEST = 500
"""Longest reason for giving a message up. Unit: characters; a few sentences."""


class NoSuchParkedMessage(Refusal):
    """No message with this id is parked; it may have been taken in or discarded in the meantime."""

    code = "no-such-parked-message"
    sentence = "This message is not parked here any more: it was taken in, or somebody discarded it."
    kind = Kind.NOT_FOUND


class ReasonMissing(Refusal):
    """A message is given up only with a reason of some words."""

    code = "reason-missing"
    sentence = "Say in 1 to %(most)s characters why this message is discarded; the reason is kept with it."
    kind = Kind.WRONG_INPUT


@dataclass(frozen=True)
class ParkedMessage:
    """A parked message with all that came: headers as text, the value as bytes."""

    row: ParkedRow
    headers: dict[str, str]
    value: bytes

    @property
    def text(self) -> str | None:
        """The value as text; none when it is not UTF-8."""
        try:
            return self.value.decode()
        except UnicodeDecodeError:
            return None


class ParkedMessages:
    """What is parked at one node."""

    def __init__(self, node_log: NodeLog, inbox: Inbox, now: Callable[[], datetime]) -> None:
        self._log = node_log
        self._inbox = inbox
        self._now = now

    def listed(self, *, limit: int, offset: int = 0) -> list[ParkedRow]:
        """What is parked, oldest first."""
        with self._log.engine.connect() as connection:
            return list(parking.parked_rows(connection, limit=limit, offset=offset))

    def counts(self) -> dict[str, int]:
        """How many are parked for each reason that there is."""
        with self._log.engine.connect() as connection:
            return parking.parked_counts(connection)

    def discarded(self, *, limit: int, offset: int = 0) -> list[DiscardedRow]:
        """What was discarded, the last first."""
        with self._log.engine.connect() as connection:
            return discarding.discarded_rows(connection, limit=limit, offset=offset)

    def discarded_count(self) -> int:
        """How many were discarded."""
        with self._log.engine.connect() as connection:
            return discarding.discarded_count(connection)

    def refused_count(self) -> int:
        """How many were not even parked, since so much is parked of whoever sent them."""
        with self._log.engine.connect() as connection:
            return sum(parking.refused_counts(connection).values())

    def find(self, parked: UUID) -> ParkedMessage:
        """A parked message. Errors: NoSuchParkedMessage."""
        with self._log.engine.connect() as connection:
            found = parking.parked_message(connection, parked)
        if found is None:
            raise NoSuchParkedMessage()
        return ParkedMessage(found[0], dict(found[1].headers), found[1].value)

    def retry(self, parked: UUID) -> bool:
        """Try to take a message in now; whether that worked. Errors: NoSuchParkedMessage, the writer's."""
        self.find(parked)
        try:
            return self._log.write(lambda group: _take_again(group, self._inbox, parked)).result()
        except Refusal:
            raise
        except Exception as error:
            log.warning("%s: message %s stays parked: %s", self._log.name, parked, error)
            return False

    def discard(self, parked: UUID, *, by: str, why: str) -> None:
        """Give a message up; what waits behind it is then tried.

        Errors: NoSuchParkedMessage, ReasonMissing, the writer's.
        """
        why = why.strip()
        if not 0 < len(why) <= WHY_LONGEST:
            raise ReasonMissing(most=WHY_LONGEST)
        row = self.find(parked).row
        self._log.write(lambda group: self._give_up(group, parked, by, why)).result()
        self.retry_record((row.source, row.subject))

    def retry_record(self, record: SourceRecord) -> None:
        """Try what is parked of a source's record; what fails again stays parked and stops nothing else."""
        try:
            taken = self._log.write(lambda group: self._inbox.retry_parked(group, record)).result()
            log.info("%s took in %s parked facts of %s", self._log.name, taken, record)
        except Exception as error:
            log.warning("%s: what is parked of %s stays parked: %s", self._log.name, record, error)

    def retry_source(self, source: str) -> None:
        """Queue another try of what came of a node before anybody had told of it."""
        with contextlib.suppress(Refusal):  # whoever starts the node next may try them by hand
            self._log.write(lambda group: self._take_all_of(group, source))

    def _take_all_of(self, group: Group, source: str) -> None:
        for parked in parking.unadmitted_of(group.connection, source, TRIED_AT_ONCE):
            _take_again(group, self._inbox, parked)

    def _give_up(self, group: Group, parked: UUID, by: str, why: str) -> None:
        if parking.parked_message(group.connection, parked) is None:
            raise NoSuchParkedMessage()
        discarding.discard(group.connection, parked, by=by, why=why, at=self._now())
        group.on_commit.append(self._inbox.look_again)


def _take_again(group: Group, inbox: Inbox, parked: UUID) -> bool:
    found = parking.parked_message(group.connection, parked)
    if found is None:
        raise NoSuchParkedMessage()
    row, message = found
    if row.admitted:
        inbox.retry_parked(group, (row.source, row.subject))
    else:
        _take_unadmitted(group, inbox, row, message)
    return parking.parked_message(group.connection, parked) is None


def _take_unadmitted(group: Group, inbox: Inbox, row: ParkedRow, message: Message) -> None:
    """Let the message arrive again; unless it was taken, it stays parked since its first time."""
    parking.unpark(group.connection, row.id)
    inbox.take_again(group, message)
    group.flush()
    again = parking.parked_message(group.connection, row.id)
    if again is None and not _was_taken(group, message):
        parking.put_back(group.connection, row, message)
    elif again is not None and not again[0].admitted:
        if not is_control(message.headers) and _was_taken(group, message):
            parking.unpark(group.connection, row.id)
        else:
            parking.parked_since(group.connection, row.id, row.parked_at)
    group.on_commit.append(inbox.look_again)


def _was_taken(group: Group, message: Message) -> bool:
    """Whether this very fact is held here, which a forged copy is not; a control message that was not parked again was."""
    if is_control(message.headers):
        return True
    try:
        envelope = read_fact(message).envelope
    except UnreadableEnvelope:
        return False
    body = group.connection.scalar(select(RECEIVED.c.body).where(RECEIVED.c.fact == envelope.id))
    return body is not None and bytes(body) == envelope.body
