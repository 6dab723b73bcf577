"""What each office that a matter was offered to wrote about it: one row a referral; and overrides.

`offer` is the offer that brought the matter here, `open_offer` the one by which it was passed on.
An office further down learns of the one before it by the offer alone: such a row has no receipt.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    bindparam,
    exists,
    select,
)

from shared.database.utc_time import UtcTime
from shared.projections.columns import day_of_text, sealed, unit_of, unseen
from shared.projections.due_dates import calendar_rules, due_columns, due_values
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.calendar import day_of
from shared.work.common.fact import derived_id
from shared.work.common.limits import Limit
from shared.work.matters.questions.petition import petition_columns, petition_values
from shared.work.matters.stages import ENDED, stage_after

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
    unseen("stage_version", Integer),
    Column("received_at", UtcTime),
    *due_columns("notice_by"),
    *due_columns("object_by"),
    Column("accepted_at", UtcTime),
    *due_columns("answer_by"),
    Column("ground", String),
    sealed("explanation"),
    Column("objected_at", UtcTime),
    *due_columns("objection_answer_by"),
    Column("objection_ground", String),
    Column("objection_refused", Boolean),
    sealed("objection_reason"),
    Column("opinion_at", UtcTime),
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
    Column("offered_at", UtcTime),
    Column("ended_at", UtcTime),
    unseen("ended_day", Integer),
    Column("version", Integer),
    Column("last_at", UtcTime),
    Index("referrals_by_offer", "offer"),
    Index("referrals_by_case", "case", "hop"),
    Index("referrals_by_number", "number"),
    Index("referrals_by_unit", "unit", "stage"),
    Index("referrals_by_offered_to", "offered_to"),
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
    Column("recorded_at", UtcTime),
    Index("overrides_by_offer", "offer"),
    Index("overrides_by_case", "case"),
    Index("overrides_by_referral", "referral"),
)
_NOT_ENDED = {"ended_at": None, "ended_day": None}


def _put(fact: RecordedFact, newest: str | None = None, **values: Any) -> Put:
    guard = {newest: fact.envelope.stream_version} if newest else {}
    return Put(REFERRALS, {"referral": fact.envelope.stream}, values | guard, newest)


def _touched(fact: RecordedFact, **values: Any) -> Iterable[RowChange]:
    """What every fact of the stream writes, and what only this kind of fact writes."""
    yield _put(fact, "version", last_at=fact.envelope.recorded)
    yield _put(fact, unit=fact.envelope.unit, **values)


def _stage(fact: RecordedFact, offer: UUID | None = None, to: UUID | None = None) -> Put:
    """The stage after a fact, whole: when it ended the hand, and the offer that passed the matter on."""
    at, stage = fact.envelope.recorded, stage_after(fact.envelope.name, fact.data.__getitem__)
    ended = {"ended_at": at, "ended_day": day_of(at).toordinal()} if stage in ENDED else _NOT_ENDED
    offered = {"open_offer": offer, "offered_to": to, "offered_at": at if offer else None}
    return _put(fact, "stage_version", stage=str(stage), **ended, **offered)


def _received(fact: RecordedFact) -> Iterable[RowChange]:
    handover, at = fact.data["handover"], fact.envelope.recorded
    yield from _touched(
        fact,
        sender=UUID(fact.data["sender"]),
        assignment=handover["assignment"],
        report_back_by=day_of_text(handover["report_back_by"]),
        target=unit_of(handover["target"]),
        received_at=at,
        **_matter(handover, offer=handover["offer"], came_by=handover["came_by"], hop=handover["hop"]),
        **due_values("notice_by", Limit.NOTICE, day_of(at)),
        **due_values("object_by", Limit.OBJECTION, day_of(at)),
    )
    yield _stage(fact)


def _matter(handover: dict[str, Any], *, offer: str, came_by: str | None, hop: int) -> dict[str, Any]:
    ids = {"offer": UUID(offer), "case": UUID(handover["case"]), "owner": UUID(handover["owner"])}
    known = {"came_by": unit_of(came_by)} if came_by else {}
    plain = {"number": handover["number"], "hop": hop}
    return ids | known | plain | petition_values(handover["content"])


def _accepted(fact: RecordedFact) -> Iterable[RowChange]:
    at = fact.envelope.recorded
    yield from _touched(fact, accepted_at=at, **due_values("answer_by", Limit.HANDLING, day_of(at)))
    yield _stage(fact)


def _not_accepted(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _touched(fact, ground=fact.data["ground"], explanation=fact.data["explanation"])
    yield _stage(fact)


def _objected(fact: RecordedFact) -> Iterable[RowChange]:
    at, data = fact.envelope.recorded, fact.data
    clock = due_values("objection_answer_by", Limit.OBJECTION_ANSWER, day_of(at))
    said = {"objection_ground": data["ground"], "objection_reason": data["reason"]}
    yield from _touched(fact, objected_at=at, **said, **clock)
    yield _stage(fact)


def _objection_answered(fact: RecordedFact) -> Iterable[RowChange]:
    agreed = fact.data["agreed"]
    yield from _touched(fact, objection_refused=not agreed)
    yield _stage(fact)


def _passed_on(fact: RecordedFact) -> Iterable[RowChange]:
    """Tells an office further down what it may know of this hand, so that the chain is whole there."""
    handover = fact.data["handover"]
    matter = _matter(handover, offer=handover["came_by"], came_by=None, hop=handover["hop"] - 1)
    yield from _touched(fact, **matter)
    to = unit_of(fact.data["through"] or fact.data["to"])
    yield _stage(fact, UUID(handover["offer"]), to)


def _back_in_hand(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _touched(fact)
    yield _stage(fact)


def _opinion_given(fact: RecordedFact) -> Iterable[RowChange]:
    data = fact.data
    yield from _touched(
        fact,
        opinion_at=fact.envelope.recorded,
        outcome=data["outcome"],
        findings=data["findings"],
        legal_basis=data["legal_basis"],
        review_at=unit_of(data["review_at"]),
        perform_by=day_of_text(data["perform_by"]),
    )
    yield _stage(fact)


def _served(fact: RecordedFact) -> Iterable[RowChange]:
    served_on = day_of_text(fact.data["served_on"])
    yield from _touched(fact, served_on=served_on, service_way=fact.data["way"])
    yield _stage(fact)


def _completed(fact: RecordedFact) -> Iterable[RowChange]:
    data = fact.data
    yield from _touched(fact, outcome=data["outcome"], performed=data["performed"], report=data["report"])
    yield _stage(fact)


def _reported_back(fact: RecordedFact) -> Iterable[RowChange]:
    data = fact.data
    yield from _touched(fact, outcome=data["outcome"], report=data["text"])
    yield _stage(fact)


def _released(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _touched(fact, release_reason=fact.data["reason"])
    yield _stage(fact)


def _stopped(fact: RecordedFact) -> Iterable[RowChange]:
    yield from _touched(fact)
    yield _stage(fact)


def _override(fact: RecordedFact) -> Iterable[RowChange]:
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
    "referral.offer_ended": _back_in_hand,
    "referral.opinion_given": _opinion_given,
    "referral.served": _served,
    "referral.completed": _completed,
    "referral.reported_back": _reported_back,
    "referral.released": _released,
    "referral.stopped": _stopped,
    "override.ordered": _override,
}


_OVERRIDDEN = select(exists().where(OVERRIDES.c.offer == bindparam("offer", type_=OVERRIDES.c.offer.type)))


def overridden(connection: Connection, offer: UUID) -> bool:
    """Whether the county is known to have ended an offer."""
    return bool(connection.scalar(_OVERRIDDEN, {"offer": offer}))


PROJECTION = Projection(
    "referrals",
    (REFERRALS, OVERRIDES),
    HANDLERS,
    of_stream={"referral": _touched},
    rules=(calendar_rules,),
)
