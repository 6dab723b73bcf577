"""Bearer tokens: a program at the door, with the rights of one account and never more."""

import secrets
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Row, insert, select

from shared.accounts.account_base import PERSON_COLUMNS, AccountBase, person_from, revoke, secret_hash
from shared.accounts.names import require_name
from shared.accounts.people import NewToken, Person, Token
from shared.accounts.refusals import ExpiryInThePast, ExpiryTooLate, NoSuchToken
from shared.accounts.tables import ACCOUNTS, TOKENS

MARK = "huiyin_"
"""Opens every token, so that one left in a file or a log is found by a search."""


class Tokens(AccountBase):
    """The part of the store that programs meet."""

    def make_token(self, account: str, name: str, *, expires: datetime, at: datetime) -> NewToken:
        """A token of its holder's own making; `name` says which program holds it. The secret is shown once.

        Raises NameMalformed, ExpiryInThePast, ExpiryTooLate, NoSuchAccount.
        """
        if expires <= at:
            raise ExpiryInThePast()
        if expires - at > self._limits.token_longest:
            raise ExpiryTooLate(days=self._limits.token_longest.days)
        secret = MARK + secrets.token_urlsafe(32)
        token = Token(
            str(uuid4()), require_name(name), account, at, expires, last_used_at=None, revoked_at=None
        )
        kept = {
            "id": token.id,
            "secret_sha256": secret_hash(secret),
            "account_id": account,
            "name": token.name,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(TOKENS).values(**kept, created_at=at, expires_at=expires))
            self._note(connection, account, at=at, by=account, change="token_made", detail=token.name)
            self._row(connection, account)
        return NewToken(token=token, secret=secret)

    def revoke_token(self, token: str, *, by: str, at: datetime) -> None:
        """End a token by its id; NoSuchToken if there is none."""
        with self._engine.begin() as connection:
            revoke(connection, TOKENS, TOKENS.c.id == token, at)
            row = connection.execute(select(TOKENS).where(TOKENS.c.id == token)).one_or_none()
            if row is None:
                raise NoSuchToken()
            self._note(connection, row.account_id, at=at, by=by, change="token_revoked", detail=row.name)

    def list_tokens(self, account: str) -> list[Token]:
        """All tokens the account ever had, newest first."""
        of_account = select(TOKENS).where(TOKENS.c.account_id == account).order_by(TOKENS.c.created_at.desc())
        with self._engine.connect() as connection:
            return [_token_from(row) for row in connection.execute(of_account)]

    def live_tokens(self, *, at: datetime) -> dict[str, list[Token]]:
        """The tokens that still work, by account, each account's newest first."""
        live = TOKENS.c.revoked_at.is_(None) & (TOKENS.c.expires_at > at)
        found: dict[str, list[Token]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(select(TOKENS).where(live).order_by(TOKENS.c.created_at.desc())):
                found.setdefault(row.account_id, []).append(_token_from(row))
        return found

    def person_for_token(self, secret: str, *, at: datetime) -> Person | None:
        """Who this token speaks for now; none if unknown, revoked, expired, or the account disabled."""
        live = (
            select(*PERSON_COLUMNS, TOKENS.c.id.label("token_id"), TOKENS.c.last_used_at)
            .join_from(TOKENS, ACCOUNTS, TOKENS.c.account_id == ACCOUNTS.c.id)
            .where(
                TOKENS.c.secret_sha256 == secret_hash(secret),
                TOKENS.c.revoked_at.is_(None),
                TOKENS.c.expires_at > at,
                ACCOUNTS.c.disabled_at.is_(None),
            )
        )
        with self._reading.connect() as connection:
            row = connection.execute(live).one_or_none()
        if row is None:
            return None
        if row.last_used_at is None or at - row.last_used_at >= self._limits.seen_every:
            self._touch(TOKENS.c.id == row.token_id, TOKENS.c.last_used_at, at)
        return person_from(row, token=row.token_id)


def _token_from(row: Row) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        account=row.account_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
