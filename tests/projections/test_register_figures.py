"""The figures of a register: each is one number of one statement, and as long as the list that makes it."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

import pytest
from pydantic import Field
from sqlalchemy import Connection, MetaData, insert

from shared.orders.input import Day, Input, Line, MaybeLine, Text
from shared.work.catalogue import SUBJECTS
from shared.work.common.stretch import Stretch
from shared.work.duty import DUTY_NOTES
from shared.work.registers.declaration import Counter, Ending, Register
from shared.work.registers.records import Records, WantedRecords
from tests.parts.counted import counted
from tests.projections.world import COUNTY, TOWN_A, VILLAGE_1, VILLAGE_2, World
from tests.work.records import kept_registers
from tests.work.scene import DAY, text

ANYTHING_COUNTED = [
    Counter("all", "All"),
    Counter("planned", "Planned", {"state": "open"}),
    Counter("cancelled", "Cancelled", {"state": "cancelled"}),
    Counter("law", "Law", {"topic": "law"}),
    Counter("law-held", "Law, held", {"topic": "law", "state": "held"}),
    Counter("public", "Public", {"is_public": True}),
    Counter("guest", "With a guest", given="guest"),
    Counter("lessons", "With lessons", given="lessons"),
    Counter("people", "People", total="present"),
    Counter("people-held", "People at those held", {"state": "held"}, total="present"),
]


class Topic(StrEnum):
    """What it is about."""

    LAW = "law"
    WORK = "work"


class Meeting(Input):
    """An entry with a field of each kind that is counted by."""

    day: Day = Field(title="Day")
    topic: Topic = Field(title="Topic")
    is_public: bool = Field(title="Public")
    guest: MaybeLine = Field("", title="Guest")
    place: Line = Field(title="Place")


class Held(Input):
    """What came of it."""

    present: int | None = Field(None, title="Present")
    lessons: Text = Field(title="Lessons")


MEETINGS = Register(
    name="meetings",
    topic="meeting",
    entry=Meeting,
    title="Meetings",
    one="Meeting",
    read=DUTY_NOTES.read,
    write=DUTY_NOTES.write,
    endings=(
        Ending("hold", "held", "Hold", "Hold", "Held", Held),
        Ending("cancel", "cancelled", "Cancel", "Cancel", "Cancelled"),
    ),
    sample={},
    states={"open": "Planned", "held": "Held", "cancelled": "Cancelled"},
    counters=tuple(ANYTHING_COUNTED),
)
TEXT = vars(text(VILLAGE_1, "lessons")) | {"fact": str(VILLAGE_1)}
ROWS: list[dict[str, Any]] = [
    {"unit": VILLAGE_1, "day": 1, "topic": "law"},
    {"unit": VILLAGE_1, "day": 2, "topic": "law", "state": "held", "present": 12, "lessons": TEXT},
    {"unit": VILLAGE_1, "day": 3, "topic": "work", "state": "held", "present": 0, "guest": "县局"},
    {"unit": VILLAGE_1, "day": 31, "topic": "work", "state": "cancelled", "is_public": True},
    {"unit": VILLAGE_2, "day": 4, "topic": "work", "is_public": True},
    {"unit": VILLAGE_2, "day": 5, "topic": "law", "present": 7},
    {"unit": VILLAGE_2, "day": None, "topic": None, "state": "held", "present": 99, "is_public": None},
    {"unit": TOWN_A, "day": 5, "topic": "law", "state": "held", "present": 30, "lessons": TEXT},
]
MARCH = WantedRecords(frozenset([VILLAGE_1, VILLAGE_2]), first=date(2026, 3, 1), last=date(2026, 3, 30))


def record_kind() -> Any:
    """Any register's stream: rows are written here without facts."""
    return next(one.streams[0] for one in SUBJECTS if one.records)


@pytest.fixture
def meetings(connection: Connection) -> Records:
    """Meetings of three offices; of one only its end is known so far."""
    tables = MetaData()
    made = Records(MEETINGS, record_kind(), tables)
    tables.create_all(connection)
    for number, row in enumerate(ROWS):
        day = date(2026, 3, row["day"]) if row["day"] else None
        usual = {"record": uuid5(COUNTY, str(number)), "guest": "", "is_public": False, "lessons": None}
        connection.execute(insert(made.table).values(usual | row | {"day": day}))
    return made


def test_given_records_of_a_span_when_counted_then_each_office_has_its_own_numbers(meetings, connection):
    found = meetings.figures(connection, MARCH)
    assert found.keys() == {VILLAGE_1, VILLAGE_2}
    assert list(found[VILLAGE_1].values()) == [3, 1, 0, 2, 1, 0, 1, 1, 12, 12]
    assert list(found[VILLAGE_2].values()) == [2, 2, 0, 1, 0, 1, 0, 0, 7, 0]


@pytest.mark.parametrize("counter", ANYTHING_COUNTED, ids=lambda counter: counter.name)
@pytest.mark.parametrize("unit", [VILLAGE_1, VILLAGE_2])
def test_given_a_figure_when_its_list_is_opened_then_it_has_exactly_the_records_that_make_it(
    meetings: Records, connection: Connection, counter: Counter, unit: UUID
):
    (number,) = (found[counter.name] for found in [meetings.figures(connection, MARCH)[unit]])
    wanted = replace(MARCH, units=frozenset([unit]), counter=counter)
    listed = meetings.records(connection, wanted, stretch=Stretch(None))
    assert meetings.count(connection, wanted) == len(listed)
    if counter.total:
        assert sum(line.entry[counter.total] for line in listed) == number
        assert all(line.entry[counter.total] is not None for line in listed)
    else:
        assert len(listed) == number


def test_given_any_number_of_offices_when_counted_then_one_statement_with_bound_words_is_asked(
    meetings, connection
):
    with counted(connection) as asked:
        meetings.figures(connection, MARCH)
    (statement,) = asked
    assert "GROUP BY" in statement and "'law'" not in statement and "2026" not in statement


def test_given_notes_in_every_state_when_counted_then_the_figures_follow_the_facts(
    world: World, county, connection: Connection
):
    notes = next(one.records for one in SUBJECTS if one.name == DUTY_NOTES.name)
    assert notes
    wanted = WantedRecords(first=DAY, last=DAY)
    assert notes.figures(connection, wanted) == {}
    for record in kept_registers(VILLAGE_1, TOWN_A):
        world.keep(VILLAGE_1, record)
    facts = [fact for fact in world.facts if fact.type.startswith("duty_note")]
    county.take(facts[:1])
    assert notes.figures(connection, wanted)[VILLAGE_1] == {
        "notes": 1,
        "waiting": 1,
        "taken-over": 0,
        "night": 1,
    }
    county.take(facts[1:])
    assert notes.figures(connection, wanted)[VILLAGE_1]["waiting"] == 0
    assert notes.figures(connection, wanted)[VILLAGE_1]["taken-over"] == 1
