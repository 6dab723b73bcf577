"""A witness: keeps the checkpoints of other nodes' logs, and cosigns one only if it continues the last.

A log that is shorter than what was witnessed, or has another root at the same size, was rolled back or
forked: the witness does not sign, keeps the evidence and raises an alarm. An old checkpoint may come late or
twice on any wire; since a log's checkpoints have rising times, a shorter one is only an alarm when it
claims to be newer. Every answer holds the witness's last checkpoint, so that a log that knows
better sends its proof from there, and one that was rolled back learns it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from shared.database.writes import upsert
from shared.envelope import moment_text
from shared.event_log.node_keys import NodeKeys, unb64
from shared.proof.alarms import AlarmKind, raise_alarm
from shared.proof.checkpoint import Checkpoint, LogName, witness_name
from shared.proof.merkle import EMPTY_ROOT, is_consistent
from shared.proof.notes import NotANote, Note
from shared.proof.tables import WITNESSED

WAITING, SAME, DIFFERENT, NOT_HELD = "waiting", "same", "different", "not-held"
"""How a witnessed checkpoint compares with the witness's own copy of the facts, if it holds one."""


@dataclass(frozen=True)
class Offer:
    """A checkpoint with the proof that it continues the one of `start` facts."""

    checkpoint: Checkpoint
    note: Note
    start: int
    proof: list[bytes]

    @classmethod
    def read(cls, body: dict[str, Any], public: str) -> "Offer":
        """The offer of a message. Errors: ValueError, KeyError."""
        checkpoint, note = Checkpoint.read(str(body["note"]), public)
        return cls(checkpoint, note, int(body["start"]), [unb64(str(one)) for one in body["proof"]])


@dataclass(frozen=True)
class Witness:
    """Signs for one node what others' logs say of themselves; `reads` says whose facts it holds."""

    network: str
    name: str
    keys: NodeKeys
    now: Callable[[], datetime]
    reads: Callable[[str], bool]

    def take(self, connection: Connection, source: str, offer: Offer) -> dict[str, Any]:
        """Sign an offer or raise an alarm; the answer to its log. Errors: NotANote when it is another's."""
        log, refused = offer.checkpoint.log, ""
        if (log.network, log.node) != (self.network, source):
            raise NotANote(f"{source} offered a checkpoint of {log}")
        last = last_witnessed(connection, log)
        try:
            if _continues(offer, last.checkpoint if last else None):
                last = self._sign(connection, offer)
        except Broken as broken:
            refused = broken.kind.value
            self._alarm(connection, broken.kind, offer, last)
        return {"note": str(last.note) if last else "", "refused": refused}

    def _alarm(self, connection: Connection, kind: AlarmKind, offer: Offer, last: "Witnessed | None") -> None:
        size = last.checkpoint.size if last else 0
        at, note = self.now(), str(offer.note)
        raise_alarm(connection, kind, offer.checkpoint, note=note, witnessed=size, by=self.name, at=at)

    def _sign(self, connection: Connection, offer: Offer) -> "Witnessed":
        made, log = offer.checkpoint, str(offer.checkpoint.log)
        note = offer.note.only(log).cosigned(witness_name(self.network, self.name), self.keys, self.now())
        row = {"log": log, "made_at": moment_text(made.time), "source": made.log.node, "size": made.size}
        compared = WAITING if self.reads(made.log.node) else NOT_HELD
        upsert(connection, WITNESSED, [row | {"note": str(note), "compared": compared}])
        return Witnessed(made, note, compared)


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint of another node's log as this one cosigned it."""

    checkpoint: Checkpoint
    note: Note
    compared: str


def last_witnessed(connection: Connection, log: LogName) -> Witnessed | None:
    """The last checkpoint of a log that this node cosigned."""
    rows = _rows(WITNESSED.c.log == str(log)).order_by(WITNESSED.c.size.desc(), WITNESSED.c.made_at.desc())
    row = connection.execute(rows.limit(1)).first()
    return _witnessed(row) if row else None


def all_witnessed(connection: Connection) -> list[Witnessed]:
    """Everything readable that this node cosigned, by log, oldest first; a check of it names the rest."""
    found: list[Witnessed] = []
    for row in connection.execute(_rows().order_by(WITNESSED.c.log, WITNESSED.c.size)):
        with suppress(NotANote):
            found.append(_witnessed(row))
    return found


def first_confirmed(connection: Connection, log: LogName, index: int) -> Note | None:
    """The smallest checkpoint of a log that holds a leaf and equals this node's copy of the facts."""
    wanted = (WITNESSED.c.log == str(log), WITNESSED.c.compared == SAME, WITNESSED.c.size > index)
    row = connection.execute(_rows(*wanted).order_by(WITNESSED.c.size, WITNESSED.c.made_at).limit(1)).first()
    return _witnessed(row).note if row else None


def is_confirmed_since(connection: Connection, log: LogName, moment: datetime) -> bool:
    """Whether a checkpoint made after that moment equals this node's copy of the facts."""
    wanted = (WITNESSED.c.log == str(log), WITNESSED.c.compared == SAME)
    later = WITNESSED.c.made_at >= moment_text(moment)
    return connection.execute(_rows(*wanted, later).limit(1)).first() is not None


class Broken(Exception):
    """An offer that cannot continue what was witnessed."""

    def __init__(self, kind: AlarmKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


def _continues(offer: Offer, last: Checkpoint | None) -> bool:
    """Whether to sign; not when it starts elsewhere than the last one, or came late. Errors: Broken."""
    new, size = offer.checkpoint, last.size if last else 0
    if last and new.size < size:
        if new.time > last.time:
            raise Broken(AlarmKind.ROLLED_BACK)
        return False
    if last and new.size == size:
        if new.root != last.root:
            raise Broken(AlarmKind.FORKED)
        return new.time > last.time
    if offer.start != size:
        return False
    if not is_consistent(size, last.root if last else EMPTY_ROOT, new.size, new.root, offer.proof):
        raise Broken(AlarmKind.FORKED)
    return True


def _rows(*conditions: Any) -> Any:
    return select(WITNESSED.c.note, WITNESSED.c.compared).where(*conditions)


def _witnessed(row: Any) -> Witnessed:
    note = Note.read(row.note)
    return Witnessed(Checkpoint.of(note), note, row.compared)
