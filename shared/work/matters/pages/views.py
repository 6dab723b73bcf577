"""What pages show of a matter: lines of lists, opened texts, and the steps that are possible now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from shared.web.csv_file import Cell
from shared.web.here import Here
from shared.web.languages import N_
from shared.web.stepping import full_name
from shared.work.common.sealed import Sealed
from shared.work.common.words import MatterClass
from shared.work.matters.questions.matter import Hand, Matter
from shared.work.matters.questions.matter_state import MatterState
from shared.work.matters.questions.matters import Age, MatterLine, Wanted

Page = Annotated[int, Query(ge=1, le=1_000_000)]
Limit = Annotated[int, Query(ge=0, le=1_000)]
Offset = Annotated[int, Query(ge=0, le=50_000_000)]
PAGE = 50
"""Lines of a list on one page: three screens of a phone, and one printed sheet."""

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
        """The same for the projection."""
        return replace(
            _scoped(here, self.scope),
            states=frozenset([MatterState(self.state)]) if self.state in set(MatterState) else frozenset(),
            ages=frozenset([Age(self.age)]) if self.age in set(Age) else frozenset(),
            matter_class=MatterClass(self.matter_class) if self.matter_class in set(MatterClass) else None,
            number=self.number.strip() or None,
            overdue=self.overdue,
            stuck=self.stuck,
            open=True if self.open else None,
            overdue_or_stuck=self.late,
        )

    def query(self) -> dict[str, str]:
        """The filter as it goes into an address."""
        return {name: ("1" if value is True else value) for name, value in vars(self).items() if value}


def _scoped(here: Here, scope: str) -> Wanted:
    unit = here.unit()
    below = frozenset(_below(here, unit.unit))
    return {
        "own": Wanted(owners=frozenset([unit.unit])),
        "below": Wanted(owners=below),
        "todo": Wanted(awaits=unit.unit),
        "in": Wanted(received_by=unit.unit),
        "out": Wanted(sent_by=unit.unit),
        "all": Wanted() if unit.kind == "county" else Wanted(owners=below | {unit.unit}),
    }.get(scope, Wanted(owners=frozenset([unit.unit])))


def _below(here: Here, unit: UUID) -> Iterable[UUID]:
    for child in here.office.directory.children(unit, closed=True):
        yield child.unit
        yield from _below(here, child.unit)


def names_of(here: Here) -> "Names":
    """Names of units for a page."""
    return Names(here)


class Names(Mapping[UUID | None, str]):
    """A unit's name with its township, by id; empty for none, the id for an unknown one."""

    def __init__(self, here: Here) -> None:
        self._units = here.office.directory.units

    def __getitem__(self, unit: UUID | None) -> str:
        found = self._units.get(unit) if unit else None
        return full_name(self._units, found) if found else str(unit or "")

    def __iter__(self) -> Any:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)


def open_text(here: Here, sealed: Sealed | None) -> str | None:
    """A sealed text in the clear, if this office holds its key and the person may read it."""
    return here.office.open(sealed)


@dataclass(frozen=True)
class Link:
    """A step that is possible now: its name, what it acts on, and what the form begins with."""

    name: str
    on: str
    path: str
    rights: tuple[str, ...]
    unit: UUID


def possible_steps(here: Here, matter: Matter) -> list[Link]:
    """The steps that this person may take now, in the order of the work."""
    links = [*_case_links(here, matter), *_hand_links(here, matter), *_county_links(here, matter)]
    return [link for link in links if any(here.may(action, link.unit) for action in link.rights)]


_BEFORE_REFERRAL = (MatterState.REGISTERED, MatterState.CLASSIFIED)
_STEPS_OF_STAGE = {
    "received": {
        "accept": "referral.accept",
        "decline": "referral.not_accept",
        "object": "referral.object",
        "pass-on": "matter.pass_on",
        "release": "referral.release",
    },
    "accepted": {
        "opinion": "referral.opinion",
        "pass-on": "matter.pass_on",
        "release": "referral.release",
    },
    "opinion_given": {"serve": "referral.serve"},
    "served": {"complete": "referral.complete"},
}


def _case_links(here: Here, matter: Matter) -> Iterable[Link]:
    line = matter.line
    if not here.office.keeps(line.owner) or line.ended_at is not None:
        return
    path = f"/matters/{line.case}/"
    if line.state in _BEFORE_REFERRAL and matter.open_offer is None:
        for name, action in (
            ("classify", "matter.classify"),
            ("refer", "matter.refer"),
            ("keep", "matter.keep"),
            ("correct", "matter.correct"),
        ):
            yield Link(name, "case", path + name, (action,), line.owner)
    objected = _objecting(matter, matter.open_offer)
    if objected:
        yield Link(
            "answer-objection",
            "case",
            f"{path}answer-objection?offer={objected.offer}",
            ("referral.answer_objection",),
            line.owner,
        )
    yield Link("withdraw", "case", path + "withdraw", ("matter.withdraw",), line.owner)


def _hand_links(here: Here, matter: Matter) -> Iterable[Link]:
    for hand in matter.hands:
        if not here.office.keeps(hand.unit):
            continue
        path = f"/referrals/{hand.referral}/"
        for name, action in _STEPS_OF_STAGE.get(hand.stage, {}).items():
            yield Link(name, "referral", path + name, (action,), hand.unit)
        objected = _objecting(matter, hand.open_offer)
        if objected:
            yield Link(
                "answer-objection",
                "referral",
                f"{path}answer-objection?offer={objected.offer}",
                ("referral.answer_objection",),
                hand.unit,
            )


def _county_links(here: Here, matter: Matter) -> Iterable[Link]:
    line = matter.line
    if here.office.settings.tier != "county" or line.ended_at is not None:
        return
    yield Link("letter", "county", f"/matters/{line.case}/letter", ("supervision.issue",), line.handler)
    last = next((hand for hand in reversed(matter.hands) if hand.stage in _STEPS_OF_STAGE), None)
    if last is not None:
        yield Link("override", "county", f"/matters/{line.case}/override", ("referral.override",), last.unit)


def _objecting(matter: Matter, offer: UUID | None) -> Hand | None:
    return next(
        (hand for hand in matter.hands if offer and hand.offer == offer and hand.stage == "objected"), None
    )


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
