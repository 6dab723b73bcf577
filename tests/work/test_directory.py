"""Units that open, change their name, their node or their telephone, and close; nodes and their keys."""

from datetime import date

import pytest

from shared import data
from shared.work.common.words import Tier, UnitKind
from shared.work.directory.node_entry import NodeAdmitted, NodeEntry
from shared.work.directory.unit import (
    Closed,
    ContactSet,
    NamelessUnit,
    Opened,
    Rehosted,
    Renamed,
    Unit,
    UnitEntry,
    UnitIsClosed,
)
from tests.work.rules import given, when
from tests.work.scene import COUNTY, TOWN_A, VILLAGE_1, at

ENTRY = UnitEntry(
    code="430321100201",
    mark="100201",
    name="天星村",
    name_en="Tian Xing",
    kind=UnitKind.VILLAGE,
    parent=TOWN_A,
    node="villages-100",
    contact="",
    since=date(2020, 1, 1),
)
SINCE = date(2026, 3, 2)


def changed(**changes) -> UnitEntry:
    return UnitEntry(**vars(ENTRY) | changes)


def open_unit(**changes) -> Unit:
    return Unit.open(unit_id=VILLAGE_1, county=COUNTY, entry=changed(**changes), at=at())


def rename(unit: Unit, name: str = "新天星村", code: str = "430321100299") -> None:
    unit.rename(name=name, name_en="", code=code, since=SINCE, at=at(1))


def rehost(unit: Unit) -> None:
    unit.rehost(node="village-100-201", since=SINCE, at=at(1))


def set_contact(unit: Unit) -> None:
    unit.set_contact(contact="0731-5788", since=SINCE, at=at(1))


def close(unit: Unit) -> None:
    unit.close(since=SINCE, at=at(1))


CHANGES = {
    "rename": (rename, Renamed, {"name": "新天星村", "name_en": "", "code": "430321100299"}),
    "rehost": (rehost, Rehosted, {"node": "village-100-201"}),
    "set the telephone": (set_contact, ContactSet, {"contact": "0731-5788"}),
    "close": (close, Closed, {}),
}


def test_a_unit_is_opened_by_the_county_with_a_whole_entry():
    told = when(open_unit).then(Opened, entry=ENTRY, unit=COUNTY, closed_on=None)
    assert told.entry == ENTRY


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_recorded_as_a_whole_entry_from_a_day_on(change):
    order, fact, new = CHANGES[change]
    told = given(open_unit()).when(order).then(fact, entry=changed(since=SINCE, **new))
    assert told.entry == changed(since=SINCE, **new)


def test_a_renamed_unit_keeps_the_register_mark_that_is_on_its_receipts():
    assert given(open_unit()).when(rename).then(Renamed).entry.mark == "100201"


def test_a_closed_unit_owes_nothing_from_its_day_on_and_its_entry_stays():
    given(open_unit()).when(close).then(Closed, closed_on=SINCE, entry=changed(since=SINCE))


@pytest.mark.parametrize("change", CHANGES)
def test_a_closed_unit_is_not_changed_any_more(change):
    unit = open_unit()
    close(unit)
    given(unit).when(CHANGES[change][0]).then_refused(UnitIsClosed, day="2026-03-02")


NOT_CODES = ["", "43032110020", "4303211002011", "43032110020x", "４３０３２１１００２０１", "43032110020²"]


@pytest.mark.parametrize("code", NOT_CODES)
def test_a_unit_needs_a_code_of_twelve_digits(code):
    when(lambda: open_unit(code=code)).then_refused(NamelessUnit)
    given(open_unit()).when(lambda unit: rename(unit, code=code)).then_refused(NamelessUnit)


@pytest.mark.parametrize("name", ["", " ", "\u3000\t"])
def test_a_unit_needs_a_name(name):
    when(lambda: open_unit(name=name)).then_refused(NamelessUnit)
    given(open_unit()).when(lambda unit: rename(unit, name=name)).then_refused(NamelessUnit)


def test_the_difficult_names_of_real_villages_are_kept_sign_by_sign():
    names = [row["name_zh"] for row in data.rows(data.EDGE_CASES)]
    assert len(names) > 100
    assert [open_unit(name=name).entry.name for name in names] == names


def test_a_node_is_admitted_with_its_public_keys():
    told = when(admit).then(NodeAdmitted, unit=COUNTY)
    assert (told.name, told.tier, told.area) == ("town-100", Tier.TOWNSHIP, "430321100")
    assert told.originator_id == NodeEntry.id_for("town-100")


def admit() -> NodeEntry:
    keys = {"signing_key": "c2lnbg==", "receiving_key": "cmVjZWl2ZQ=="}
    return NodeEntry.admit(
        county=COUNTY, name="town-100", tier=Tier.TOWNSHIP, area="430321100", at=at(), **keys
    )
