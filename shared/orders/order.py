"""What an order sees of the node it is given to."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from shared.database.batched_question import BatchedQuestion
from shared.orders.declaration import Declared
from shared.orders.input import Input
from shared.work.common.actor import Actor
from shared.work.common.calendar import Calendar, day_of
from shared.work.common.closing import Closing
from shared.work.common.fact import Stream
from shared.work.common.numbering import life_of
from shared.work.common.quota import Quotas
from shared.work.common.refusals import OfficeIsClosed, UnknownUnit
from shared.work.common.sealed import Sealed
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory

S = TypeVar("S", bound=Stream)
T = TypeVar("T")


class Seals(Protocol):
    """Seals the fields of the next fact of one stream."""

    def text(self, field: str, text: str) -> Sealed: ...
    def identity(self, person: int, field: str, text: str) -> Sealed: ...


def sealed_if_given(seals: Seals, field: str, text: str | None) -> Sealed | None:
    """A text that may be left out, sealed; none when it was."""
    return seals.text(field, text) if text else None


class OrderContext(Protocol):
    """Where one order is decided, inside the node's writer."""

    at: datetime

    def load(self, kind: type[S], stream: UUID, version: int | None = None) -> S: ...
    def add(self, stream: S) -> S: ...
    def exists(self, stream: UUID) -> bool: ...
    def acting(self) -> list[tuple[UUID, UUID]]: ...
    def ask(
        self, question: Callable[..., T], *arguments: Any, about: UUID | None = None, **named: Any
    ) -> T: ...
    def answer(self, question: BatchedQuestion) -> Any: ...
    def kept(self, key: Hashable, read: Callable[[], T]) -> T: ...
    def next_fact(self, stream: UUID, version: int) -> UUID: ...
    def seals(self, stream: UUID, version: int, subject: UUID, *, making: bool = False) -> Seals: ...


Mine = Callable[[UUID], bool]
"""Whether a unit is kept here."""

Reaction = Callable[[OrderContext, Any, Mine], None]
"""What follows from a fact, given as its class; what it decides in the context is recorded."""


@dataclass(frozen=True)
class Setting:
    """What stands around an order: who gives it, the directory, the calendar, and this node's units and incarnation.

    `awaits` says whether a unit has moved here and a record of it has not come yet, `closing` until when what was reported
    can be put right, `quotas` what a day has at most; `account_of` finds the account of a unit by its sign-in name.
    """

    actor: Actor
    directory: Directory
    calendar: Calendar
    keeps: Callable[[UUID], bool]
    awaits: Callable[[UUID, UUID], bool]
    incarnation: int
    closing: Closing = Closing()
    quotas: Quotas = Quotas()
    account_of: Callable[[UUID, str], str | None] = lambda unit, login: None

    def life(self, unit: UUID) -> int:
        """Which block of numbers the unit's records take: one for each life of each node that has kept it."""
        return life_of(self.directory.home_of(unit), self.incarnation)

    def open_unit(self, unit: UUID) -> UnitInfo:
        """A unit that exists today. Errors: OfficeIsClosed where another goes on with its work, UnknownUnit."""
        found = self.directory.find(unit)
        if found is not None and found.open:
            return found
        self.require_no_successor(unit)
        raise UnknownUnit(unit=unit)

    def require_no_successor(self, unit: UUID) -> None:
        """Refuse a closed unit whose work goes on at another one, and name that. Errors: OfficeIsClosed."""
        found, now = self.directory.find(unit), self.directory.present(unit)
        if found is not None and found.closed_on and now != unit:
            day, successor = found.closed_on.isoformat(), self.directory.name_of(now)
            raise OfficeIsClosed(name=found.name, day=day, successor=successor)


class Order(Input):
    """An order's input; `DECLARED` says what it is called, whose it is and how it looks.

    `about` is the unit whose right it is. A `version` is the state that the person saw; an older one than the
    present is refused. Fields with a title stand on its form, in their order.
    """

    DECLARED: ClassVar[Declared]

    LATER: ClassVar[frozenset[str]] = frozenset()
    """Fields that came with a later release, all of which may be left out."""

    SLOW: ClassVar[bool] = False
    """Whether `prepare` has work that takes milliseconds."""

    def prepare(self) -> None:
        """Work that needs nothing but the order itself, done before the writer's turn."""

    def streams(self) -> tuple[UUID, ...]:
        """Streams that the order is known to ask for, so that a group reads them together."""
        return ()

    def expected_new(self) -> tuple[UUID, ...]:
        """Streams that the order begins unless somebody was quicker; they are not looked up before."""
        return ()

    def questions(self, at: datetime) -> tuple[BatchedQuestion, ...]:
        """What the order, given at a moment, will ask of projections, so that a group asks it once for all its orders."""
        return ()

    def action(self) -> str:
        """The right that this order needs, as it was filled in."""
        return self.DECLARED.rights[0].action

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        """The unit whose right it is: that of the stream, or of the office that is addressed."""
        raise NotImplementedError

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any] | None:
        """Refuse, or record; what it returns is added to the answer."""
        raise NotImplementedError

    def as_asked(self) -> dict[str, Any]:
        """What it says, by which it is known again under its key. What came with a later release counts only where it says
        something, so that a request is known that was given to one release and is repeated to the next."""
        silent = {name for name in self.LATER if getattr(self, name) == _default_of(self, name)}
        return self.model_dump(mode="json", exclude=silent)

    def today(self, context: OrderContext) -> date:
        """The day of the order in the network's zone."""
        return day_of(context.at)


def _default_of(order: Order, name: str) -> Any:
    return type(order).model_fields[name].get_default()
