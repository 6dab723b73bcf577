"""What pages see of the node they are served by."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from shared.accounts.store import Accounts
from shared.casework.actor import Actor
from shared.casework.calendar import Calendar
from shared.casework.sealed import Sealed
from shared.clock import Clock
from shared.directory import Directory, UnitInfo
from shared.settings import NodeSettings

T = TypeVar("T")


class Office(Protocol):
    """A node as its pages see it."""

    name: str
    settings: NodeSettings
    clock: Clock
    accounts: Accounts

    @property
    def directory(self) -> Directory: ...
    @property
    def calendar(self) -> Calendar: ...
    def now(self) -> datetime: ...
    def units(self) -> list[UnitInfo]: ...
    def keeps(self, unit: UUID) -> bool: ...
    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T: ...
    def open(self, sealed: Sealed | None) -> str | None: ...
    def routes(self) -> list[Any]: ...
    def holders_of(self, route: str) -> list[str]: ...
    def tally(self) -> dict[str, int]: ...
    def is_settled(self) -> bool: ...
    def state(self) -> dict[str, Any]: ...
    def change(
        self,
        by: Actor,
        decide: Callable[[Any], Any],
        *,
        key: str | None = None,
        content: Any = None,
        at: datetime | None = None,
        streams: tuple[UUID, ...] = (),
        fresh: tuple[UUID, ...] = (),
    ) -> "Future[dict[str, Any]]": ...
