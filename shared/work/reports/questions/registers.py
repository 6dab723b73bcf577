"""What a report signed now would say of the unit's own register."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal,
    null,
    select,
    type_coerce,
    union,
    union_all,
)

from shared.database.batched_question import BatchedQuestion
from shared.work.common.fact import UnitId
from shared.work.common.register_place import RegisterPlace
from shared.work.matters.questions.cases import CASES, REGISTER_COUNTS
from shared.work.reports.questions.portions import portions
from shared.work.reports.questions.reports import REPORTS
from shared.work.reports.register import COLLECTIVE_FROM, Carried, RegisterState
from shared.work.reports.reporting_day import begin_of, end_of

Asked = tuple[UnitId, date, bool]
"""Whose register, the day that a report is for, and whether it may be over: then later days' reports bear on it as well."""


def register_state(connection: Connection, unit: UnitId, day: date) -> RegisterState:
    """The register as a report for `day` must state it, asked where the unit keeps it. As `register_states`."""
    asked = unit, day, True
    return register_states(connection, [asked])[asked]


def register_question(unit: UnitId, day: date, today: date) -> BatchedQuestion:
    """`register_state` as an order of today foresees it."""
    return BatchedQuestion(register_states, (unit, day, day < today), about=unit)


def register_states(connection: Connection, asked: Collection[Asked]) -> dict[Asked, RegisterState]:
    """Registers as reports for a day must state them.

    A report covers the places after those of all reports of the unit, up to the end of its day; a correction covers
    from where the first version did, up to where the report of a later day took over.
    """
    found: dict[Asked, RegisterState] = {}
    for late in (False, True):
        for some, filled in portions(one for one in asked if one[2] is late):
            rows = connection.execute(_states(len(filled), late), _places_for(filled, late)).all()
            of_each: dict[Asked, list[Any]] = {one: [] for one in some}
            for row in rows:
                of_each[row.unit, row.day, late].append(row)
            found |= {one: _state(of_each[one]) for one in some}
    return found


def _state(rows: Sequence[Any]) -> RegisterState:
    standing = rows[0]
    new = [row for row in rows if row.number is not None and row.how == _NEW]
    # Before its first report a unit has spoken of nothing, however long ago its register begins.
    first = RegisterPlace.of(new[0].place).year if new else standing.day.year
    since = RegisterPlace.of(standing.since) if standing.since else RegisterPlace(first, 0)
    return RegisterState(
        count=standing.registered,
        last=standing.last or 0,
        since=since,
        until=max(since, RegisterPlace.of(new[-1].place)) if new else since,
        numbers=tuple(row.number for row in new),
        collective=sum(row.persons >= COLLECTIVE_FROM for row in new),
        carried=tuple(
            sorted({Carried(row.number, row.carried_by) for row in rows if row.how == _CARRIED}, key=_order)
        ),
        entered_later=tuple(row.number for row in rows if row.how == _LATER),
        spoken_until=standing.spoken_until,
        taken_over_at=standing.taken_over_at,
    )


def _order(carried: Carried) -> tuple[date, str]:
    return carried.by, carried.number


def _places_for(asked: Sequence[Asked], late: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, (unit, day, _) in enumerate(asked):
        values |= {f"unit_{place}": unit, f"day_{place}": day, f"year_{place}": day.year}
        if late:
            values |= {f"begins_{place}": begin_of(day), f"ends_{place}": end_of(day)}
    return values


_NEW, _CARRIED, _LATER = "new", "carried", "later"
"""How a matter bears on a report: it covers it; a later day's report does; it was registered after the day."""
_LATEST = REPORTS.alias("latest")
_TAKING = REPORTS.alias("taking")
_NO_END = RegisterPlace(9_999, 0).code


@cache
def _states(places: int, late: bool) -> Select[Any]:
    """What `register_states` asks, built once a size: reports wait for the answer, and to build it took as long."""
    asked = union(*(_place(number, late) for number in range(places))).cte("asked")
    first = REPORTS.alias("first_version")
    same_report = and_(first.c.unit == asked.c.unit, first.c.day == asked.c.day, first.c.version == 1)
    numbered = (CASES.c.unit == asked.c.unit, CASES.c.register_no.is_not(None), CASES.c.year == asked.c.year)
    counted = (REGISTER_COUNTS.c.unit == asked.c.unit, REGISTER_COUNTS.c.year == asked.c.year)
    covered = select(func.max(REPORTS.c.covers_to)).where(REPORTS.c.unit == asked.c.unit)
    newest = (_LATEST.c.day.desc(), _LATEST.c.version.desc())
    spoken = select(_LATEST.c.speaks_to).where(_LATEST.c.unit == asked.c.unit).order_by(*newest).limit(1)
    over, over_at = _taken_over(asked, first) if late else (None, None)
    known = {
        "registered": func.coalesce(select(REGISTER_COUNTS.c.entries).where(*counted).scalar_subquery(), 0),
        "last": select(func.max(CASES.c.register_no)).where(*numbered).scalar_subquery(),
        "since": func.coalesce(first.c.covers_from - 1, covered.scalar_subquery(), 0),
        "before": literal(_NO_END) if over is None else func.coalesce(over, _NO_END),
        "spoken_until": spoken.scalar_subquery(),
        "taken_over_at": literal(None, REPORTS.c.speaks_from.type) if over_at is None else over_at,
    }
    labelled = (column.label(name) for name, column in known.items())
    standing = select(asked, *labelled).select_from(asked.outerjoin(first, same_report)).cte("standing")
    return _with_matters_of_the_day(standing) if late else _with_new_matters(standing)


def _taken_over(asked: CTE, first: Any) -> tuple[Any, Any]:
    """The first place, and the moment, from which the report of a later day goes on."""
    later = (_TAKING.c.unit == asked.c.unit, _TAKING.c.day > asked.c.day)
    place = select(func.min(_TAKING.c.covers_from)).where(
        *later, _TAKING.c.covers_from >= first.c.covers_from, _TAKING.c.covers_to >= _TAKING.c.covers_from
    )
    moment = select(func.min(_TAKING.c.speaks_from)).where(*later, _TAKING.c.speaks_from >= first.c.speaks_to)
    return place.scalar_subquery(), moment.scalar_subquery()


def _with_new_matters(standing: CTE) -> Select[Any]:
    """With the matters that a report of today covers: all that are new."""
    new = and_(CASES.c.unit == standing.c.unit, CASES.c.register_place > standing.c.since)
    columns = (
        literal(_NEW).label("how"),
        CASES.c.register_place.label("place"),
        CASES.c.number,
        CASES.c.persons,
    )
    query = select(standing, *columns).select_from(standing.outerjoin(CASES, new))
    return query.order_by(CASES.c.register_place)


def _with_matters_of_the_day(standing: CTE) -> Select[Any]:
    """With the matters that bear on a report of a day that may be over."""
    own, since = CASES.c.unit == standing.c.unit, standing.c.since
    covers = and_(own, CASES.c.register_place > since, CASES.c.register_place < standing.c.before)
    new = _matter(standing, _NEW).select_from(standing.join(CASES, covers))
    new = new.where(CASES.c.registered_at < standing.c.ends)
    matters = union_all(new, *_beside(standing)).cte("bearing")
    same = and_(matters.c.unit == standing.c.unit, matters.c.day == standing.c.day)
    columns = (matters.c[name] for name in ("how", "place", "number", "persons", "carried_by"))
    return select(standing, *columns).select_from(standing.outerjoin(matters, same)).order_by(matters.c.place)


def _beside(standing: CTE) -> Iterator[Select[Any]]:
    """Matters of the day that its report does not cover: carried by a later day's, and registered after it."""
    own, since = CASES.c.unit == standing.c.unit, standing.c.since
    carries = and_(
        _TAKING.c.unit == standing.c.unit, _TAKING.c.day > standing.c.day, _TAKING.c.covers_from <= since
    )
    carried = and_(own, CASES.c.register_place.between(_TAKING.c.covers_from, _TAKING.c.covers_to))
    after = and_(own, CASES.c.received_on == standing.c.day, CASES.c.register_place > since)
    yield (
        _matter(standing, _CARRIED, _TAKING.c.day)
        .select_from(standing.join(_TAKING, carries).join(CASES, carried))
        .where(CASES.c.registered_at >= standing.c.begins, CASES.c.registered_at < standing.c.ends)
    )
    yield (
        _matter(standing, _LATER)
        .select_from(standing.join(CASES, after))
        .where(CASES.c.registered_at >= standing.c.ends)
    )


def _matter(standing: CTE, how: str, carried_by: Any = None) -> Select[Any]:
    other = type_coerce(null(), REPORTS.c.day.type) if carried_by is None else carried_by
    return select(
        standing.c.unit,
        standing.c.day,
        literal(how).label("how"),
        CASES.c.register_place.label("place"),
        CASES.c.number,
        CASES.c.persons,
        other.label("carried_by"),
    )


def _place(number: int, late: bool) -> Select[Any]:
    kinds = {"unit": CASES.c.unit, "day": REPORTS.c.day, "year": CASES.c.year}
    kinds |= {"begins": CASES.c.registered_at, "ends": CASES.c.registered_at} if late else {}
    return select(
        *(bindparam(f"{name}_{number}", type_=kind.type).label(name) for name, kind in kinds.items())
    )
