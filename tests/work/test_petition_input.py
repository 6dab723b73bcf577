"""What an office enters of a petition: half an answer is refused at its field, and a correction keeps what it is silent of."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.orders.order import Setting
from shared.work.catalogue import ORDERS
from shared.work.common.actor import Actor
from shared.work.common.calendar import Calendar
from shared.work.common.refusals import Refusal, UnknownUnit
from shared.work.common.sealed import Sealed
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory
from shared.work.matters.content import (
    Content,
    Earlier,
    EarlierIncomplete,
    NamedAndAnonymous,
    NobodyNamed,
    OfficeClosedByThen,
)
from shared.work.matters.orders.petition_input import WORDS_FOR_NOBODY, MatterInput
from shared.work.matters.orders.registering import PETITION, CorrectMatter
from tests.work.scene import TOWN_A, VILLAGE_1, VILLAGE_2, content, persons, text, unit_id

CLOSED_ON = date(2026, 3, 10)
NOWHERE = unit_id("nowhere")


def _unit(unit: UUID, name: str, closed_on: date | None = None) -> UnitInfo:
    return UnitInfo(
        unit, "430321101201", "101201", name, "", "village", TOWN_A, "one", "", date(2026, 1, 1), closed_on
    )


DIRECTORY = Directory(
    [_unit(VILLAGE_1, "甲村"), _unit(VILLAGE_2, "并入村", CLOSED_ON), _unit(TOWN_A, "某镇")]
)
SETTING = Setting(
    Actor("clerk", VILLAGE_1, "petition_clerk", "值班员"),
    DIRECTORY,
    Calendar({}),
    lambda unit: True,
    lambda unit, record: False,
    1,
)


class Seals:
    """Seals that tell what they sealed."""

    def text(self, field: str, text_of: str) -> Sealed:
        return replace(text(VILLAGE_1, field), text=text_of)

    def identity(self, person: int, field: str, text_of: str) -> Sealed:
        return replace(text(VILLAGE_1, field), text=f"{person} {text_of}")


def entered(was: Content | None = None, kept: Any = (), **changed: Any) -> Content:
    """What an entry becomes; a value of None as a name leaves a field out."""
    given = {name: value for name, value in (PETITION | changed).items() if value != "left out"}
    return MatterInput.model_validate(given).content(Seals(), SETTING, was, kept)


WAS = content(place=VILLAGE_1, earlier=Earlier(TOWN_A, date(2020, 5, 1)), petitioners=persons(3))


def test_a_correction_that_is_silent_of_place_and_earlier_office_keeps_them():
    found = entered(WAS)
    assert (found.place, found.earlier) == (WAS.place, WAS.earlier)


def test_a_correction_that_speaks_of_them_changes_them_or_takes_them_out():
    found = entered(WAS, place=TOWN_A, earlier_unit=VILLAGE_1, earlier_on="2021-01-01")
    assert (found.place, found.earlier) == (TOWN_A, Earlier(VILLAGE_1, date(2021, 1, 1)))
    found = entered(WAS, place=None, earlier_unit=None, earlier_on=None)
    assert (found.place, found.earlier) == (None, None)


def test_petitioners_who_are_kept_have_their_numbers_and_seals_and_the_others_the_free_numbers():
    kept = [WAS.petitioners[1]]
    found = entered(WAS, kept, petitioners=[{"name": "乙"}, {"name": "丙"}], persons=3)
    assert found.petitioners[1] == kept[0]
    assert [person.person for person in found.petitioners] == [1, 2, 3]
    assert [person.name.text for person in found.petitioners if person not in kept] == ["1 乙", "3 丙"]


HALVES = [({"earlier_unit": str(TOWN_A)}, "earlier_on"), ({"earlier_on": "2026-03-01"}, "earlier_unit")]


@pytest.mark.parametrize(("half", "field"), HALVES)
@pytest.mark.parametrize("was", [None, WAS])
def test_half_of_an_earlier_petition_is_refused_at_the_other_half(half, field, was):
    with pytest.raises(EarlierIncomplete) as refused:
        entered(was, **half)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize("day", ["2010-01-01", "2026-03-09", "2026-03-10"])
def test_an_office_that_is_closed_today_is_named_for_a_day_on_which_it_was_there(day):
    assert entered(earlier_unit=str(VILLAGE_2), earlier_on=day).earlier == Earlier(
        VILLAGE_2, date.fromisoformat(day)
    )
    assert entered(place=str(VILLAGE_2), received_on=day).place == VILLAGE_2


def test_an_office_is_not_named_for_a_day_after_its_end():
    with pytest.raises(OfficeClosedByThen) as refused:
        entered(earlier_unit=str(VILLAGE_2), earlier_on="2026-03-11")
    assert refused.value.facts == {"name": "并入村", "day": "2026-03-10", "field": "earlier_unit"}
    with pytest.raises(OfficeClosedByThen):
        entered(place=str(VILLAGE_2), received_on="2026-03-11")


def test_what_was_registered_before_an_office_closed_is_not_asked_again_when_something_else_is_corrected():
    was = content(place=VILLAGE_2, earlier=Earlier(VILLAGE_2, date(2026, 3, 20)))
    again = {"place": str(VILLAGE_2), "earlier_unit": str(VILLAGE_2), "earlier_on": "2026-03-20"}
    found = entered(was, received_on="2026-03-25", **again)
    assert (found.place, found.earlier) == (was.place, was.earlier)


@pytest.mark.parametrize(
    "what", [{"place": str(NOWHERE)}, {"earlier_unit": str(NOWHERE), "earlier_on": "2026-03-01"}]
)
def test_an_office_that_nobody_knows_is_refused(what):
    with pytest.raises(UnknownUnit):
        entered(**what)


def test_that_nobody_gives_a_name_is_a_choice():
    assert entered(anonymous=True, petitioners="left out").petitioners == ()
    assert entered(WAS, anonymous=True, petitioners=[]).petitioners == ()


@pytest.mark.parametrize(
    ("what", "why", "field"),
    [
        ({"petitioners": []}, NobodyNamed, "petitioners"),
        ({"petitioners": "left out"}, NobodyNamed, "petitioners"),
        ({"anonymous": True}, NamedAndAnonymous, "anonymous"),
    ],
)
def test_a_petition_names_somebody_or_says_that_nobody_is_named(what, why: type[Refusal], field):
    with pytest.raises(why) as refused:
        entered(**what)
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize("name", [*sorted(WORDS_FOR_NOBODY), "（匿名）", "Anonymous", "ＡＮＯＮ"])
def test_a_word_for_nobody_is_no_name(name):
    with pytest.raises(ValidationError, match="choice of its own"):
        entered(petitioners=[{"name": name}])


def test_names_that_hold_such_a_word_are_names():
    assert entered(petitioners=[{"name": "无名山人"}, {"name": "Anon Smith"}], persons=2).petitioners


def test_an_order_is_known_again_by_what_a_release_before_this_one_could_say():
    given = CorrectMatter.model_validate({**PETITION, "case": NOWHERE, "reason": "笔误"})
    assert not {"anonymous", "kept"} & given.as_asked().keys()
    said = given.model_copy(update={"anonymous": True, "kept": [2]}).as_asked()
    assert (said["anonymous"], said["kept"]) == (True, [2])


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_what_came_with_a_later_release_may_be_left_out(order):
    assert all(not order.model_fields[name].is_required() for name in order.LATER)
