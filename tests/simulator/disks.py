"""Disks that are lost: backups taken while the nodes work, put back later, and what a restore said of it.

The key ring is apart from the database and its backups, as the page for the night asks for; it survives.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from shared.projections.rows import METADATA
from shared.settings.network import NodeSettings
from shared.work.office.restore_report import Report
from tests.simulator.ledger import Ledger, Seen

DATABASE = "log.sqlite"


@dataclass
class Loss:
    """One disk that was lost: which own facts others held at that moment, and what the restores reported.

    `incarnation` is the latest that the node had begun. A command that died at its end is given again, so there
    may be more reports than one.
    """

    node: str
    life: int
    held: set[UUID]
    gone: list[Seen] = field(default_factory=list[Seen])
    reports: list[Report] = field(default_factory=list[Report])


class Disks:
    """The disks of all nodes; until a first backup is taken, the one of the founding is there."""

    def __init__(self, founded: Path, settings: Mapping[str, NodeSettings], ledger: Ledger) -> None:
        self._ledger = ledger
        self._databases = {name: one.folder / DATABASE for name, one in settings.items()}
        self._backups = {name: founded / "nodes" / name / DATABASE for name in settings}
        self.losses: list[Loss] = []

    def back_up(self, node: str) -> None:
        """Keep what a node's database holds now; its process goes on meanwhile."""
        copy = self._databases[node].with_name("backup.sqlite")
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._databases[node])) as file, closing(sqlite3.connect(copy)) as kept:
            file.backup(kept)
        self._backups[node] = copy

    def lose(self, node: str) -> None:
        """The disk of a node that does not run is gone, and somebody puts the latest backup on a new one."""
        life = self._life(node)
        self._ledger.disk_is_lost(node)
        own = {seen.envelope.id for seen in self._ledger.facts if seen.node == node}
        self.losses.append(Loss(node, life, own & self._known_elsewhere(node)))
        database = self._databases[node]
        for file in database.parent.glob(f"{DATABASE}*"):
            file.unlink()
        for end in ("", "-wal"):  # what SQLite had not yet put into the file itself belongs to it
            kept = self._backups[node].with_name(self._backups[node].name + end)
            if kept.exists():
                shutil.copyfile(kept, database.with_name(DATABASE + end))

    def put_back(self, node: str) -> None:
        """The node has put everything into its log that came back; the observer sees what did not."""
        if self._ledger.is_lost(node):
            before = set(self._ledger.gone)
            self._ledger.log_is_back(node)
            gone = self._ledger.gone
            self._last(node).gone = [seen for fact, seen in gone.items() if fact not in before]

    def restored(self, node: str, report: Report) -> None:
        """A restore of a node is through."""
        self._last(node).reports.append(report)

    def _last(self, node: str) -> Loss:
        return next(loss for loss in reversed(self.losses) if loss.node == node)

    def _life(self, node: str) -> int:
        rows = self._ledger.rows(node, "SELECT value FROM node_state WHERE name = 'incarnation'")
        return int(rows[0][0]) if rows else 1

    def _known_elsewhere(self, node: str) -> set[UUID]:
        return set(self._known_to(other for other in self._databases if other != node))

    def _known_to(self, nodes: Iterator[str]) -> Iterator[UUID]:
        for node in nodes:
            yield from (UUID(fact) for (fact,) in self._ledger.rows(node, "SELECT fact FROM journal"))


def lose_projections(folder: Path) -> None:
    """Empty every projection of a node that does not run."""
    file = sqlite3.connect(folder / DATABASE, isolation_level=None)
    for table in METADATA.tables:
        file.execute(f'DELETE FROM "{table}"')
    file.close()
