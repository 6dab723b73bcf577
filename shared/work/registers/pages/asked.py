"""What is asked of a register: which records, of which offices, and whether the person may read them."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends

from shared.web.here import Here
from shared.web.lists import MaybeDay, require_span, require_word
from shared.work.common.refusals import NotFound, UnknownUnit
from shared.work.registers.declaration import Register
from shared.work.registers.records import RecordRow, Records, WantedRecords


@dataclass(frozen=True)
class Filter:
    """The filter of a list as it stands in the address; empty means any.

    `unit` is one office alone, `below` an office with every one under it; without both it is one's own, with those
    below where the person reads them. `counter` names a figure: the list is what makes it.
    """

    state: str = ""
    counter: str = ""
    unit: UUID | None = None
    below: UUID | None = None
    first: MaybeDay = None
    last: MaybeDay = None

    def wanted(self, here: Here, register: Register) -> WantedRecords:
        """The same for the projection.

        Errors: UnknownUnit, NotAllowed, UnknownWord, TooManyDays for days that run backwards.
        """
        if self.first and self.last and self.last < self.first:
            require_span(self.first, self.last)
        top = office_asked(here, register, self.unit or self.below)
        return WantedRecords(
            here.office.directory.answers_for(top) if self.unit else units_from(here, register, top),
            require_word("state", self.state, register.states),
            register.counter(require_word("counter", self.counter, [one.name for one in register.counters])),
            self.first,
            self.last,
        )

    def query(self) -> dict[str, Any]:
        """The filter as it goes into an address."""
        return {name: str(value) for name, value in vars(self).items() if value}


Asked = Annotated[Filter, Depends(Filter)]


def office_asked(here: Here, register: Register, unit: UUID | None) -> UUID:
    """The office that is asked about, one's own unless another is named. Errors: UnknownUnit, NotAllowed."""
    asked = unit or here.unit().unit
    if here.office.directory.find(asked) is None:
        raise UnknownUnit(unit=asked)
    here.require(register.read.action, asked)
    return asked


def units_from(here: Here, register: Register, top: UUID) -> frozenset[UUID]:
    """An office and, where the person reads below it, every office under it; with those whose work goes on there."""
    directory = here.office.directory
    below = directory.watched_below(top) if reads_below(here, register, top) else ()
    return frozenset([*directory.answers_for(top), *below])


def reads_below(here: Here, register: Register, unit: UUID) -> bool:
    """Whether the person may read the records of the offices under a unit; no where there are none."""
    children = here.office.directory.children(unit)
    return bool(children) and here.may(register.read.action, children[0].unit)


def record_asked(here: Here, records: Records, record: UUID) -> RecordRow:
    """A record that the person may see. Errors: NotFound, NotSignedIn, NotAllowed."""
    here.signed_in()
    found = here.ask(records.find, record)
    if found is None:
        raise NotFound(what=records.register.stem)
    here.require(records.register.read.action, found.unit)
    return found
