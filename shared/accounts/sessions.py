"""Signing in and staying in: sessions on the server, so that they can be ended from there."""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from shared.accounts import devices
from shared.accounts.account_base import (
    PERSON_COLUMNS,
    AccountBase,
    Remembered,
    person_from,
    revoke,
    secret_hash,
)
from shared.accounts.csrf import form_token
from shared.accounts.names import one_form
from shared.accounts.passwords import require_good
from shared.accounts.people import OpenSession, Person, SessionGrant
from shared.accounts.refusals import (
    AccountDisabled,
    PasswordNotChanged,
    ResetOnAnotherDevice,
    TemporaryPasswordEnded,
    WrongPassword,
)
from shared.accounts.tables import ACCOUNTS, SESSIONS, TOKENS

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

    def sign_in(
        self, login: str, password: str, *, at: datetime, address: str, device: str | None = None
    ) -> SessionGrant:
        """Open a session for the right password; `device` is the secret that the browser carries from before.

        Raises WrongPassword, TooManyAttempts, AccountDisabled, SignInBusy, ResetOnAnotherDevice, TemporaryPasswordEnded.
        A login that does not exist costs the same work and gives the same answer as a wrong password.
        """
        row = self._checked(one_form(login), password, at=at, address=address, device=device)
        if row.disabled_at is not None:
            raise AccountDisabled()
        outdated = self._passwords.is_outdated(row.password_hash)
        kept = self._passwords.hash(password) if outdated else row.password_hash
        with self._engine.begin() as connection:
            self._keep_password(connection, row, password_hash=kept)
            self._require_own_device(connection, row, device, at)
            return self._open(connection, row.id, at, self._kept_device(connection, row.id, device, at))

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

    def change_password(
        self,
        person: Person,
        *,
        current: str,
        new: str,
        at: datetime,
        address: str,
        device: str | None = None,
        words: Collection[str] = (),
    ) -> None:
        """Let somebody change their own password; their other sessions and all their tokens end, this session stays.

        `words` are the office's own, which a guesser tries first. Raises what sign_in raises, and a WeakPassword for the new one.
        """
        row = self._checked(person.login, current, at=at, address=address, device=device)
        require_good(new, login=row.login, words=(*words, row.name))
        if self._passwords.matches(row.password_hash, new):
            raise PasswordNotChanged()
        kept = self._passwords.hash(new)
        others = (SESSIONS.c.account_id == row.id) & (SESSIONS.c.id_sha256 != (person.session or ""))
        with self._changing() as connection:
            self._keep_password(connection, row, password_hash=kept, must_change_password=False)
            revoke(connection, SESSIONS, others, at)
            revoke(connection, TOKENS, TOKENS.c.account_id == row.id, at)
            self._note(connection, row.id, at=at, by=row.id, change="password_changed")

    def has_read_of_reset(self, account: str) -> None:
        """The person knows that somebody else set the password."""
        with self._changing() as connection:
            values = {"reset_at": None, "reset_by": None}
            connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(values))

    def _checked(self, login: str, password: str, *, at: datetime, address: str, device: str | None) -> Row:
        """The account whose password this is; a wrong one is counted.

        The pauses are asked again after the check, so that guesses sent side by side do not all
        learn their answer from a door that was still open when they came.
        """
        with self._engine.connect() as connection:
            row = self._row_by_login(connection, login)
            known = self._known_device(connection, row, device, at)
            counted = self._attempts.counted_by(login=login, address=address, device=known)
            self._attempts.require_patience(connection, counted, at)
        right = self._passwords.matches(row.password_hash if row else None, password)
        if row is None or not right:
            with self._engine.begin() as connection:
                self._attempts.note_failure(connection, counted, at)
            raise WrongPassword()
        with self._engine.connect() as connection:
            self._attempts.require_patience(connection, counted, at)
        with self._engine.begin() as connection:
            self._attempts.forget(connection, counted)
        return row

    def _known_device(
        self, connection: Connection, row: Row | None, device: str | None, at: datetime
    ) -> str | None:
        """The hash of the device's secret when the account has signed in on it before."""
        given = devices.secret_of(device)
        if row is None or given is None:
            return None
        hashed = secret_hash(given)
        return hashed if devices.is_known(connection, hashed, row.id, at, self._limits) else None

    def _require_own_device(self, connection: Connection, row: Row, device: str | None, at: datetime) -> None:
        """What an administrator set opens only where the person has signed in before, if there is such a place."""
        if row.reset_at is None or not row.must_change_password:
            return
        if at - row.reset_at >= self._limits.temporary_password:
            raise TemporaryPasswordEnded()
        known = self._known_device(connection, row, device, at)
        if known is None and devices.has_any(connection, row.id, at, self._limits):
            raise ResetOnAnotherDevice()

    def _kept_device(self, connection: Connection, account: str, device: str | None, at: datetime) -> str:
        """The secret of this device, known to the account from now on; a secret that we never gave is not taken."""
        given = devices.secret_of(device)
        ours = given if given and devices.is_ours(connection, secret_hash(given)) else devices.fresh_secret()
        devices.keep(connection, secret_hash(ours), account, at, self._limits)
        return ours

    def _keep_password(self, connection: Connection, checked: Row, **values: object) -> None:
        """Write over the very hash that was checked; one that was reset meanwhile has the last word."""
        same = (ACCOUNTS.c.id == checked.id) & (ACCOUNTS.c.password_hash == checked.password_hash)
        if connection.execute(update(ACCOUNTS).where(same).values(values)).rowcount != 1:
            raise WrongPassword()

    def _open(self, connection: Connection, account: str, at: datetime, device: str) -> SessionGrant:
        """A new session; those of the account that are past their time are cleared away with it."""
        past = (SESSIONS.c.account_id == account) & (SESSIONS.c.created_at <= at - self._limits.absolute)
        connection.execute(delete(SESSIONS).where(past))
        cookie_value, secret = secrets.token_urlsafe(32), secrets.token_hex(32)
        session = {"id_sha256": secret_hash(cookie_value), "account_id": account, "form_secret": secret}
        connection.execute(insert(SESSIONS).values(**session, created_at=at, last_seen_at=at))
        return SessionGrant(cookie_value=cookie_value, csrf=form_token(secret), device=device)
