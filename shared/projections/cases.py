"""What the registering office wrote about a matter: one row a case, and one row a version of its content.

An office that a matter is only offered to learns of it by the offer: it has the row too, without
register number and query code.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, String, Table, Uuid

from shared.casework.calendar import day_of
from shared.casework.limits import Limit
from shared.casework.words import Ending
from shared.projections.columns import Moment, due_columns, due_values, sealed, unseen
from shared.projections.petition import petition_columns, petition_values, unit_of
from shared.projections.rows import METADATA, Handler, Happening, Put, RowChange

CASES = Table(
    "cases",
    METADATA,
    Column("case", Uuid, primary_key=True),
    Column("unit", Uuid),
    Column("number", String),
    Column("year", Integer),
    Column("register_no", Integer),
    Column("registered_at", Moment),
    *petition_columns(),
    unseen("query_check", String),
    sealed("query_code"),
    Column("assessed_class", String),
    Column("assessed_purpose", String),
    Column("classified_at", Moment),
    Column("open_offer", Uuid),
    Column("offered_to", Uuid),
    Column("offered_at", Moment),
    *due_columns("route_by"),
    Column("ending", String),
    Column("ended_at", Moment),
    unseen("ended_day", Integer),
    Column("ended_by", Uuid),
    Column("confirmed_by", String),
    Column("version", Integer),
    Column("last_at", Moment),
    Index("cases_by_number", "number"),
    Index("cases_by_unit", "unit", "year", "register_no"),
)
REGISTRATIONS = Table(
    "registrations",
    METADATA,
    Column("case", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Uuid),
    Column("received_on", Date),
    Column("earlier_unit", Uuid),
    Column("earlier_on", Date),
    Column("recorded_at", Moment),
    unseen("known_at", Moment),
    Index("registrations_by_unit", "unit", "received_on"),
    Index("registrations_by_earlier", "earlier_unit", "earlier_on"),
)


def _row(fact: Happening, **values: Any) -> Put:
    envelope = fact.envelope
    kept = {"unit": envelope.unit, "version": envelope.stream_version, "last_at": envelope.recorded}
    return Put(CASES, {"case": envelope.stream}, kept | values)


def _content(fact: Happening) -> dict[str, Any]:
    values = petition_values(fact.data["content"])
    return values | due_values("route_by", Limit.ROUTE, values["received_on"])


def _registration(fact: Happening, content: dict[str, Any]) -> Put:
    envelope = fact.envelope
    said = {name: content[name] for name in ("received_on", "earlier_unit", "earlier_on")}
    moments = {"recorded_at": envelope.recorded, "known_at": fact.arrived or envelope.recorded}
    key = {"case": envelope.stream, "version": envelope.stream_version}
    return Put(REGISTRATIONS, key, said | moments | {"unit": envelope.unit})


def _registered(fact: Happening) -> Iterable[RowChange]:
    content = _content(fact)
    names = ("number", "year", "register_no", "query_check", "query_code")
    given = {name: fact.data[name] for name in names}
    yield _row(fact, registered_at=fact.envelope.recorded, **given, **content)
    yield _registration(fact, content)


def _corrected(fact: Happening) -> Iterable[RowChange]:
    content = _content(fact)
    yield _row(fact, **content)
    yield _registration(fact, content)


def _classified(fact: Happening) -> Iterable[RowChange]:
    assessed = {"assessed_class": fact.data["matter_class"], "assessed_purpose": fact.data["purpose"]}
    yield _row(fact, classified_at=fact.envelope.recorded, **assessed)


def _referred(fact: Happening) -> Iterable[RowChange]:
    handover = fact.data["handover"]
    yield _row(
        fact,
        number=handover["number"],
        open_offer=UUID(handover["offer"]),
        offered_to=unit_of(fact.data["through"] or fact.data["to"]),
        offered_at=fact.envelope.recorded,
        **petition_values(handover["content"]),
    )


def _offer_closed(fact: Happening) -> Iterable[RowChange]:
    yield _row(fact, open_offer=None, offered_to=None, offered_at=None)


def _return_refused(fact: Happening) -> Iterable[RowChange]:
    yield _row(fact)


def _ended(fact: Happening, ending: str, **values: Any) -> Put:
    at = fact.envelope.recorded
    return _row(fact, ending=ending, ended_at=at, ended_day=day_of(at).toordinal(), **values)


def _withdrawn(fact: Happening) -> Iterable[RowChange]:
    yield _ended(fact, Ending.WITHDRAWN.value, confirmed_by=fact.data["confirmed_by"])
    yield from _offer_closed(fact)


def _concluded(fact: Happening) -> Iterable[RowChange]:
    yield _ended(fact, fact.data["ending"], ended_by=UUID(fact.data["referral"]))


HANDLERS: dict[str, Handler] = {
    "case.registered": _registered,
    "case.corrected": _corrected,
    "case.classified": _classified,
    "case.referred": _referred,
    "case.return_agreed": _offer_closed,
    "case.return_refused": _return_refused,
    "case.offer_ended": _offer_closed,
    "case.withdrawn": _withdrawn,
    "case.concluded": _concluded,
}
