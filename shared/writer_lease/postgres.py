"""Leases on PostgreSQL: one row in each node's schema, held by one process and checked in every commit.

The row says who holds the lease (`holder`), how often it changed hands (`epoch`), and when the holder
last gave a sign of life, by the server's clock (`renewed_at`). A process may take it from a holder
that has no session at the server any more, or that has been silent for `LAPSES_AFTER`; what sessions a
silent one still has are ended first, so that its open transaction holds up nobody.

A transaction reads its epoch FOR KEY SHARE, with its first change. A takeover changes the epoch, which is the row's key, so
it waits for a commit under way and no later one passes. A sign of life changes no key and waits for nobody.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Event, Lock, Thread

from psycopg2.errors import DivisionByZero
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    TextClause,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.database.engines import SESSIONS, create_schema, lease_engine_for

log = logging.getLogger(__name__)

RENEW_EVERY = 2.0
"""Seconds between two signs of life; one that got lost, or came late, is not a silence yet."""
LAPSES_AFTER = 6.0
"""Seconds of silence after which another process may take over: three signs of life were due."""

_TABLES = MetaData()
_WRITER = Table(
    "writer",
    _TABLES,
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("holder", String, nullable=False),
    Column("renewed_at", DateTime(timezone=True), nullable=False),
)
_SILENT = "renewed_at < clock_timestamp() - make_interval(secs => :lapses)"
_SESSIONS = (
    "pg_stat_activity WHERE application_name = holder AND holder <> '' AND datname = current_database()"
)
"""The holder's; a lease that was given back has none, and sessions without a name are somebody else's."""
_FIRST = (
    "INSERT INTO {writer} SELECT 0, '', '-infinity' WHERE NOT EXISTS (SELECT FROM {writer})"
    " ON CONFLICT DO NOTHING"
)
# A role may end the sessions of its own and of those that it is a member of; the server itself ends what a silent one left open.
_END_SILENT = (
    f"SELECT (SELECT count(pg_terminate_backend(pid, 5000)) FROM {_SESSIONS} AND pg_has_role(usesysid, 'USAGE'))"
    f" FROM {{writer}} WHERE {_SILENT}"
)
_TAKE = (
    "UPDATE {writer} SET epoch = epoch + 1, holder = :me, renewed_at = clock_timestamp()"
    f" WHERE holder = '' OR {_SILENT} OR NOT EXISTS (SELECT FROM {_SESSIONS}) RETURNING epoch"
)
_RENEW = "UPDATE {writer} SET renewed_at = clock_timestamp() WHERE epoch = :epoch AND holder = :me"
_GIVE_BACK = "UPDATE {writer} SET holder = '' WHERE epoch = :epoch AND holder = :me"
_FENCE = "SELECT 1 / count(*) FROM (SELECT FROM {writer} WHERE epoch = {epoch} AND holder = '{me}' FOR KEY SHARE) AS mine"
"""Fails with a division by zero unless the row is this process's own, so that it can travel with the changes."""


@dataclass
class Hold:
    """A lease as this process knows it; `seen` is when its last confirmed sign of life was begun."""

    url: str
    schema: str
    epoch: int
    seen: float
    lost: bool = False

    def lose(self) -> None:
        """Another process has taken over; that never changes back."""
        if not self.lost:
            log.error("%s: another process has taken over; this one writes no more for it", self.schema)
        self.lost = True

    def values(self) -> dict[str, object]:
        """What makes the row this process's own."""
        return {"epoch": self.epoch, "me": SESSIONS}


@dataclass(frozen=True)
class ServerLease:
    """The lease of one node, held by this process."""

    leases: "ServerLeases"
    hold: Hold

    def statements(self) -> list[str]:
        """Goes before a transaction's first change: fails unless the lease stands, and lets it stand to the end."""
        hold = self.hold
        return [_FENCE.format(writer=_table(hold.schema), epoch=hold.epoch, me=SESSIONS)]

    def refused(self, error: DBAPIError) -> bool:
        """Whether that statement failed: another process has taken over."""
        fenced = isinstance(error.orig, DivisionByZero)
        if fenced:
            self.hold.lose()
        return fenced

    def stands(self) -> bool:
        """False after a silence, as of a process that was frozen, until the server has confirmed the lease."""
        return not self.hold.lost and self.leases.clock() - self.hold.seen < LAPSES_AFTER

    def is_lost(self) -> bool:
        """Whether another process has taken over."""
        return self.hold.lost

    def give_back(self) -> None:
        """Let another process be the writer; if the server does not answer, the end of this process does it."""
        self.leases.drop(self.hold)
        try:
            with lease_engine_for(self.hold.url).begin() as connection:
                connection.execute(_of(_GIVE_BACK, self.hold.schema), self.hold.values())
        except SQLAlchemyError as error:
            log.warning("%s: the lease was not given back: %s", self.hold.schema, error)


class ServerLeases:
    """All leases that this process holds at servers, and the thread that gives their signs of life."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = Lock()
        self._held: list[Hold] = []
        self._failing: set[str] = set()
        self._nothing_held = Event()

    def take(self, url: str, schema: str) -> ServerLease | None:
        """The lease of the node in a schema; none when another process holds it. Errors: SQLAlchemyError."""
        engine, began = lease_engine_for(url), self.clock()
        _prepare(engine, schema)
        with engine.begin() as connection:
            connection.execute(_of(_END_SILENT, schema), {"lapses": LAPSES_AFTER})
            epoch = connection.scalar(_of(_TAKE, schema), {"lapses": LAPSES_AFTER, "me": SESSIONS})
        if epoch is None:
            return None
        hold = Hold(url, schema, epoch, began)
        self._add(hold)
        return ServerLease(self, hold)

    def drop(self, hold: Hold) -> None:
        """Give no more signs of life for a lease."""
        with self._lock:
            self._held.remove(hold)
            if not self._held:
                self._nothing_held.set()

    def _add(self, hold: Hold) -> None:
        with self._lock:
            self._held.append(hold)
            if len(self._held) == 1:
                self._nothing_held = Event()
                Thread(
                    target=self._renew_until, args=(self._nothing_held,), name="leases", daemon=True
                ).start()

    def _renew_until(self, end: Event) -> None:
        while not end.wait(RENEW_EVERY):
            with self._lock:
                held = [hold for hold in self._held if not hold.lost]
            for url in {hold.url for hold in held}:
                self._renew(url, [hold for hold in held if hold.url == url])

    def _renew(self, url: str, held: list[Hold]) -> None:
        """A sign of life for every node of a server, in one transaction."""
        began = self.clock()
        try:
            with lease_engine_for(url).begin() as connection:
                # It need not outlive the server, so nobody waits for the disk.
                connection.execute(text("SET LOCAL synchronous_commit = off"))
                mine = [connection.execute(_of(_RENEW, h.schema), h.values()).rowcount for h in held]
        except SQLAlchemyError as error:
            log.warning("the leases were not renewed: %s", error, extra={"outage": "leases"})
            self._failing.add(url)
            return
        if url in self._failing:
            self._failing.discard(url)
            log.warning("the leases are renewed again", extra={"outage_over": "leases"})
        for hold, renewed in zip(held, mine, strict=True):
            if renewed:
                hold.seen = began
            else:
                hold.lose()


def _prepare(engine: Engine, schema: str) -> None:
    create_schema(engine, schema)
    _TABLES.create_all(engine.execution_options(schema_translate_map={None: schema}))
    with engine.begin() as connection:
        connection.execute(_of(_FIRST, schema))


@cache
def _of(statement: str, schema: str) -> TextClause:
    return text(statement.format(writer=_table(schema)))


def _table(schema: str) -> str:
    return f'"{schema}".writer'
