"""What a node is handed of the work: it carries facts without knowing any subject."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from shared.orders.order import Reaction
from shared.projections.projections import Projections
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class Work:
    """The subjects of the work as the list of them (`shared/work/catalogue.py`) puts them together."""

    projections: Projections
    reactions: dict[str, tuple[Reaction, ...]]
    """Stable name of a fact to what follows from it."""

    directory: Callable[[Connection], Directory]
    """The directory as the projections hold it."""

    offers_not_received: Callable[[Connection, set[UUID]], list[UUID]]
    """Facts that offer a matter to one of the units, and that it has not received."""

    keys_for: dict[str, tuple[str, ...]]
    """Stable name of a fact to its fields with offices that it entitles to keys."""

    made_keys: Callable[[Connection, UUID, set[UUID]], bool]
    """Whether one of the units made the keys of a subject: it may ask for them back."""
