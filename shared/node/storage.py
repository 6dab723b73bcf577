"""What a node keeps in its database: tables of every room, brought to what this release knows at each start.

Tables that are no projection change by the revisions of `shared/database/migrations`; projections that this release would
write otherwise are replayed. Both under the node's lease, before anything else looks at the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, MetaData, inspect
from sqlalchemy.exc import DBAPIError

from shared.accounts.tables import METADATA as ACCOUNTS
from shared.database.engines import create_schema, engine_for
from shared.database.migrations.migrate import file_of, migrate, one_transaction, told
from shared.database.migrations.refusals import UpgradeNeeded
from shared.database.migrations.revisions import VERSIONS, Pending, pending, schema_of, scripts_in
from shared.database.progress import Progress, silent
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import LOG
from shared.event_log.transaction import Fence
from shared.node.projecting import rebuild_projections
from shared.projections.projections import Projections
from shared.projections.states import KEPT, STATES, Stale, make_anew, stale
from shared.proof.tables import PROOF
from shared.settings.network import NodeSettings
from shared.writer_lease.lease import TakenOver, lease_of

DECLARED: tuple[MetaData, ...] = (STORED_EVENTS.metadata, LOG, PROOF, ACCOUNTS, KEPT)
"""The tables that are no projection, as this release declares them; the revisions have to come to the same."""


@dataclass(frozen=True)
class Upgrade:
    """What of a node's tables is, or was, of another release; `copies` were kept of what was changed."""

    steps: tuple[Pending, ...] = ()
    stale: Stale = Stale()
    copies: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is, or was, anything to do."""
        return bool(self.steps or self.stale)

    def lines(self) -> list[str]:
        """The same in words, one for each thing."""
        told = [f"revision {step.revision}: {step.what.lower()}" for step in self.steps]
        for what, names in (
            ("projections made and replayed", [one.name for one in self.stale.moved]),
            ("projections replayed by other rules", [one.name for one in self.stale.refilled]),
            ("tables dropped, no projection has them any more", sorted(self.stale.gone)),
            ("copies kept", self.copies),
        ):
            if names:
                told.append(f"{what}: {', '.join(names)}")
        return told


def create_node_tables(
    engine: Engine,
    schema: str | None,
    projections: Projections,
    node: str = "",
    fence: Fence | None = None,
    progress: Progress = silent,
) -> Upgrade:
    """Bring everything a node keeps in its database to this release; whoever calls holds its lease.

    Errors: DatabaseIsNewer, UpgradeHeldUp, UpgradeIsTheOwners, TakenOver; UnreadableEnvelope where a replay meets a
    damaged fact.
    """
    create_schema(engine, schema)
    statements = fence.statements() if fence else []
    with _fenced(fence, node):
        done = migrate(engine, scripts_in(VERSIONS), node, fence=statements, progress=progress)
        with told(node):
            found = _make_projections_anew(engine, projections, node, statements, progress)
    return Upgrade(done.steps, found, done.copies)


def _make_projections_anew(
    engine: Engine, projections: Projections, node: str, fence: list[str], progress: Progress
) -> Stale:
    with engine.connect() as connection:
        if not stale(connection, projections):
            return Stale()
    with one_transaction(engine, fence) as connection:
        found = stale(connection, projections)
        names = ", ".join(one.name for one in found.projections)
        make_anew(
            connection,
            projections,
            found,
            lambda some: rebuild_projections(connection, some, f"{node}: replaying {names}", progress),
        )
    return found


@contextmanager
def _fenced(fence: Fence | None, node: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if fence is not None and fence.refused(error):
            raise TakenOver(f"{node}: another process took over while its tables were changed") from error
        raise


def wanted(engine: Engine, projections: Projections, node: str) -> Upgrade:
    """What a start would do, without doing it; needs no lease. Errors: DatabaseIsNewer."""
    file = file_of(engine)
    if file is not None and not file.exists():
        return Upgrade()
    with told(node), engine.connect() as connection:
        steps = tuple(pending(connection, scripts_in(VERSIONS), node))
        noted = STATES.name in inspect(connection).get_table_names(schema=schema_of(connection))
        return Upgrade(steps, stale(connection, projections) if noted else Stale(moved=projections.declared))


def require_tables(engine: Engine, node: str) -> None:
    """For whoever opens a node to look and not to change it. Errors: UpgradeNeeded, DatabaseIsNewer."""
    with engine.connect() as connection:
        if pending(connection, scripts_in(VERSIONS), node):
            raise UpgradeNeeded(node=node)


def upgrade_node(settings: NodeSettings, projections: Projections, progress: Progress = silent) -> Upgrade:
    """Bring a node's tables to this release without opening the node.

    Errors: NodeIsRunning, those of `create_node_tables`.
    """
    lease = lease_of(settings)
    engine = engine_for(settings.database, settings.schema)
    try:
        return create_node_tables(engine, settings.schema, projections, settings.name, lease, progress)
    finally:
        lease.give_back()
        if settings.schema is None:
            engine.dispose()
