"""What a node is handed of the work: it carries facts without knowing any subject."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from shared.accounts.people import Person
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import fact_of
from shared.event_log.order_context import OrderContext
from shared.orders.order import Mine, Order, Reaction, Setting
from shared.orders.order import OrderContext as Deciding
from shared.projections.projections import Projections
from shared.work.common.authority import Violation
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

    stays: frozenset[str]
    """Kinds of records that stay with their node when an office moves to another one."""

    made_keys: Callable[[Connection, UUID, set[UUID]], bool]
    """Whether one of the units made the keys of a subject: it may ask for them back."""

    raise_alarm: Callable[[OrderContext, UUID, Violation], None]
    """Tells the offices above, in the name of a unit, that a node said what is not for it to say."""

    within_text: Callable[[Deciding, Setting, Order], Callable[[], None]]
    """Whether whoever gives an order may enter so much text more today; what is returned counts it. Errors: TextReached."""

    take_file: Callable[[Any, Person, str, datetime], None]
    """Counts, at a node, a list that somebody takes away as a file. Errors: FilesReached."""

    def follow(self, context: OrderContext, known: JournaledFact, mine: Mine) -> None:
        """Do what follows from a fact that has just become known. Errors: any Refusal, which undoes it."""
        for reaction in self.reactions.get(known.envelope.name, ()):
            reaction(context, fact_of(known.envelope), mine)
            context.record()
