"""What the three halves of the store share: the engine, the limits, and the way to one account."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import Column, ColumnElement, Connection, Engine, Row, Table, func, insert, select, update
from sqlalchemy.exc import InternalError, OperationalError

from shared.accounts.devices import forget
from shared.accounts.limits import Limits
from shared.accounts.passwords import PASSWORDS, Passwords
from shared.accounts.people import Account, Person
from shared.accounts.rate import SignInAttempts
from shared.accounts.refusals import NoSuchAccount
from shared.accounts.tables import ACCOUNTS, CHANGES, SESSIONS, TOKENS
from shared.database.engines import engine_for_reading

PERSON_COLUMNS = (
    ACCOUNTS.c.id,
    ACCOUNTS.c.login,
    ACCOUNTS.c.name,
    ACCOUNTS.c.unit_id,
    ACCOUNTS.c.role,
    ACCOUNTS.c.must_change_password,
    ACCOUNTS.c.reset_at,
    ACCOUNTS.c.reset_by,
)

_LOG = logging.getLogger(__name__)


MOST = 10_000
"""Sessions that are remembered. Unit: sessions; a node has some hundred clerks, and each takes under a kilobyte."""


@dataclass(frozen=True)
class Remembered:
    """Who was let in, and the two moments that its end is counted from."""

    person: Person
    created_at: datetime
    last_seen_at: datetime


class RememberedSessions:
    """Sessions of one node that were looked up a moment ago, by the hash of their cookie; usable from any thread.

    They are asked again of the database at least once a minute. Every change of an account goes through the process that
    serves it, so that process may remember whom it let in; a look-up that began before such a change is not remembered.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._known: dict[str, Remembered] = {}
        self._changes = 0

    @property
    def changes(self) -> int:
        """How many changes there were; a look-up says before which one it began."""
        return self._changes

    def find(self, cookie_sha256: str, at: datetime) -> Person | None:
        """Whom this cookie lets in; none when only the database can say, or its last use is to be written."""
        found = self._known.get(cookie_sha256)
        if found is None or at - found.last_seen_at >= min(self._limits.seen_every, self._limits.idle):
            return None
        return found.person if at - found.created_at < self._limits.absolute else None

    def keep(self, cookie_sha256: str, found: Remembered, *, since: int) -> None:
        """Remember a look-up that began after change number `since`, unless there was another one."""
        with self._lock:
            if since == self._changes:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[cookie_sha256] = found

    def forget(self) -> None:
        """An account or a session changed: everything is asked again."""
        with self._lock:
            self._changes += 1
            self._known.clear()


class AccountBase:
    """One node's accounts; its engine knows the schema, its callers bring the time.

    Every change is one short transaction that begins with a write, so that it can wait for the
    node's writer on SQLite instead of failing; hashing is never inside one.
    """

    def __init__(
        self, engine: Engine, *, limits: Limits | None = None, passwords: Passwords = PASSWORDS
    ) -> None:
        self._engine = engine
        self._reading = engine_for_reading(engine)
        self._limits = limits or Limits()
        self._passwords = passwords
        self._attempts = SignInAttempts(self._limits)
        self._remembered = RememberedSessions(self._limits)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction after which nobody is let in by what was true before it."""
        try:
            with self._engine.begin() as connection:
                yield connection
        finally:
            self._remembered.forget()

    def _row_by_login(self, connection: Connection, login: str) -> Row | None:
        return connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.login == login)).one_or_none()

    def _row(self, connection: Connection, account: str) -> Row:
        row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.id == account)).one_or_none()
        if row is None:
            raise NoSuchAccount()
        return row

    def _touch(self, which: ColumnElement[bool], column: Column, at: datetime) -> bool:
        """Write a moment of last use; says whether that could be done.

        A full or busy disk must not keep anybody from reading: then a session only ends earlier.
        """
        try:
            with self._engine.begin() as connection:
                connection.execute(update(column.table).where(which).values({column: at}))
        except (OperationalError, InternalError) as trouble:
            _LOG.warning("the moment of last use was not written: %s", trouble.orig)
            return False
        return True

    def _silence(self, connection: Connection, account: str, at: datetime) -> None:
        """End all sessions and tokens of the account, and let no device be known to it."""
        forget(connection, account)
        revoke(connection, SESSIONS, SESSIONS.c.account_id == account, at)
        revoke(connection, TOKENS, TOKENS.c.account_id == account, at)

    def _note(
        self, connection: Connection, account: str, *, at: datetime, by: str, change: str, detail: str = ""
    ) -> None:
        """Add a line to the account's history, in the transaction of the change itself."""
        line = {
            "id": str(uuid4()),
            "account_id": account,
            "at": at,
            "by": by,
            "change": change,
            "detail": detail,
            "running": select(func.count() + 1)
            .select_from(CHANGES)
            .where(CHANGES.c.account_id == account)
            .scalar_subquery(),
        }
        connection.execute(insert(CHANGES).values(line))


def account_from(row: Row) -> Account:
    """An account without its password hash."""
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        unit=UUID(row.unit_id),
        role=row.role,
        must_change_password=row.must_change_password,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )


def person_from(row: Row, **extra: str) -> Person:
    """The person of a row that has PERSON_COLUMNS."""
    return Person(
        account=row.id,
        login=row.login,
        name=row.name,
        unit=UUID(row.unit_id),
        role=row.role,
        must_change_password=row.must_change_password,
        reset_at=row.reset_at,
        reset_by=row.reset_by,
        **extra,
    )


def revoke(connection: Connection, table: Table, which: ColumnElement[bool], at: datetime) -> None:
    """End those sessions or tokens that have not ended; when one ended stays as it was."""
    connection.execute(update(table).where(which, table.c.revoked_at.is_(None)).values(revoked_at=at))


def secret_hash(secret: str) -> str:
    """What is kept of a cookie or token: SHA-256 is enough for 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
