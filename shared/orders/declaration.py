"""What an order says of itself, from which its doors are derived: address, right, tiers, page, example."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.accounts.rights import Right
from shared.work.common.order_refusals import OF_ANY_ORDER
from shared.work.common.refusals import Refusal
from shared.work.common.words import Tier

EVERYWHERE = frozenset(Tier)
ABOVE_VILLAGES = frozenset({Tier.TOWNSHIP, Tier.COUNTY})
AT_THE_COUNTY = frozenset({Tier.COUNTY})


@dataclass(frozen=True)
class Step:
    """An order as a page of its own: one thing, a few fields, one button.

    `thing` is what it is about (`case`, `referral`), whose pages show a link to it; `name` the last part of its
    address. `title`, `button` and `says` (what it means for those concerned) are English and marked for translation.
    Its page is made from the order's fields, unless it is `drawn_by_hand`; then its subject has that page itself.
    """

    thing: str
    name: str
    title: str
    button: str
    says: str = ""
    drawn_by_hand: bool = False


@dataclass(frozen=True)
class Declared:
    """What an order says of itself.

    `name` is its address below `/api/orders/`, for ever. `rights` are those of which it checks one. `tiers` are the
    doors that take it. `sample` is an example of what a person fills in; offices, computers and the thing that the
    order is about are filled in by whoever uses the sample. `known_as` is the name of the class when its first keys
    were kept, where it has another one today: a request that is repeated after an upgrade finds its answer. `refusals`
    are those of its own rules, besides what any order may be refused with. `earlier_names` are addresses of earlier
    releases, which go on working.
    """

    name: str
    rights: tuple[Right, ...]
    tiers: frozenset[Tier] = EVERYWHERE
    step: Step | None = None
    sample: Mapping[str, Any] = field(default_factory=dict)
    known_as: str = ""
    earlier_names: tuple[str, ...] = ()
    refusals: tuple[type[Refusal], ...] = ()

    @property
    def actions(self) -> tuple[str, ...]:
        """The rights by name."""
        return tuple(right.action for right in self.rights)

    @property
    def possible_refusals(self) -> tuple[type[Refusal], ...]:
        """Everything that it may be refused with."""
        return (*OF_ANY_ORDER, *self.refusals)
