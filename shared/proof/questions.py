"""What pages and commands ask of the proof: one question, one function, on a connection of their own."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from shared.envelope import Envelope, moment_text
from shared.event_log.journal import body_of, row_of
from shared.proof.alarms import alarms
from shared.proof.checkpoint import Checkpoint, LogName, witness_name
from shared.proof.checkpoint_exchange import last_signed
from shared.proof.inclusion import Inclusion
from shared.proof.making import last_checkpoint
from shared.proof.notes import Note
from shared.proof.promise import Promise
from shared.proof.tables import CHECKPOINTS, COSIGNATURES
from shared.proof.tiles import Leaf, Tree, index_of
from shared.proof.witness import first_confirmed, is_confirmed_since


@dataclass(frozen=True)
class FoundFact:
    """A fact that this node knows, own or received, at its journal position."""

    envelope: Envelope
    position: int
    own: bool

    def log(self, network: str) -> LogName:
        """The log that it was recorded in."""
        return LogName(network, self.envelope.source, self.envelope.incarnation)


def find_fact(connection: Connection, fact: UUID) -> FoundFact | None:
    """The fact with this id; none when this node does not know it."""
    row = row_of(connection, fact)
    body = body_of(row) if row else None
    return FoundFact(Envelope.read(body), row.position, row.own) if body else None


def inclusion(connection: Connection, network: str, fact: UUID) -> Inclusion | None:
    """The proof that a fact is in a witnessed log; none while no witness has signed for it."""
    found = find_fact(connection, fact)
    if found is None:
        return None
    log = found.log(network)
    index = _index(connection, log, found)
    note = None if index is None else _note_holding(connection, log, index, own=found.own)
    if index is None or note is None:
        return None
    size = Checkpoint.of(note).size
    return Inclusion(index, tuple(Tree.stored(connection, str(log)).inclusion(index, size)), note)


def consistency(connection: Connection, log: LogName, old: int, new: int) -> list[bytes] | None:
    """The proof that the log of `new` facts begins with that of `old`; none beyond what was signed."""
    last = last_checkpoint(connection, log)
    if last is None or not 0 <= old <= new <= last.size:
        return None
    return Tree.stored(connection, str(log)).consistency(old, new)


def newest_note(connection: Connection, log: LogName) -> Note | None:
    """A log's newest checkpoint, with every cosignature that has come."""
    last = last_checkpoint(connection, log)
    return _cosigned(connection, log, last.size, moment_text(last.time)) if last else None


def promise(connection: Connection, network: str, fact: UUID) -> Promise | None:
    """What this node can promise of an own fact; none for others' facts."""
    found = find_fact(connection, fact)
    if found is None or not found.own:
        return None
    return Promise(found.log(network), fact, found.envelope.digest, found.envelope.recorded)


def state(connection: Connection, log: LogName, witnesses: list[str]) -> dict[str, Any]:
    """The last checkpoint, how far each witness has signed, and alarms; nothing about any matter."""
    last = last_checkpoint(connection, log)
    return {
        "log": str(log),
        "size": last.size if last else 0,
        "root": last.root.hex() if last else "",
        "made_at": last.time if last else None,
        "witnessed": last_signed(connection, log, witnesses),
        "alarms": [vars(alarm) for alarm in alarms(connection)],
    }


def _index(connection: Connection, log: LogName, found: FoundFact) -> int | None:
    late = not found.own and is_confirmed_since(connection, log, found.envelope.recorded)
    return index_of(connection, str(log), Leaf(found.envelope.digest, found.position), anywhere=late)


def _note_holding(connection: Connection, log: LogName, index: int, *, own: bool) -> Note | None:
    """The smallest witnessed checkpoint that holds a leaf."""
    if not own:
        return first_confirmed(connection, log, index)
    columns = COSIGNATURES.c
    query = select(columns.size, columns.made_at).where(columns.log == str(log), columns.size > index)
    found = connection.execute(query.order_by(columns.size, columns.made_at).limit(1)).first()
    return _cosigned(connection, log, found.size, found.made_at) if found else None


def _cosigned(connection: Connection, log: LogName, size: int, made_at: str) -> Note:
    """A checkpoint of this node with its own signature and those of its witnesses."""
    this = (CHECKPOINTS.c.log == str(log), CHECKPOINTS.c.made_at == made_at)
    made = Note.read(connection.scalar(select(CHECKPOINTS.c.note).where(*this)) or "")
    query = select(COSIGNATURES.c.witness, COSIGNATURES.c.note)
    same = (COSIGNATURES.c.log == str(log), COSIGNATURES.c.size == size, COSIGNATURES.c.made_at == made_at)
    signed = query.where(*same)
    lines = made.lines
    for row in connection.execute(signed.order_by(COSIGNATURES.c.witness)):
        lines += Note.read(row.note).only(witness_name(log.network, row.witness)).lines
    return Note(made.text, lines)
