"""A node's keys and its database belong together: new keys on an old log would be another office under its name."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, select

from shared.database.writes import upsert
from shared.event_log.node_keys import NodeKeys
from shared.event_log.tables import NODE_STATE
from shared.settings.network import NodeSettings
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.unit_tree import Directory

_KEPT = "signing-key"


class KeysOfAnother(CannotGoOn):
    """The database was written with other keys than the folder has."""

    code = "keys-of-another"


def require_own_keys(
    connection: Connection,
    settings: NodeSettings,
    keys: NodeKeys,
    directory: Callable[[Connection], Directory],
) -> None:
    """Refuse keys that the log was not written with, unless the directory says that they are the node's now.

    Errors: KeysOfAnother.
    """
    mine, kept = keys.public_signing(), key_of_log(connection)
    if mine == kept:
        return
    entry = directory(connection).nodes.get(settings.name)
    believed = {key for key in (kept, entry.signing_key if entry else None) if key}
    if believed and mine not in believed:
        where = f"the schema {settings.schema}" if settings.schema else str(settings.folder / "log.sqlite")
        raise KeysOfAnother(
            f"{settings.name}: {where} was written with other keys than those in {settings.folder}: it belongs to an earlier "
            "network of that name, or `keys.json` was made anew. Put its keys back, or make the network with another --name"
        )


def key_of_log(connection: Connection) -> str | None:
    """The public key that the log was last written with; none of one that only earlier releases opened."""
    return connection.scalar(select(NODE_STATE.c.value).where(NODE_STATE.c.name == _KEPT))


def note_own_keys(engine: Engine, keys: NodeKeys) -> None:
    """From now on the log belongs to these keys."""
    with engine.connect() as connection:
        if key_of_log(connection) == keys.public_signing():
            return
    with engine.begin() as connection:
        upsert(connection, NODE_STATE, [{"name": _KEPT, "value": keys.public_signing()}])
