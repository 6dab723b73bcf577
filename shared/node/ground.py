"""What a node stands on: the right to write, the database, keys; taken before anything is built on it."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, exists, select

from shared.database.engines import engine_for, engine_for_looking, engine_for_reading
from shared.database.progress import Progress, silent
from shared.event_log.journal import incarnation_of
from shared.event_log.key_ring import KeyRing
from shared.event_log.node_keys import NodeKeys
from shared.event_log.tables import JOURNAL
from shared.event_log.writer import WriterPool
from shared.node.own_keys import note_own_keys, require_own_keys
from shared.node.storage import create_node_tables, require_tables
from shared.node.work import Work
from shared.proof.checkpoint import LogName
from shared.restore.session import Begun, RestoreUnfinished, begun_of
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings, SettingsMissing
from shared.writer_lease.lease import Lease, Onlooker, lease_of


@dataclass(frozen=True)
class Ground:
    """What a node stands on: its right to write, its database, its keys, and where an unfinished restore stands."""

    settings: NodeSettings
    work: Work
    clock: Clock
    crew: WriterPool
    keys: NodeKeys
    lease: Lease
    engine: Engine
    begun: Begun | None
    ring: KeyRing
    incarnation: int
    restoring: bool

    @property
    def name(self) -> str:
        """The node's name."""
        return self.settings.name

    @property
    def reading(self) -> Engine:
        """The engine for questions."""
        return engine_for_reading(self.engine)

    @property
    def log_name(self) -> LogName:
        """What the node's log is called in checkpoints."""
        return LogName(self.settings.network.name, self.name, self.incarnation)


def take_ground(
    held: ExitStack,
    settings: NodeSettings,
    work: Work,
    clock: Clock,
    crew: WriterPool | None,
    restoring: bool,
    upgrading: bool = True,
    progress: Progress = silent,
) -> Ground:
    """Take what the node stands on; `held` lets go of it, the lease last.

    Its tables are brought to this release, unless it is only looked at (`upgrading`): then another process may run it, one
    moment of its database is seen, and nothing can be written. Errors: NodeIsRunning, SettingsMissing, KeyRingGone,
    KeysOfAnother, RestoreUnfinished, UpgradeNeeded, those of `create_node_tables`, the database's.
    """
    keys = _keys(settings.folder / "keys.json")
    lease = lease_of(settings) if upgrading else Onlooker()
    held.callback(lease.give_back)
    engine = (engine_for if upgrading else engine_for_looking)(settings.database, settings.schema)
    if settings.schema is None or not upgrading:
        held.callback(engine.dispose)
    if upgrading:
        create_node_tables(engine, settings.schema, work.projections, settings.name, lease, progress)
    else:
        require_tables(engine, settings.name)
    with engine.connect() as connection:
        require_own_keys(connection, settings, keys, work.directory)
    if upgrading:
        note_own_keys(engine, keys)
    begun = _begun(settings, engine, restoring)
    ring = _ring(settings, engine)
    held.callback(ring.close)
    if crew is None:
        crew = WriterPool()
        held.callback(crew.close)
    with engine.connect() as connection:
        incarnation = incarnation_of(connection)
    return Ground(settings, work, clock, crew, keys, lease, engine, begun, ring, incarnation, restoring)


def _keys(path: Path) -> NodeKeys:
    try:
        return NodeKeys.load(path)
    except (OSError, ValueError, KeyError) as error:
        raise SettingsMissing(f"{path} cannot be read ({error}): put the node's keys back") from error


def _begun(settings: NodeSettings, engine: Engine, restoring: bool) -> Begun | None:
    """Where an unfinished restore stands. Errors: RestoreUnfinished, unless the node is opened for it."""
    with engine.connect() as connection:
        begun = begun_of(connection)
    if begun is not None and not restoring:
        raise RestoreUnfinished(
            f"{settings.name} was put back from a backup and has not yet taken back what it had sent: "
            f"finish that first with `huiyin restore --name {settings.name}`"
        )
    return begun


def _ring(settings: NodeSettings, engine: Engine) -> KeyRing:
    with engine.connect() as connection:
        facts = connection.scalar(select(exists(select(JOURNAL.c.position))))
    return KeyRing.beside(settings.folder / "keyring.sqlite", log_has_facts=bool(facts))
