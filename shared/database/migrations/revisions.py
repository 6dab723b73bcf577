"""Which revisions there are, which one a database has, and what is still to be done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection

from shared.database.migrations.refusals import DatabaseIsNewer

VERSIONS = Path(__file__).parent / "versions"
VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Pending:
    """A revision that a database does not have yet; `changes` are tables of which it changes what is there."""

    revision: str
    what: str
    changes: tuple[str, ...]
    upgrade: Callable[[], None] = field(repr=False)


@cache
def scripts_in(*folders: Path) -> ScriptDirectory:
    """The revisions of these folders, read once; no file of settings and no environment script is needed."""
    return ScriptDirectory(str(folders[0]), version_locations=[str(folder) for folder in folders])


def revision_of(connection: Connection) -> str | None:
    """The revision of a node's tables; none of those that 0.1 made, and of an empty database."""
    return context_on(connection).get_current_revision()


def schema_of(connection: Connection) -> str | None:
    """The node's schema on a server."""
    schemas = connection.get_execution_options().get("schema_translate_map") or {}
    return schemas.get(None)


def context_on(connection: Connection) -> MigrationContext:
    """Alembic's way to one node: its own table of revisions stands in the node's schema."""
    options = {
        "version_table": VERSION_TABLE,
        "version_table_schema": schema_of(connection),
        # Both databases take back tables with their transaction; of SQLite Alembic does not expect it.
        "transactional_ddl": True,
    }
    return MigrationContext.configure(connection, opts=options)


def pending(connection: Connection, scripts: ScriptDirectory, node: str) -> list[Pending]:
    """What is to be done, oldest first. Errors: DatabaseIsNewer."""
    current, head = revision_of(connection), scripts.get_current_head() or ""
    if current == head:
        return []
    try:
        found: list[Script] = list(scripts.iterate_revisions(head, current or "base"))
    except (RevisionError, LookupError):
        raise DatabaseIsNewer(node=node, found=current, known=head) from None
    return [_pending(script) for script in reversed(found)]


def _pending(script: Script) -> Pending:
    return Pending(
        script.revision, script.doc.rstrip("."), tuple(script.module.CHANGES), script.module.upgrade
    )
