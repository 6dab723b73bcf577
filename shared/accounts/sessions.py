"""Signing in and staying in: sessions on the server, so that they can be ended from there."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from shared.accounts.account_base import PERSON_COLUMNS, AccountBase, person_from, revoke, secret_hash
from shared.accounts.csrf import form_token
from shared.accounts.names import one_form
from shared.accounts.passwords import require_good
from shared.accounts.people import OpenSession, Person, SessionGrant
from shared.accounts.refusals import AccountDisabled, PasswordNotChanged, WrongPassword
from shared.accounts.remembered import Remembered
from shared.accounts.tables import ACCOUNTS, SESSIONS

_BY_COOKIE: Select = (
    select(
        *PERSON_COLUMNS,
        SESSIONS.c.form_secret,
        SESSIONS.c.created_at.label("opened_at"),
        SESSIONS.c.last_seen_at,
    )
    .join_from(SESSIONS, ACCOUNTS, SESSIONS.c.account_id == ACCOUNTS.c.id)
    .where(
        SESSIONS.c.id_sha256 == bindparam("id_sha256"),
        SESSIONS.c.revoked_at.is_(None),
        SESSIONS.c.created_at > bindparam("created_after", type_=SESSIONS.c.created_at.type),
        SESSIONS.c.last_seen_at > bindparam("seen_after", type_=SESSIONS.c.last_seen_at.type),
        ACCOUNTS.c.disabled_at.is_(None),
    )
)
"""All that ends a session, in one question."""


class Sessions(AccountBase):
    """The part of the store that people meet."""

    def sign_in(self, login: str, password: str, *, at: datetime, address: str) -> SessionGrant:
        """Open a session for the right password.

        Raises WrongPassword, TooManyAttempts, AccountDisabled, SignInBusy. A login that does not
        exist costs the same work and gives the same answer as a wrong password.
        """
        row = self._checked(one_form(login), password, at=at, address=address)
        if row.disabled_at is not None:
            raise AccountDisabled()
        outdated = self._passwords.is_outdated(row.password_hash)
        kept = self._passwords.hash(password) if outdated else row.password_hash
        with self._engine.begin() as connection:
            self._keep_password(connection, row, password_hash=kept)
            self._attempts.forget(connection, login=row.login)
            return self._open(connection, row.id, at)

    def remembered_session(self, cookie_value: str, *, at: datetime) -> Person | None:
        """Who this cookie lets in, without asking the database; none when that has to be asked."""
        return self._remembered.find(secret_hash(cookie_value), at)

    def session_for(self, cookie_value: str, *, at: datetime) -> Person | None:
        """Who this cookie lets in now; none if ended, idle too long, too old, or never given."""
        cookie_sha256, since = secret_hash(cookie_value), self._remembered.changes
        if person := self._remembered.find(cookie_sha256, at):
            return person
        question = {
            "id_sha256": cookie_sha256,
            "created_after": at - self._limits.absolute,
            "seen_after": at - self._limits.idle,
        }
        with self._reading.connect() as connection:
            row = connection.execute(_BY_COOKIE, question).one_or_none()
        if row is None:
            return None
        seen = row.last_seen_at
        is_due = at - seen >= self._limits.seen_every
        if is_due and self._touch(SESSIONS.c.id_sha256 == cookie_sha256, SESSIONS.c.last_seen_at, at):
            seen = at
        person = person_from(row, form_token=form_token(row.form_secret), session=cookie_sha256)
        self._remembered.keep(cookie_sha256, Remembered(person, row.opened_at, seen), since=since)
        return person

    def sign_out(self, cookie_value: str, *, at: datetime) -> None:
        """End this session; an unknown one has ended already."""
        with self._changing() as connection:
            revoke(connection, SESSIONS, SESSIONS.c.id_sha256 == secret_hash(cookie_value), at)

    def revoke_all(self, account: str, *, by: str, at: datetime) -> None:
        """End everything that speaks for this account: sessions and tokens."""
        with self._changing() as connection:
            self._silence(connection, account, at)
            self._note(connection, account, at=at, by=by, change="all_revoked")

    def list_sessions(self, account: str, *, at: datetime) -> list[OpenSession]:
        """The sessions of the account that still let somebody in, newest first."""
        open_now = (
            (SESSIONS.c.account_id == account)
            & SESSIONS.c.revoked_at.is_(None)
            & (SESSIONS.c.created_at > at - self._limits.absolute)
            & (SESSIONS.c.last_seen_at > at - self._limits.idle)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(select(SESSIONS).where(open_now).order_by(SESSIONS.c.created_at.desc()))
            return [OpenSession(row.id_sha256, row.created_at, row.last_seen_at) for row in rows]

    def change_password(self, person: Person, *, current: str, new: str, at: datetime, address: str) -> None:
        """Let somebody change their own password; their other sessions end, this one stays.

        Raises what sign_in raises, and a WeakPassword for the new one.
        """
        row = self._checked(person.login, current, at=at, address=address)
        require_good(new, login=row.login)
        if self._passwords.matches(row.password_hash, new):
            raise PasswordNotChanged()
        kept = self._passwords.hash(new)
        others = (SESSIONS.c.account_id == row.id) & (SESSIONS.c.id_sha256 != (person.session or ""))
        with self._changing() as connection:
            self._keep_password(connection, row, password_hash=kept, must_change_password=False)
            revoke(connection, SESSIONS, others, at)
            self._note(connection, row.id, at=at, by=row.id, change="password_changed")

    def _checked(self, login: str, password: str, *, at: datetime, address: str) -> Row:
        """The account whose password this is; a wrong one is counted.

        The window is asked again after the check, so that guesses sent side by side do not all
        learn their answer from a window that was still open when they came.
        """
        with self._engine.connect() as connection:
            self._attempts.require_room(connection, login=login, address=address, at=at)
            row = self._row_by_login(connection, login)
        right = self._passwords.matches(row.password_hash if row else None, password)
        if row is None or not right:
            with self._engine.begin() as connection:
                self._attempts.note_failure(connection, login=login, address=address, at=at)
            raise WrongPassword()
        with self._engine.connect() as connection:
            self._attempts.require_room(connection, login=login, address=address, at=at)
        return row

    def _keep_password(self, connection: Connection, checked: Row, **values: object) -> None:
        """Write over the very hash that was checked; one that was reset meanwhile has the last word."""
        same = (ACCOUNTS.c.id == checked.id) & (ACCOUNTS.c.password_hash == checked.password_hash)
        if connection.execute(update(ACCOUNTS).where(same).values(values)).rowcount != 1:
            raise WrongPassword()

    def _open(self, connection: Connection, account: str, at: datetime) -> SessionGrant:
        """A new session; those of the account that are past their time are cleared away with it."""
        past = (SESSIONS.c.account_id == account) & (SESSIONS.c.created_at <= at - self._limits.absolute)
        connection.execute(delete(SESSIONS).where(past))
        cookie_value, secret = secrets.token_urlsafe(32), secrets.token_hex(32)
        session = {"id_sha256": secret_hash(cookie_value), "account_id": account, "form_secret": secret}
        connection.execute(insert(SESSIONS).values(**session, created_at=at, last_seen_at=at))
        return SessionGrant(cookie_value=cookie_value, csrf=form_token(secret))
