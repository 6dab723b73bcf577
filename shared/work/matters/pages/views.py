"""What pages show of a matter: lines of lists, opened texts, and the steps that are possible now."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from shared.orders.folding import matter_number_of
from shared.web.csv_file import Cell
from shared.web.here import Here
from shared.web.lists import require_word, word_of
from shared.work.common.sentences import N_
from shared.work.common.words import MatterClass
from shared.work.matters.questions.matter import Matter
from shared.work.matters.questions.matters import MatterLine, Wanted
from shared.work.matters.questions.present_matters import Age, Listed
from shared.work.matters.stages import MatterState

W = TypeVar("W", bound=StrEnum)
SCOPES = {
    "own": N_("Registered here"),
    "below": N_("Registered at the offices below"),
    "todo": N_("Waiting for this office"),
    "in": N_("Came from other offices"),
    "out": N_("Out at other offices"),
    "all": N_("All matters known here"),
}


@dataclass(frozen=True)
class Filter:
    """The filter of a list as it stands in the address."""

    scope: str
    state: str = ""
    age: str = ""
    matter_class: str = ""
    number: str = ""
    overdue: bool = False
    stuck: bool = False
    open: bool = False
    late: bool = False

    def wanted(self, here: Here) -> Wanted:
        """The same for the projection. Errors: UnknownWord."""
        require_word("scope", self.scope, SCOPES)
        return replace(
            _scoped(here, self.scope),
            states=_some(word_of(MatterState, "state", self.state)),
            ages=_some(word_of(Age, "age", self.age)),
            matter_class=word_of(MatterClass, "matter_class", self.matter_class),
            number=matter_number_of(self.number) or None,
            overdue=self.overdue,
            stuck=self.stuck,
            open=True if self.open else None,
            overdue_or_stuck=self.late,
        )

    def query(self) -> dict[str, str]:
        """The filter as it goes into an address."""
        return {name: ("1" if value is True else value) for name, value in vars(self).items() if value}


def _some(word: W | None) -> frozenset[W]:
    return frozenset() if word is None else frozenset([word])


def _scoped(here: Here, scope: str) -> Wanted:
    unit = here.unit()
    directory = here.office.directory
    own, below = directory.answers_for(unit.unit), directory.watched_below(unit.unit)
    return {
        "own": Wanted(Listed.OWN, own),
        "below": Wanted(Listed.OWN, below),
        "todo": Wanted(Listed.AWAITS, own),
        "in": Wanted(Listed.RECEIVED, own),
        "out": Wanted(Listed.OUT, own),
        "all": Wanted() if unit.kind == "county" else Wanted(Listed.OWN, below | own),
    }[scope]


def involved(matter: Matter) -> list[UUID]:
    """Every office that has or had to do with a matter, for the right to read it."""
    return [matter.line.owner, *(hand.unit for hand in matter.hands)]


LINE_CELLS = (
    "number",
    "state",
    "class",
    "channel",
    "purpose",
    "persons",
    "received_on",
    "days",
    "due",
    "provisional",
    "overdue",
)
"""Columns of a list of matters as a file."""


def line_cells(line: MatterLine) -> list[Cell]:
    """A list's line as the cells of `LINE_CELLS`."""
    return [
        line.number,
        line.state.value,
        line.matter_class,
        line.channel,
        line.purpose,
        line.persons,
        line.received_on,
        line.days,
        line.due,
        "yes" if line.due_provisional else "",
        "yes" if line.overdue else "",
    ]
