"""What the registering office wrote about a matter: one row a case, and one row a version of its content.

An office that a matter is only offered to learns of it by the offer: it has the row too, without
register number and query code.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, String, Table, Uuid

from shared.database.utc_time import UtcTime
from shared.projections.columns import Position, sealed, unit_of, unseen
from shared.projections.due_dates import calendar_rules, due_columns, due_values
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Add, Handler, Put, RecordedFact, RowChange
from shared.work.common.calendar import ZONE, day_of
from shared.work.common.limits import Limit
from shared.work.common.register_place import RegisterPlace
from shared.work.common.words import Ending
from shared.work.matters.questions.petition import petition_columns, petition_values

CASES = Table(
    "cases",
    METADATA,
    Column("case", Uuid, primary_key=True),
    Column("unit", Uuid),
    Column("number", String),
    Column("year", Integer),
    Column("register_no", Integer),
    unseen("register_place", Position),
    Column("received_at", UtcTime),
    Column("registered_at", UtcTime),
    *petition_columns(),
    unseen("query_check", String),
    sealed("query_code"),
    unseen("content_version", Integer),
    Column("assessed_class", String),
    Column("assessed_purpose", String),
    Column("classified_at", UtcTime),
    Column("open_offer", Uuid),
    Column("offered_to", Uuid),
    Column("offered_at", UtcTime),
    unseen("offer_version", Integer),
    *due_columns("route_by"),
    Column("ending", String),
    Column("ended_at", UtcTime),
    unseen("ended_day", Integer),
    Column("ended_by", Uuid),
    Column("confirmed_by", String),
    Column("version", Integer),
    Column("last_at", UtcTime),
    Index("cases_by_number", "number"),
    Index("cases_by_unit", "unit", "year", "register_no"),
    Index("cases_by_place", "unit", "register_place"),
    Index("cases_by_offered_to", "offered_to"),
    Index("cases_by_day", "unit", "received_on"),
)
REGISTER_COUNTS = Table(
    "register_counts",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("entries", Integer),
)
"""How many matters each unit's register of a year has."""

REGISTRATIONS = Table(
    "registrations",
    METADATA,
    Column("case", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Uuid),
    Column("received_on", Date),
    Column("received_at", UtcTime),
    Column("earlier_unit", Uuid),
    Column("earlier_on", Date),
    Column("recorded_at", UtcTime),
    unseen("known_at", UtcTime),
    Index("registrations_by_unit", "unit", "received_on"),
    Index("registrations_by_earlier", "earlier_unit", "earlier_on"),
)


def _put(fact: RecordedFact, newest: str | None = None, **values: Any) -> Put:
    guard = {newest: fact.envelope.stream_version} if newest else {}
    return Put(CASES, {"case": fact.envelope.stream}, values | guard, newest)


def _touched(fact: RecordedFact, **values: Any) -> Iterable[RowChange]:
    """What every fact of the stream writes, and what only this kind of fact writes."""
    yield _put(fact, "version", last_at=fact.envelope.recorded)
    yield _put(fact, unit=fact.envelope.unit, **values)


def _content(fact: RecordedFact, stated: dict[str, Any], **more: Any) -> Iterable[RowChange]:
    values = petition_values(stated)
    clock = due_values("route_by", Limit.ROUTE, values["received_on"])
    yield _put(fact, "content_version", **values, **clock, **more)


def _registration(fact: RecordedFact) -> Iterable[RowChange]:
    envelope, values = fact.envelope, petition_values(fact.data["content"])
    came = {"received_at": moment_of(values["received_on"], fact.data["received_time"])}
    yield from _content(fact, fact.data["content"], **came)
    said = came | {name: values[name] for name in ("received_on", "earlier_unit", "earlier_on")}
    moments = {"recorded_at": envelope.recorded, "known_at": fact.arrived or envelope.recorded}
    key = {"case": envelope.stream, "version": envelope.stream_version}
    yield Put(REGISTRATIONS, key, said | moments | {"unit": envelope.unit})


def _registered(fact: RecordedFact) -> Iterable[RowChange]:
    names = ("number", "year", "register_no", "query_check", "query_code")
    yield from _touched(
        fact,
        registered_at=fact.envelope.recorded,
        register_place=RegisterPlace(fact.data["year"], fact.data["register_no"]).code,
        **{name: fact.data[name] for name in names},
    )
    yield Add(REGISTER_COUNTS, {"unit": fact.envelope.unit, "year": fact.data["year"]}, {"entries": 1})
    yield from _registration(fact)


def moment_of(day: date, hour: str | None) -> datetime | None:
    """When a petition came in; none where its day alone is known."""
    return datetime.combine(day, time.fromisoformat(hour), ZONE) if hour else None


def _corrected(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _touched(fact)
    yield from _registration(fact)


def _classified(fact: RecordedFact) -> Iterable[RowChange]:
    assessed = {"assessed_class": fact.data["matter_class"], "assessed_purpose": fact.data["purpose"]}
    yield from _touched(fact, classified_at=fact.envelope.recorded, **assessed)


def _referred(fact: RecordedFact) -> Iterable[RowChange]:
    handover, at = fact.data["handover"], fact.envelope.recorded
    to = unit_of(fact.data["through"] or fact.data["to"])
    yield from _touched(fact, number=handover["number"])
    yield from _content(fact, handover["content"])
    yield _put(fact, "offer_version", open_offer=UUID(handover["offer"]), offered_to=to, offered_at=at)


def _offer_closed(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _touched(fact)
    yield _put(fact, "offer_version", open_offer=None, offered_to=None, offered_at=None)


def _ended(fact: RecordedFact, ending: str, **values: Any) -> Iterable[RowChange]:
    at = fact.envelope.recorded
    return _touched(fact, ending=ending, ended_at=at, ended_day=day_of(at).toordinal(), **values)


def _withdrawn(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _ended(fact, Ending.WITHDRAWN.value, confirmed_by=fact.data["confirmed_by"])
    yield from _offer_closed(fact)


def _concluded(fact: RecordedFact) -> Iterable[RowChange]:
    return _ended(fact, fact.data["ending"], ended_by=UUID(fact.data["referral"]))


HANDLERS: dict[str, Handler] = {
    "case.registered": _registered,
    "case.corrected": _corrected,
    "case.classified": _classified,
    "case.referred": _referred,
    "case.return_agreed": _offer_closed,
    "case.offer_ended": _offer_closed,
    "case.withdrawn": _withdrawn,
    "case.concluded": _concluded,
}


PROJECTION = Projection(
    "cases",
    (CASES, REGISTRATIONS, REGISTER_COUNTS),
    HANDLERS,
    of_stream={"case": _touched},
    rules=(calendar_rules,),
)
