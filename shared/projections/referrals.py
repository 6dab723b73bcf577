"""What each office that a matter was offered to wrote about it: one row a referral; and overrides.

`offer` is the offer that brought the matter here, `open_offer` the one by which it was passed on.
An office further down learns of the one before it by the offer alone: such a row has no receipt.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Uuid

from shared.casework.calendar import day_of
from shared.casework.fact import derived_id
from shared.casework.limits import Limit
from shared.projections.columns import Moment, due_columns, due_values, sealed, unseen
from shared.projections.petition import day_of_text, petition_columns, petition_values, unit_of
from shared.projections.rows import METADATA, Handler, Happening, Put, RowChange

REFERRALS = Table(
    "referrals",
    METADATA,
    Column("referral", Uuid, primary_key=True),
    Column("offer", Uuid),
    Column("came_by", Uuid),
    Column("case", Uuid),
    Column("number", String),
    Column("unit", Uuid),
    Column("sender", Uuid),
    Column("owner", Uuid),
    Column("hop", Integer),
    Column("assignment", Boolean),
    Column("report_back_by", Date),
    Column("target", Uuid),
    *petition_columns(),
    Column("stage", String),
    Column("received_at", Moment),
    *due_columns("notice_by"),
    *due_columns("object_by"),
    Column("accepted_at", Moment),
    *due_columns("answer_by"),
    Column("ground", String),
    sealed("explanation"),
    Column("objected_at", Moment),
    *due_columns("objection_answer_by"),
    Column("objection_ground", String),
    Column("objection_refused", Boolean),
    sealed("objection_reason"),
    Column("opinion_at", Moment),
    Column("outcome", String),
    sealed("findings"),
    Column("legal_basis", String),
    Column("review_at", Uuid),
    Column("perform_by", Date),
    Column("served_on", Date),
    Column("service_way", String),
    Column("performed", Boolean),
    sealed("report"),
    sealed("release_reason"),
    Column("open_offer", Uuid),
    Column("offered_to", Uuid),
    Column("offered_at", Moment),
    Column("ended_at", Moment),
    unseen("ended_day", Integer),
    Column("version", Integer),
    Column("last_at", Moment),
    Index("referrals_by_offer", "offer"),
    Index("referrals_by_case", "case", "hop"),
    Index("referrals_by_unit", "unit", "stage"),
)
OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("override", Uuid, primary_key=True),
    Column("offer", Uuid),
    Column("referral", Uuid),
    Column("case", Uuid),
    Column("unit", Uuid),
    Column("sender", Uuid),
    Column("receiver", Uuid),
    sealed("reason"),
    Column("recorded_at", Moment),
    Index("overrides_by_offer", "offer"),
    Index("overrides_by_case", "case"),
)


def _row(fact: Happening, **values: Any) -> Put:
    envelope = fact.envelope
    kept = {"unit": envelope.unit, "version": envelope.stream_version, "last_at": envelope.recorded}
    return Put(REFERRALS, {"referral": envelope.stream}, kept | values)


def _ended(fact: Happening, stage: str, **values: Any) -> Put:
    at = fact.envelope.recorded
    return _row(fact, stage=stage, ended_at=at, ended_day=day_of(at).toordinal(), **values)


def _received(fact: Happening) -> Iterable[RowChange]:
    handover, at = fact.data["handover"], fact.envelope.recorded
    yield _row(
        fact,
        offer=UUID(handover["offer"]),
        came_by=unit_of(handover["came_by"]),
        case=UUID(handover["case"]),
        number=handover["number"],
        sender=UUID(fact.data["sender"]),
        owner=UUID(handover["owner"]),
        hop=handover["hop"],
        assignment=handover["assignment"],
        report_back_by=day_of_text(handover["report_back_by"]),
        target=unit_of(handover["target"]),
        stage="received",
        received_at=at,
        **petition_values(handover["content"]),
        **due_values("notice_by", Limit.NOTICE, day_of(at)),
        **due_values("object_by", Limit.OBJECTION, day_of(at)),
    )


def _accepted(fact: Happening) -> Iterable[RowChange]:
    at = fact.envelope.recorded
    clock = due_values("answer_by", Limit.HANDLING, day_of(at))
    yield _row(fact, stage="accepted", accepted_at=at, **clock)


def _not_accepted(fact: Happening) -> Iterable[RowChange]:
    data = fact.data
    yield _ended(fact, "not_accepted", ground=data["ground"], explanation=data["explanation"])


def _objected(fact: Happening) -> Iterable[RowChange]:
    at, said = fact.envelope.recorded, {"objection_ground": fact.data["ground"]}
    clock = due_values("objection_answer_by", Limit.OBJECTION_ANSWER, day_of(at))
    reason = fact.data["reason"]
    yield _row(fact, stage="objected", objected_at=at, objection_reason=reason, **said, **clock)


def _objection_answered(fact: Happening) -> Iterable[RowChange]:
    if fact.data["agreed"]:
        yield _ended(fact, "returned", objection_refused=False)
    else:
        yield _row(fact, stage="received", objection_refused=True)


def _passed_on(fact: Happening) -> Iterable[RowChange]:
    handover = fact.data["handover"]
    yield _row(
        fact,
        offer=unit_of(handover["came_by"]),
        case=UUID(handover["case"]),
        number=handover["number"],
        owner=UUID(handover["owner"]),
        hop=handover["hop"] - 1,
        stage="passed_on",
        open_offer=UUID(handover["offer"]),
        offered_to=unit_of(fact.data["through"] or fact.data["to"]),
        offered_at=fact.envelope.recorded,
        **petition_values(handover["content"]),
    )


def _back_in_hand(fact: Happening) -> Iterable[RowChange]:
    yield _row(fact, stage="received", open_offer=None, offered_to=None, offered_at=None)


def _noted(fact: Happening) -> Iterable[RowChange]:
    yield _row(fact)


def _opinion_given(fact: Happening) -> Iterable[RowChange]:
    data = fact.data
    yield _row(
        fact,
        stage="opinion_given",
        opinion_at=fact.envelope.recorded,
        outcome=data["outcome"],
        findings=data["findings"],
        legal_basis=data["legal_basis"],
        review_at=unit_of(data["review_at"]),
        perform_by=day_of_text(data["perform_by"]),
    )


def _served(fact: Happening) -> Iterable[RowChange]:
    served_on = day_of_text(fact.data["served_on"])
    yield _row(fact, stage="served", served_on=served_on, service_way=fact.data["way"])


def _completed(fact: Happening) -> Iterable[RowChange]:
    data = fact.data
    yield _ended(
        fact, "completed", outcome=data["outcome"], performed=data["performed"], report=data["report"]
    )


def _reported_back(fact: Happening) -> Iterable[RowChange]:
    data = fact.data
    stage = "not_accepted" if data["ending"] == "not_accepted" else "completed"
    no_offer = {"open_offer": None, "offered_to": None, "offered_at": None}
    yield _ended(fact, stage, outcome=data["outcome"], report=data["text"], **no_offer)


def _released(fact: Happening) -> Iterable[RowChange]:
    yield _ended(fact, "released", release_reason=fact.data["reason"])


def _stopped(fact: Happening) -> Iterable[RowChange]:
    yield _ended(fact, "withdrawn" if fact.data["withdrawn"] else "overridden")


def _override(fact: Happening) -> Iterable[RowChange]:
    data = fact.data
    ids = {name: UUID(data[name]) for name in ("offer", "case", "sender", "receiver")}
    values = {"unit": fact.envelope.unit, "recorded_at": fact.envelope.recorded, "reason": data["reason"]}
    referral = derived_id("referral", ids["offer"])
    yield Put(OVERRIDES, {"override": fact.envelope.stream}, ids | values | {"referral": referral})


HANDLERS: dict[str, Handler] = {
    "referral.received": _received,
    "referral.accepted": _accepted,
    "referral.not_accepted": _not_accepted,
    "referral.objected": _objected,
    "referral.objection_answered": _objection_answered,
    "referral.passed_on": _passed_on,
    "referral.return_agreed": _back_in_hand,
    "referral.return_refused": _noted,
    "referral.offer_ended": _back_in_hand,
    "referral.opinion_given": _opinion_given,
    "referral.served": _served,
    "referral.completed": _completed,
    "referral.reported_back": _reported_back,
    "referral.released": _released,
    "referral.stopped": _stopped,
    "override.ordered": _override,
}
