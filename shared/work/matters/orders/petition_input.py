"""A petition as an office enters it, and what becomes of it: texts sealed, offices as they were on the day."""

import unicodedata
from collections.abc import Sequence
from datetime import date, time
from itertools import count
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from shared.orders.input import Day, Input, Line, MaybeLine, Text
from shared.orders.order import Order, Seals, Setting
from shared.work.common.refusals import UnknownUnit
from shared.work.common.words import Channel, MatterClass, PersonRole, Purpose
from shared.work.matters.content import (
    AccusationNotTaken,
    Content,
    Earlier,
    EarlierIncomplete,
    NamedAndAnonymous,
    NobodyNamed,
    OfficeClosedByThen,
    Petitioner,
)

PETITIONERS_AT_MOST = 12
"""Most persons that a petition names. Unit: persons; more of them are counted, and named in the paper."""

WORDS_FOR_NOBODY = frozenset(
    (
        "匿名",
        "匿名者",
        "匿名人",
        "匿名信",
        "匿名信访人",
        "匿名群众",
        "无名",
        "无名氏",
        "未署名",
        "未留名",
        "姓名不详",
        "不详",
    )
    + ("anonymous", "anon", "unknown", "no name", "n/a")
)
"""What is typed where a form has no choice for it. None of it is anybody's name."""


def _to_the_minute(hour: time) -> time:
    """The hour in local time, as a person writes it down."""
    return hour.replace(second=0, microsecond=0, tzinfo=None)


class PetitionerInput(Input):
    """A person as entered; `contact` may be empty when the person gives none."""

    role: PersonRole = PersonRole.PETITIONER
    name: Line
    contact: MaybeLine = ""

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if unicodedata.normalize("NFKC", name).strip(" .()-").casefold() in WORDS_FOR_NOBODY:
            raise PydanticCustomError("not_a_name", "That nobody is named is a choice of its own")
        return name


class MatterInput(Order):
    """A petition as entered on the form; `anonymous` when the petitioner gives no name, and then nobody is named."""

    LATER = frozenset({"anonymous", "received_time"})
    channel: Channel
    purpose: Purpose
    matter_class: MatterClass
    received_on: Day
    received_time: Annotated[time, AfterValidator(_to_the_minute)] | None = None
    persons: int = Field(ge=1, le=100_000)
    anonymous: bool = False
    petitioners: list[PetitionerInput] = Field(default=[], max_length=PETITIONERS_AT_MOST)
    summary: Line
    request: Text
    account: Text
    place: UUID | None = None
    earlier_unit: UUID | None = None
    earlier_on: Day | None = None

    def content(
        self, seals: Seals, setting: Setting, was: Content | None = None, kept: Sequence[Petitioner] = ()
    ) -> Content:
        """The petition with its texts sealed; of what `was` registered stays what this does not speak of, and whom it `kept`.

        Errors: AccusationNotTaken, UnknownUnit, NobodyNamed, NamedAndAnonymous, EarlierIncomplete, OfficeClosedByThen, and
        sealing's.
        """
        if self.matter_class is MatterClass.DISCIPLINE:
            raise AccusationNotTaken()
        self._require_a_choice(len(self.petitioners) + len(kept))
        return Content(
            channel=self.channel,
            purpose=self.purpose,
            matter_class=self.matter_class,
            received_on=self.received_on,
            persons=self.persons,
            petitioners=_petitioners(seals, self.petitioners, kept),
            summary=seals.text("summary", self.summary),
            request=seals.text("request", self.request),
            account=seals.text("account", self.account),
            place=self._place(setting, was),
            earlier=self._earlier(setting, was),
        )

    def _require_a_choice(self, named: int) -> None:
        """Somebody is named, or it is said that nobody is."""
        if self.anonymous and named:
            raise NamedAndAnonymous(field="anonymous")
        if not self.anonymous and not named:
            raise NobodyNamed(named=0, field="petitioners")

    def _place(self, setting: Setting, was: Content | None) -> UUID | None:
        if was and (not self._speaks_of("place") or self.place == was.place):
            return was.place
        if self.place:
            _require_existing(setting, self.place, self.received_on, "place")
        return self.place

    def _earlier(self, setting: Setting, was: Content | None) -> Earlier | None:
        if was and not self._speaks_of("earlier_unit", "earlier_on"):
            return was.earlier
        if self.earlier_unit is None or self.earlier_on is None:
            if self.earlier_unit or self.earlier_on:
                raise EarlierIncomplete(field="earlier_on" if self.earlier_unit else "earlier_unit")
            return None
        told = Earlier(self.earlier_unit, self.earlier_on)
        if was is None or told != was.earlier:
            _require_existing(setting, told.unit, told.on, "earlier_unit")
        return told

    def _speaks_of(self, *fields: str) -> bool:
        return bool(self.model_fields_set & {*fields})


def _require_existing(setting: Setting, unit: UUID, day: date, field: str) -> None:
    """Refuse an office that did not exist any more on that day. One that is older than the directory is not known as such."""
    found = setting.directory.find(unit)
    if found is None:
        raise UnknownUnit(unit=unit, field=field)
    if found.closed_on is not None and day > found.closed_on:
        raise OfficeClosedByThen(name=found.name, day=found.closed_on.isoformat(), field=field)


def _petitioners(
    seals: Seals, given: Sequence[PetitionerInput], kept: Sequence[Petitioner]
) -> tuple[Petitioner, ...]:
    """Who is named: those that stay keep their numbers and their seals, the others get those that are free."""
    taken = {person.person for person in kept}
    free = (number for number in count(1) if number not in taken)
    named = [_person(seals, number, person) for number, person in zip(free, given, strict=False)]
    return tuple(sorted((*kept, *named), key=lambda person: person.person))


def _person(seals: Seals, person: int, given: PetitionerInput) -> Petitioner:
    return Petitioner(
        person=person,
        role=given.role,
        name=seals.identity(person, "name", given.name),
        contact=seals.identity(person, "contact", given.contact),
    )
