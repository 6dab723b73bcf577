"""Where quotas are used up: by what an order enters, a registration, a new version, a file that is taken away."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from shared.accounts.people import Person
from shared.accounts.store import Accounts
from shared.orders.order import Order, OrderContext, Setting
from shared.settings.network import NodeSettings
from shared.work.common.calendar import day_of
from shared.work.common.quota import DayUse, FilesReached
from shared.work.quotas.questions import raised_of_files, use_of_the_day

T = TypeVar("T")


class TakesFiles(Protocol):
    """What the quota of files needs of a node."""

    @property
    def settings(self) -> NodeSettings: ...
    @property
    def accounts(self) -> Accounts: ...
    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T: ...


def day_use(context: OrderContext, unit: UUID) -> DayUse:
    """What an office has used up today; read of its record once, and kept up by whoever uses up more."""
    day = day_of(context.at)
    return context.kept(
        ("use of a day", unit, day), lambda: context.ask(use_of_the_day, unit, day, about=unit)
    )


def within_text(context: OrderContext, setting: Setting, order: Order) -> Callable[[], None]:
    """Whether the person may enter the order's texts today; what is returned counts them. Errors: TextReached."""
    size, account = text_size(order), setting.actor.account
    use = day_use(context, setting.actor.unit) if size else DayUse()
    use.require_text(setting.quotas, account, size)

    def count() -> None:
        use.text[account] += size

    return count


def text_size(value: Any) -> int:
    """How much text a person typed into an order. Unit: bytes of UTF-8; a chosen word counts nothing."""
    if type(value) is str:
        return len(value.encode("utf-8", "surrogatepass"))
    parts: Iterable[Any] = ()
    if isinstance(value, BaseModel):
        parts = vars(value).values()
    elif isinstance(value, list | tuple):
        parts = value
    return sum(map(text_size, parts))


def take_file(node: TakesFiles, person: Person, name: str, at: datetime) -> None:
    """Count a list that somebody takes away as a file. Errors: FilesReached."""
    day = day_of(at)
    usual = node.settings.network.quotas.files_of_a_person
    most = usual + node.ask(raised_of_files, person.unit, day, person.account)
    if node.accounts.files_of(person.account, day) >= most:
        raise FilesReached(most=most)
    node.accounts.note_file(person.account, name, at=at, day=day)
