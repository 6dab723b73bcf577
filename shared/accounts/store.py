"""The accounts of one node: made, found, changed and closed by the office's administrator.

Whoever calls has asked `rights.allowed` first; `by` is the account that gives the order and goes
into the account's history.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from shared.accounts.account_base import account_from, revoke
from shared.accounts.devices import forget
from shared.accounts.files import Files
from shared.accounts.names import one_form, require_login, require_name
from shared.accounts.passwords import require_good, temporary_password
from shared.accounts.people import Account, Change, NewAccount, UntoldChange
from shared.accounts.refusals import AdministratorExists, LastAdministrator, LoginTaken, UnknownRole
from shared.accounts.rights import Role
from shared.accounts.sessions import Sessions
from shared.accounts.tables import ACCOUNTS, CHANGES, SESSIONS, TOKENS
from shared.accounts.tokens import Tokens

SETUP = "setup"
"""Stands in `by` for whoever set the node up, before there was any account."""


class Accounts(Sessions, Tokens, Files):
    """The door of one node; see `sessions` for signing in and `tokens` for programs."""

    def create_first_administrator(
        self, login: str, name: str, unit: UUID, *, at: datetime, password: str | None = None
    ) -> NewAccount:
        """The account that makes the others; AdministratorExists if there is one."""
        with self._engine.connect() as connection:
            if _administrators(connection):
                raise AdministratorExists()
        return self.create(login, name, unit, Role.ADMINISTRATOR, by=SETUP, at=at, password=password)

    def create(
        self,
        login: str,
        name: str,
        unit: UUID,
        role: str,
        *,
        by: str,
        at: datetime,
        password: str | None = None,
        must_change: bool = True,
        words: Collection[str] = (),
    ) -> NewAccount:
        """A new account; without a password it gets a temporary one, which must be changed.

        `words` are the office's own, which no password is made of. The id follows from unit and login, so that a network made twice has the same accounts.
        Raises LoginMalformed, LoginTaken, NameMalformed, UnknownRole, WeakPassword.
        """
        kept_login = require_login(login)
        if password is not None:
            require_good(password, login=kept_login, words=(*words, name))
        made = temporary_password() if password is None else None
        values = {
            "id": str(uuid5(unit, kept_login)),
            "login": kept_login,
            "name": require_name(name),
            "unit_id": str(unit),
            "role": _require_role(role),
            "password_hash": self._passwords.hash(password or made or ""),
            "must_change_password": must_change or password is None,
            "created_at": at,
        }
        return NewAccount(account=self._insert(values, by=by, at=at), temporary_password=made)

    def find(self, login: str) -> Account | None:
        """The account with this login, in whatever case it is typed."""
        with self._engine.connect() as connection:
            row = self._row_by_login(connection, one_form(login))
        return account_from(row) if row else None

    def account_of(self, unit: UUID, login: str) -> str | None:
        """The account of a unit with this login, in whatever case it is typed; none where it is another's or closed."""
        found = self.find(login)
        return found.id if found and found.unit == unit and found.disabled_at is None else None

    def get(self, account: str) -> Account:
        """The account with this id, or NoSuchAccount."""
        with self._engine.connect() as connection:
            return account_from(self._row(connection, account))

    def list_accounts(self, units: Collection[UUID] | None = None) -> list[Account]:
        """The accounts of these units, or of the whole node, by login; also the disabled ones."""
        chosen = select(ACCOUNTS).order_by(ACCOUNTS.c.login)
        if units is not None:
            chosen = chosen.where(ACCOUNTS.c.unit_id.in_([str(unit) for unit in units]))
        with self._engine.connect() as connection:
            return [account_from(row) for row in connection.execute(chosen)]

    def disable(self, account: str, *, by: str, at: datetime) -> None:
        """Let nobody in with this account any more; its sessions and tokens end for good."""
        with self._changing() as connection:
            before = self._change(connection, account, "disabled", by=by, at=at, disabled_at=at)
            self._silence(connection, account, at)
            _require_an_administrator(connection, before)

    def enable(self, account: str, *, by: str, at: datetime) -> None:
        """Let the person in again, with the password they had."""
        with self._changing() as connection:
            self._change(connection, account, "enabled", by=by, at=at, disabled_at=None)

    def change_role(self, account: str, role: str, *, by: str, at: datetime) -> None:
        """Give another role; it counts from the next request of every open session. Tokens of the old one end."""
        with self._changing() as connection:
            before = self._change(connection, account, "role_changed", by=by, at=at, role=_require_role(role))
            revoke(connection, TOKENS, TOKENS.c.account_id == account, at)
            _require_an_administrator(connection, before)

    def reset_password(self, account: str, *, by: str, at: datetime) -> str:
        """A temporary password, shown once, to be changed at the next sign-in; sessions and tokens end.

        It opens only on a device that is known to the account, if there is one, and the person is told who set it.
        Whoever works on the machine itself (`SETUP`) helps somebody whose devices are lost.
        """
        made = temporary_password()
        kept = {"password_hash": self._passwords.hash(made), "must_change_password": True}
        kept |= {"reset_at": at, "reset_by": by}
        with self._changing() as connection:
            before = self._change(connection, account, "password_reset", by=by, at=at, **kept)
            for table in (SESSIONS, TOKENS):
                revoke(connection, table, table.c.account_id == account, at)
            if by == SETUP:
                forget(connection, account)
            self._attempts.forget_login(connection, before.login)
        return made

    def changes(self, account: str) -> list[Change]:
        """Who changed this account, oldest first."""
        lines = select(CHANGES).where(CHANGES.c.account_id == account).order_by(CHANGES.c.at)
        with self._engine.connect() as connection:
            return [Change(row.at, row.by, row.change, row.detail) for row in connection.execute(lines)]

    def untold_changes(self) -> list[UntoldChange]:
        """Changes that no fact tells of yet, oldest first. Who set the node up made its first accounts; that is no change."""
        ours = CHANGES.c.told_at.is_(None) & ~((CHANGES.c.by == SETUP) & (CHANGES.c.change == "created"))
        lines = select(CHANGES).where(ours).order_by(CHANGES.c.at, CHANGES.c.id)
        with self._engine.connect() as connection:
            return [
                UntoldChange(
                    row.id,
                    account_from(self._row(connection, row.account_id)),
                    *(row.running or 0, row.at, row.by, row.change, row.detail),
                )
                for row in connection.execute(lines).all()
            ]

    def note_told(self, change: str, *, at: datetime) -> None:
        """A fact tells of this change."""
        with self._engine.begin() as connection:
            connection.execute(update(CHANGES).where(CHANGES.c.id == change).values(told_at=at))

    def _insert(self, values: dict[str, object], *, by: str, at: datetime) -> Account:
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(ACCOUNTS).values(values))
                self._note(
                    connection, str(values["id"]), at=at, by=by, change="created", detail=str(values["role"])
                )
                return account_from(self._row(connection, str(values["id"])))
        except IntegrityError as trouble:
            raise LoginTaken(login=values["login"]) from trouble

    def _change(
        self, connection: Connection, account: str, change: str, *, by: str, at: datetime, **values: object
    ) -> Row:
        """Note a change and make it; gives the account as it was before."""
        self._note(connection, account, at=at, by=by, change=change, detail=str(values.get("role", "")))
        before = self._row(connection, account)
        connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(values))
        return before


def _administrators(connection: Connection) -> int:
    """How many people can still make accounts here."""
    able = (ACCOUNTS.c.role == Role.ADMINISTRATOR.value) & ACCOUNTS.c.disabled_at.is_(None)
    return connection.scalar(select(func.count()).select_from(ACCOUNTS).where(able)) or 0


def _require_an_administrator(connection: Connection, before: Row) -> None:
    """Asked after the change of an administrator, inside its transaction; the refusal takes it back."""
    if before.role == Role.ADMINISTRATOR and not _administrators(connection):
        raise LastAdministrator()


def _require_role(role: str) -> str:
    if role not in set(Role):
        raise UnknownRole(role=role)
    return str(role)
