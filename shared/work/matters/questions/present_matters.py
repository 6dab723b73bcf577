"""Where every matter stands now, as rows: one a matter, one for each list that it stands in, and how many stand there.

| table | holds |
| --- | --- |
| matters | the present state of a matter, as `matter_state` works it out from its chain |
| matter_lists | in which lists of which offices it stands, with what lists are ordered and narrowed by |
| matter_counts | how many rows of `matter_lists` are alike |

All three are written when a fact about a matter comes, for that matter alone, so that neither a list nor a number
grows slower with the years. What depends on today (overdue, stuck, the age of an open matter) is no column: it is a
comparison with one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Select,
    String,
    Table,
    Uuid,
    delete,
    literal_column,
    select,
)

from shared.database.keyed import among
from shared.database.utc_time import UtcTime
from shared.database.writes import Writes
from shared.projections.columns import index_where, unseen
from shared.projections.due_dates import calendar_rules, due_names
from shared.projections.projection import Derivation, Projection
from shared.projections.rows import METADATA, RecordedFact
from shared.work.common.fact import UnitId
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.matter_state import DAYS_OF_HANDS, Row, Standing, standing
from shared.work.matters.questions.referrals import OVERRIDES, REFERRALS
from shared.work.matters.stages import ENDINGS


class Age(StrEnum):
    """Days since the petition came in; for an ended matter until its end."""

    TO_15 = "0-15"
    TO_30 = "16-30"
    TO_60 = "31-60"
    OVER_60 = "61+"


OLDEST = {Age.TO_15: 15, Age.TO_30: 30, Age.TO_60: 60}
"""Most days of each age; the last one has no end."""


class Listed(StrEnum):
    """Lists of an office.

    `own`: registered by it; `awaits`: its step is next; `received`: it was offered to it at any time; `out`: it has it
    out at another office. `all` is every matter that the node knows, and of no office.
    """

    OWN = "own"
    AWAITS = "awaits"
    RECEIVED = "received"
    OUT = "out"
    ALL = "all"


_ALWAYS_OPEN = frozenset({Listed.AWAITS, Listed.OUT})
_OPEN_PART = "-open"


def open_part(of: Listed) -> str:
    """The name under which the open matters of a list stand, once more where it has ended ones, too."""
    return of.value if of in _ALWAYS_OPEN else of.value + _OPEN_PART


NOBODY = UUID(int=0)
"""The office of a list that is of none; a key has no empty parts."""

MATTERS = Table(
    "matters",
    METADATA,
    Column("case", Uuid, primary_key=True),
    Column("number", String),
    Column("owner", Uuid),
    Column("state", String),
    Column("handler", Uuid),
    Column("awaits", Uuid),
    Column("pending", Boolean),
    Column("offered_to", Uuid),
    Column("referral", Uuid),
    Column("depth", Integer),
    Column("matter_class", String),
    Column("channel", String),
    Column("purpose", String),
    Column("persons", Integer),
    Column("place", Uuid),
    Column("received_on", Date),
    unseen("received_day", Integer),
    Column("registered_at", UtcTime),
    Column("due", Date),
    Column("due_provisional", Boolean),
    Column("touched_at", UtcTime),
    Column("ended_at", UtcTime),
    unseen("ended_day", Integer),
    Column("version", Integer),
    Column("referral_version", Integer),
    Index("matters_by_number", "number"),
)
_IN_ORDER = ("received_on", "number", "case")
MATTER_LISTS = Table(
    "matter_lists",
    METADATA,
    Column("list", String, primary_key=True),
    Column("unit", Uuid, primary_key=True),
    Column("case", Uuid, primary_key=True),
    Column("number", String),
    Column("owner", Uuid),
    Column("state", String),
    Column("matter_class", String),
    Column("received_on", Date),
    Column("age", String),
    Column("due", Date),
    Column("quiet_since", UtcTime),
    Index("matter_lists_by_case", "case"),
    Index("matter_lists_in_order", "list", "unit", *_IN_ORDER),
    Index("matter_lists_by_state", "list", "unit", "state", *_IN_ORDER),
    Index("matter_lists_by_class", "list", "unit", "matter_class", *_IN_ORDER),
)
"""`age` is that of an ended matter, empty for an open one, which grows older; `quiet_since` is none for an ended one."""

for _name, _day in (("due", MATTER_LISTS.c.due), ("quiet", MATTER_LISTS.c.quiet_since)):
    index_where(f"matter_lists_by_{_name}", _day.is_not(None), MATTER_LISTS.c.list, MATTER_LISTS.c.unit, _day)
MATTER_COUNTS = Table(
    "matter_counts",
    METADATA,
    Column("list", String, primary_key=True),
    Column("unit", Uuid, primary_key=True),
    Column("state", String, primary_key=True),
    Column("matter_class", String, primary_key=True),
    Column("age", String, primary_key=True),
    Column("matters", Integer),
)
index_where("matter_counts_of_nothing", MATTER_COUNTS.c.matters == 0, MATTER_COUNTS.c.matters)
"""So that those that came down to nothing are found; they are dropped with the change that brought them there."""

_ALIKE = ("list", "unit", "state", "matter_class", "age")
_COPIED = ("case", "number", "owner", "state", "matter_class", "received_on", "due")

_SHOWN = ("number", "channel", "purpose", "matter_class", "persons", "place", "received_on", "received_day")
_OF_ALL = ("case", "unit", *_SHOWN, "open_offer", "offered_to", "last_at", "version")
_ASSESSED = {"matter_class": "assessed_class", "purpose": "assessed_purpose"}
_REGISTERED = ("registered_at", "ended_at", "ended_day")
_OF_CASES = (*_OF_ALL, *_REGISTERED, *_ASSESSED.values(), "classified_at", "ending", *due_names("route_by"))
_OF_HANDS = (*_OF_ALL, "referral", "offer", "sender", "owner", "hop", "stage", "report_back_by")
_OF_HANDS += tuple(name for column in DAYS_OF_HANDS for name in due_names(column))


def _asked(table: Table, *names: str) -> Select[Any]:
    return select(*(table.c[name] for name in names)).where(among(table.c.case))


_CASES, _REFERRALS = _asked(CASES, *_OF_CASES), _asked(REFERRALS, *_OF_HANDS)
_OVERRIDES = _asked(OVERRIDES, "case", "offer")
_LISTED = select(MATTER_LISTS).where(among(MATTER_LISTS.c.case))
_NOT_LISTED = delete(MATTER_LISTS).where(among(MATTER_LISTS.c.case))
_NOTHING_LEFT = delete(MATTER_COUNTS).where(MATTER_COUNTS.c.matters == literal_column("0"))


def derive(writes: Writes, cases: Sequence[UUID]) -> None:
    """Write the rows of these matters anew."""
    known = {row["case"]: row for row in writes.ask(_CASES, cases)}
    referrals, overrides = (_by_case(writes.ask(one, cases)) for one in (_REFERRALS, _OVERRIDES))
    before = _by_case(writes.ask(_LISTED, cases))
    rows: list[dict[str, Any]] = []
    changed: dict[UUID, list[dict[str, Any]]] = {}
    for case in cases:
        hands = referrals.get(case, [])
        if now := standing(known.get(case), hands, overrides.get(case, ())):
            row = _row(case, now)
            rows.append(row)
            listed = list(_listed(row, now, hands))
            if not _same(listed, before.get(case, [])):
                changed[case] = listed
    writes.upsert(MATTERS, rows)
    _list_anew(writes, changed, before)


def _list_anew(
    writes: Writes, changed: Mapping[UUID, list[dict[str, Any]]], before: Mapping[UUID, list[Row]]
) -> None:
    """Write the lists' rows of some matters, and what that changes in the counts."""
    old = [row for case in changed for row in before.get(case, ())]
    new = [row for rows in changed.values() for row in rows]
    writes.delete(_NOT_LISTED, [case for case in changed if case in before])
    writes.insert(MATTER_LISTS, new)
    counts = Counter(map(_alike, new))
    counts.subtract(map(_alike, old))
    more = [dict(zip(_ALIKE, alike, strict=True)) | {"matters": n} for alike, n in counts.items() if n]
    writes.upsert(MATTER_COUNTS, more, adding=True)
    if any(one["matters"] < 0 for one in more):
        writes.delete(_NOTHING_LEFT, list(changed))


def _by_case(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["case"], []).append(row)
    return found


def _alike(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _ALIKE)


def _same(listed: list[dict[str, Any]], before: list[Row]) -> bool:
    return len(listed) == len(before) and all(row in before for row in listed)


def _row(case: UUID, now: Standing) -> dict[str, Any]:
    """A row of `matters`; an office that assessed a matter says what it is about."""
    head, last = now.head, now.hands[-1] if now.hands else None
    shown = {name: head.row[name] for name in (*_SHOWN, "version")}
    shown |= {name: head.row[name] if head.is_registered else None for name in _REGISTERED}
    if head.is_registered:
        shown |= {name: head.row[by] for name, by in _ASSESSED.items() if head.row[by]}
    return shown | {
        "case": case,
        "owner": head.owner,
        "state": now.state.value,
        "handler": now.handler,
        "awaits": now.awaits,
        "pending": now.pending,
        "offered_to": now.offered_to,
        "referral": last and last["referral"],
        "referral_version": last and last["version"],
        "depth": len(now.hands),
        "due": now.due,
        "due_provisional": now.due_provisional,
        "touched_at": now.touched_at,
    }


def _listed(row: Row, now: Standing, referrals: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The rows of `matter_lists` of a matter."""
    is_open = now.state not in ENDINGS
    copied = {name: row[name] for name in _COPIED}
    copied |= {"age": "" if is_open else _age(row), "quiet_since": now.touched_at if is_open else None}
    for of, unit in sorted(_standing_in(row, now, referrals)):
        names = {of.value, open_part(of)} if is_open else {of.value}
        yield from ({"list": name, "unit": unit} | copied for name in sorted(names))


def _standing_in(row: Row, now: Standing, referrals: Sequence[Row]) -> set[tuple[Listed, UnitId]]:
    found = {(Listed.ALL, NOBODY), (Listed.OWN, now.head.owner)}
    found |= {(Listed.RECEIVED, hand["unit"]) for hand in referrals}
    if now.awaits:
        found.add((Listed.AWAITS, now.awaits))
    if row["ended_at"] is None:
        passed = [now.head.owner, *(hand["unit"] for hand in now.hands)][: len(now.hands)]
        found |= {(Listed.OUT, unit) for unit in passed if unit != now.handler}
        found |= {(Listed.OUT, now.handler)} if now.pending else set()
    return found


def _age(row: Row) -> str:
    days = row["ended_day"] - row["received_day"]
    return next((age for age, oldest in OLDEST.items() if days <= oldest), Age.OVER_60).value


def _touched(fact: RecordedFact) -> Iterable[UUID]:
    """The matter that a fact of its chain is about."""
    concerned = fact.envelope.correlation
    return [concerned] if concerned and fact.envelope.kind in _CHAIN else ()


_CHAIN = frozenset({"case", "referral", "override"})

PROJECTION = Projection(
    "matters",
    (MATTERS, MATTER_LISTS, MATTER_COUNTS),
    derivation=Derivation(_touched, derive),
    rules=(calendar_rules,),
)
