"""What a petition says, as it travels from office to office: texts and identities stay sealed."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from shared.work.common.calendar import ZONE
from shared.work.common.fact import Fact, UnitId
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.words import Channel, MatterClass, PersonRole, Purpose

REPRESENTATIVES_AT_MOST = 5
"""Largest number of elected representatives of a collective petition.

Unit: persons. Source: Regulations on Petition Work (2022), article 20 (2005: article 18).
"""


class AccusationNotTaken(Refusal):
    """An accusation is not registered on this form: its way goes past the offices between."""

    code = "accusation-not-taken"
    sentence = (
        "An accusation against an official or an office is not entered here, so that nobody between can read it."
        " Give the petitioner the printed way to the county's discipline inspection intake."
    )
    kind = Kind.WRONG_INPUT


class TooManyRepresentatives(Refusal):
    """More representatives than the Regulations allow."""

    code = "too-many-representatives"
    sentence = (
        "A petition has at most %(most)s representatives, and %(named)s are named."
        " Let the petitioners choose %(most)s and enter the number of persons beside them."
    )
    kind = Kind.WRONG_INPUT


class NobodyNamed(Refusal):
    """No petitioner without a word that none gave a name, or fewer persons than are named."""

    code = "nobody-named"
    sentence = (
        "Name at least one petitioner, or say that no name is given;"
        " the number of persons cannot be smaller than the %(named)s named."
    )
    kind = Kind.WRONG_INPUT


class NamedAndAnonymous(Refusal):
    """It is said that no name is given, and somebody is named."""

    code = "named-and-anonymous"
    sentence = "Somebody is named here, and it is said that no name is given. Take one of the two out."
    kind = Kind.WRONG_INPUT


class EarlierIncomplete(Refusal):
    """An earlier office without its day, or a day without the office."""

    code = "earlier-incomplete"
    sentence = "Give both the office that it was brought to before and the day, or neither of them."
    kind = Kind.WRONG_INPUT


class OfficeClosedByThen(Refusal):
    """An office is named for a day on which it did not exist any more."""

    code = "office-closed-by-then"
    sentence = "%(name)s was closed on %(day)s. Choose the office that took its place, or an earlier day."
    kind = Kind.WRONG_INPUT


class LaterThanToday(Refusal):
    """A date lies in the future."""

    code = "later-than-today"
    sentence = "%(day)s lies in the future. Enter the day on which the petition came in."
    kind = Kind.WRONG_INPUT


class LaterThanNow(Refusal):
    """The hour of receipt has not come yet."""

    code = "later-than-now"
    sentence = "The hour %(hour)s has not come yet today. Enter the hour at which the petition came in."
    kind = Kind.WRONG_INPUT


IMPOSSIBLE_CONTENT = (
    *(TooManyRepresentatives, NobodyNamed, LaterThanToday, LaterThanNow),
    *(NamedAndAnonymous, EarlierIncomplete, OfficeClosedByThen),
)
"""How a petition that cannot be so is refused, as it is entered, and by `check_content` and `check_hour`."""


@dataclass(frozen=True)
class Petitioner:
    """A person in a petition; `person` numbers the persons of one case from 1."""

    person: int
    role: PersonRole
    name: Sealed
    contact: Sealed


@dataclass(frozen=True)
class Earlier:
    """The petitioner says that the matter was brought to another office before."""

    unit: UnitId
    on: date


@dataclass(frozen=True)
class Content:
    """The petition itself; `persons` counts people, `petitioners` names a few of them; nobody when it is anonymous."""

    channel: Channel
    purpose: Purpose
    matter_class: MatterClass
    received_on: date
    persons: int
    petitioners: tuple[Petitioner, ...]
    summary: Sealed
    request: Sealed
    account: Sealed
    place: UnitId | None = None
    earlier: Earlier | None = None


class ReceiptFact(Fact):
    """A registration, which says at which hour of the content's day the petition came in.

    The hour is local time; none where the day alone is known, as always until version 1.
    """

    class_version = 2

    received_time: time | None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """Of its day alone."""
        data["received_time"] = None


def check_content(content: Content, today: date) -> None:
    """Refuse a petition that cannot be true. Errors: those of `IMPOSSIBLE_CONTENT`."""
    representatives = [p for p in content.petitioners if p.role is PersonRole.REPRESENTATIVE]
    if len(representatives) > REPRESENTATIVES_AT_MOST:
        raise TooManyRepresentatives(most=REPRESENTATIVES_AT_MOST, named=len(representatives))
    if content.persons < len(content.petitioners):
        raise NobodyNamed(named=len(content.petitioners), field="persons")
    for field, day in (
        ("received_on", content.received_on),
        ("earlier_on", content.earlier and content.earlier.on),
    ):
        if day and day > today:
            raise LaterThanToday(day=day.isoformat(), field=field)


def check_hour(day: date, hour: time | None, now: datetime) -> None:
    """Refuse an hour of receipt, in local time, that lies ahead; none is never refused. Errors: LaterThanNow."""
    if hour and datetime.combine(day, hour, ZONE) > now:
        raise LaterThanNow(hour=hour.isoformat("minutes"))


@dataclass(frozen=True)
class Handover:
    """An offer of a matter to an office, and what that office needs to know of it.

    `offer` is the id of the offering fact; `owner` registered the matter; `hop` counts the hands
    from 1; `came_by` is the offer that brought the matter to the sender (none when the registering
    office itself offers it); `target` is set when the office is asked to pass the matter on sideways.
    """

    offer: UUID
    came_by: UUID | None
    case: UUID
    number: str
    owner: UnitId
    hop: int
    assignment: bool
    report_back_by: date | None
    content: Content
    target: UnitId | None = None
