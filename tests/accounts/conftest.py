"""A door on each database: an office with one clerk and one administrator, at nine in the morning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from shared.accounts.passwords import Passwords
from shared.accounts.people import Account, Person, SessionGrant
from shared.accounts.store import Accounts
from shared.accounts.tables import METADATA
from shared.database.engines import create_schema, dispose_all, engine_for

NINE = datetime(2026, 3, 26, 1, 0, tzinfo=UTC)
OFFICE = UUID("00000000-0000-4000-8000-000000000001")
ADDRESS = "192.0.2.7"
PASSWORD = "lantern by the well 7"
OTHER_PASSWORD = "four umbrellas, one goat"


class CountingPasswords(Passwords):
    """Real Argon2id with the least work that it allows; counts how often a hash was computed."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, passes=1)
        self.verified: list[str] = []

    def _verify(self, kept: str, password: str) -> bool:
        self.verified.append(kept)
        return super()._verify(kept, password)


@dataclass
class Office:
    """The store under test with who is in it."""

    accounts: Accounts
    passwords: CountingPasswords
    engine: Engine
    clerk: Account
    administrator: Account

    def sign_in(
        self,
        *,
        login: str = "clerk",
        password: str = PASSWORD,
        at: datetime = NINE,
        device: str | None = None,
    ) -> SessionGrant:
        return self.accounts.sign_in(login, password, at=at, address=ADDRESS, device=device)

    def person(self, grant: SessionGrant, at: datetime = NINE) -> Person | None:
        return self.accounts.session_for(grant.cookie_value, at=at)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path) -> Iterator[Engine]:
    """An empty database as a node gets it: a file, or a schema of its own on the server."""
    if request.param == "sqlite":
        engine = engine_for(f"sqlite:///{tmp_path}/node.sqlite", None)
    else:
        engine = _schema_on(request.getfixturevalue("postgres"), "town-100")
    yield engine
    engine.dispose()
    dispose_all()


def _schema_on(address: str, schema: str) -> Engine:
    engine = engine_for(address, schema)
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))
    create_schema(engine, schema)
    return engine


@pytest.fixture
def office(engine: Engine) -> Office:
    passwords = CountingPasswords()
    accounts = Accounts(engine, passwords=passwords)
    METADATA.create_all(engine)
    first = accounts.create_first_administrator("admin", "管理员", OFFICE, at=NINE, password=OTHER_PASSWORD)
    clerk = accounts.create(
        "clerk",
        "接待员",
        OFFICE,
        "petition_clerk",
        by=first.account.id,
        at=NINE,
        password=PASSWORD,
        must_change=False,
    )
    return Office(accounts, passwords, engine, clerk.account, first.account)
