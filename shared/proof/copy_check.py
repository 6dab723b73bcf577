"""Comparing what was witnessed of a log with this node's own copy of its facts.

A log that shows its witness one history and sends its offices another is found here, and the copy's tree
lets the county prove a village's fact without asking the village.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Row, select, update

from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.proof.alarms import AlarmKind, raise_alarm
from shared.proof.checkpoint import Checkpoint, LogName
from shared.proof.making import Signer, Work
from shared.proof.notes import Note
from shared.proof.tables import WITNESSED
from shared.proof.tiles import Tree
from shared.proof.tree_sources import grow_mirror, held_of
from shared.proof.witness import DIFFERENT, SAME, WAITING

Compared = tuple[str, Checkpoint, bool]
"""A signed checkpoint, what it says, and whether this node's own copy says the same."""


class Comparer:
    """Compares checkpoints as the facts they speak of arrive."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.is_waiting = True

    def wake(self) -> None:
        """A checkpoint was witnessed that is to be compared."""
        self.is_waiting = True

    def work(self, connection: Connection) -> Iterator[Work]:
        """For each log that has checkpoints to compare, the work of it."""
        if not self.is_waiting:
            return
        self.is_waiting = False  # before the look: what is committed meanwhile is looked for again
        query = select(WITNESSED.c.log).where(WITNESSED.c.compared == WAITING).distinct()
        try:
            logs = list(connection.scalars(query))
        except BaseException:
            self.wake()
            raise
        if logs:
            self.wake()
        for name in logs:
            log = LogName.read(name)
            rows = _comparable(connection, log)
            if rows:
                tree = Tree.stored(connection, name)
                grow_mirror(connection, tree, log, rows[-1].size)
                # Now: a root may need tiles that are not in memory, and the tree reads with this connection.
                found = list(_compared(tree, rows))
                yield lambda group, tree=tree, found=found: self._keep(group, tree, found)

    def _keep(self, group: Group, tree: Tree, found: list[Compared]) -> None:
        tree.save(group.connection)
        for note, made, same in found:
            self._say(group.connection, tree.log, note, made, same)

    def _say(self, connection: Connection, log: str, note: str, made: Checkpoint, same: bool) -> None:
        this = (WITNESSED.c.log == log, WITNESSED.c.made_at == moment_text(made.time))
        connection.execute(update(WITNESSED).where(*this).values(compared=SAME if same else DIFFERENT))
        if not same:
            found = {"witnessed": made.size, "by": self._signer.log.node, "at": self._signer.now()}
            raise_alarm(connection, AlarmKind.OTHER_FACTS, made, note=note, **found)


def _compared(tree: Tree, rows: list[Row]) -> Iterator[Compared]:
    """The checkpoints that the tree has grown to."""
    for row in rows:
        made = Checkpoint.of(Note.read(row.note))
        if made.size <= tree.size:
            yield row.note, made, tree.root(made.size) == made.root


def _comparable(connection: Connection, log: LogName) -> list[Row]:
    """Checkpoints that wait and of which all facts are held, the smallest first."""
    held = held_of(connection, log)
    waiting = (WITNESSED.c.log == str(log), WITNESSED.c.compared == WAITING, WITNESSED.c.size <= held)
    return list(connection.execute(select(WITNESSED).where(*waiting).order_by(WITNESSED.c.size)))
