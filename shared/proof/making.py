"""Making a node's own checkpoints: when one is due, and what it says.

It reads what was committed and hands its rows to the node's writer in one transaction of their own; no
order waits for a tree. Nothing is signed that does not continue what was signed before.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from shared.database.writes import upsert
from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.event_log.known import end_of_journal
from shared.event_log.node_keys import NodeKeys
from shared.proof.alarms import AlarmKind, raise_alarm
from shared.proof.checkpoint import Checkpoint, LogName
from shared.proof.notes import Note
from shared.proof.tables import CHECKPOINTS
from shared.proof.tiles import Tree
from shared.proof.tree_sources import count_own, grow_own
from shared.work.common.calendar import day_of

log = logging.getLogger(__name__)
Work = Callable[[Group], None]
"""What the node's writer does in a transaction of its own."""

FACTS_A_CHECKPOINT = 1_000
"""Most facts that wait for a checkpoint. Unit: facts; what one read of the log takes (`READ_AT_ONCE`), about
15 ms of hashing, so that a busy node's checkpoints cost it nothing to speak of."""

REST = timedelta(minutes=10)
"""Longest time that facts wait for a checkpoint while the node runs: what is lost with a disk and cannot be
proved is at most what ten minutes bring."""


def is_due(last: Checkpoint | None, waiting: int, now: datetime) -> bool:
    """Whether a node makes a checkpoint: many facts wait, some wait long, or a day has begun."""
    if last is None or waiting >= FACTS_A_CHECKPOINT or day_of(now) > day_of(last.time):
        return True
    return waiting > 0 and now - last.time >= REST


@dataclass(frozen=True)
class Signer:
    """Whose log it is, where it is kept, and with what its checkpoints are signed."""

    log: LogName
    engine: Engine
    keys: NodeKeys
    now: Callable[[], datetime]


class Maker:
    """Makes the checkpoints of one log; a start makes one too, so that a rolled-back log is seen at once."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._just_started = True
        self._waiting = 0
        self.on_made: Callable[[], None] = lambda: None
        with signer.engine.connect() as connection:
            self.last = last_checkpoint(connection, signer.log)
            self._counted = Tree.stored(connection, str(signer.log)).reached

    def rests(self, position: int) -> bool:
        """Whether none is due even if all up to that journal position are own facts; asks nobody."""
        return not self._is_due(self._waiting + position - self._counted)

    def work(self, connection: Connection) -> Work | None:
        """The work of a checkpoint, if one is due."""
        self._count(connection)
        if not self._is_due(self._waiting):
            return None
        tree = self._tree(connection)
        if not grow_own(connection, tree, self._signer.log, self._counted):
            return lambda group: tree.save(group.connection)
        made = self._checkpoint(tree)
        # Now: it may need tiles that are not in memory, and the tree reads with this connection.
        wrong = difference(tree, self.last) if self.last else None
        return lambda group: self._keep(group, tree, made, wrong)

    def _is_due(self, waiting: int) -> bool:
        return self._just_started or is_due(self.last, waiting, self._signer.now())

    def _count(self, connection: Connection) -> None:
        end = end_of_journal(connection)
        self._waiting += count_own(connection, self._counted, end)
        self._counted = end

    def _tree(self, connection: Connection) -> Tree:
        """The log's tree; grown anew from the facts when its rows are damaged."""
        tree = Tree.stored(connection, str(self._signer.log))
        try:
            tree.root(tree.size)
        except LookupError as error:
            log.warning("the tree of %s is grown anew: %s", self._signer.log, error)
            return Tree(str(self._signer.log))
        return tree

    def _checkpoint(self, tree: Tree) -> Checkpoint:
        # Two checkpoints never have the same time: a witness tells by it which one came late.
        now, last = self._signer.now(), self.last
        time = max(now, last.time + timedelta(microseconds=1)) if last else now
        return Checkpoint(self._signer.log, tree.size, tree.root(tree.size), time)

    def _keep(self, group: Group, tree: Tree, made: Checkpoint, wrong: AlarmKind | None) -> None:
        note = str(made.note(self._signer.keys))
        if wrong is not None and self.last:
            found = {"witnessed": self.last.size, "by": made.log.node, "at": self._signer.now()}
            raise_alarm(group.connection, wrong, made, note=note, **found)
            return
        tree.save(group.connection)
        row = {"log": str(made.log), "made_at": moment_text(made.time), "size": made.size, "note": note}
        upsert(group.connection, CHECKPOINTS, [row])
        group.on_commit.append(lambda: self._made(made))

    def _made(self, made: Checkpoint) -> None:
        self.last, self._waiting, self._just_started = made, 0, False
        self.on_made()


def difference(tree: Tree, signed: Checkpoint) -> AlarmKind | None:
    """What is wrong with a tree of which that checkpoint was signed. Errors: LookupError."""
    if tree.size < signed.size:
        return AlarmKind.ROLLED_BACK
    return None if tree.root(signed.size) == signed.root else AlarmKind.FORKED


def last_checkpoint(connection: Connection, name: LogName) -> Checkpoint | None:
    """The last checkpoint that this node made of its log."""
    query = select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.log == str(name))
    note = connection.scalar(query.order_by(CHECKPOINTS.c.made_at.desc()).limit(1))
    return Checkpoint.of(Note.read(note)) if note else None


def note_of(connection: Connection, made: Checkpoint) -> str:
    """The note of a checkpoint that this node made, with its own signature alone."""
    this = (CHECKPOINTS.c.log == str(made.log), CHECKPOINTS.c.made_at == moment_text(made.time))
    return connection.scalar(select(CHECKPOINTS.c.note).where(*this)) or ""
