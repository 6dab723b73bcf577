"""Offices, days, petitions and matters that the rules are told with."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.work.common.sealed import Sealed
from shared.work.common.words import (
    Channel,
    Ending,
    Ground,
    MatterClass,
    ObjectionGround,
    Outcome,
    PersonRole,
    Purpose,
    ReferralReason,
    ServiceWay,
)
from shared.work.matters.case import Case
from shared.work.matters.content import Content, Earlier, Handover, Petitioner
from shared.work.matters.numbers import matter_number
from shared.work.matters.offering import NewOffer
from shared.work.matters.referral import Referral

_SPACE = UUID("2b1c8d32-5b0e-5f0e-9a51-5a4a7c1f0f10")


def unit_id(name: str) -> UUID:
    return uuid5(_SPACE, name)


COUNTY, TOWN_A, TOWN_B = unit_id("county"), unit_id("town a"), unit_id("town b")
VILLAGE_1, VILLAGE_2 = unit_id("village 1"), unit_id("village 2")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Asia/Shanghai."""
DAY = date(2026, 3, 2)
OBJECT_BY = date(2026, 3, 9)
"""The fifth working day after the Monday on which the matter was received."""


def at(days: float = 0, hours: float = 0) -> datetime:
    return START + timedelta(days=days, hours=hours)


def text(of: UUID, name: str) -> Sealed:
    return Sealed("AES-256-GCM", f"{of}/text", "bm9uY2U=", "Y2lwaGVy", of, name)


def persons(count: int, role: PersonRole = PersonRole.PETITIONER) -> tuple[Petitioner, ...]:
    of = unit_id("some fact")
    return tuple(
        Petitioner(number, role, text(of, "name"), text(of, "contact")) for number in range(1, count + 1)
    )


def content(received_on: date = DAY, earlier: Earlier | None = None, **changes: Any) -> Content:
    of = unit_id("some fact")
    words: dict[str, Any] = {
        "channel": Channel.VISIT,
        "purpose": Purpose.SEEKING_DECISION,
        "matter_class": MatterClass.LAND,
        "received_on": received_on,
        "persons": 1,
        "petitioners": persons(1),
        "summary": text(of, "summary"),
        "request": text(of, "request"),
        "account": text(of, "account"),
        "earlier": earlier,
    }
    return Content(**words | changes)


def registered(what: Content | None = None, **changes: Any) -> Case:
    """A petition just written into the register of a village."""
    words = {
        "unit": VILLAGE_1,
        "mark": "100201",
        "year": 2026,
        "register_no": 1,
        "content": what or content(),
        "query_check": "check-1",
        "query_code": text(VILLAGE_1, "query_code"),
        "today": DAY,
        "at": START,
    }
    return Case.register(**words | changes)


OFFER = unit_id("offer")


def refer(case: Case, **changes: Any) -> None:
    words = {"to": TOWN_A, "reason": ReferralReason.COMPETENT_BODY, "offer": OFFER, "today": DAY, "at": at()}
    case.refer(NewOffer(**words | changes))


def offered(**changes: Any) -> Case:
    """A matter that the village offered to the township."""
    case = registered()
    refer(case, **changes)
    return case


def ended(case: Case | None = None) -> Case:
    """A matter whose handling office has reported back."""
    case = case or offered()
    assert case.offer
    case.conclude(offer=case.offer, ending=Ending.ANSWERED, referral=unit_id("referral"), at=at(9))
    return case


HANDOVER = Handover(
    offer=OFFER,
    came_by=None,
    case=Case.id_for(VILLAGE_1, 2026, 1),
    number=matter_number("100201", 2026, 1),
    owner=VILLAGE_1,
    hop=1,
    assignment=False,
    report_back_by=None,
    content=content(),
)
"""What the village tells the township with its offer."""

FURTHER = unit_id("further offer")


def received(handover: Handover = HANDOVER) -> Referral:
    """The offer as it arrived at the township."""
    return Referral.receive(unit=TOWN_A, sender=VILLAGE_1, handover=handover, at=at())


def object_(referral: Referral, today: date = DAY) -> None:
    reason = text(TOWN_A, "reason")
    ground = ObjectionGround.NOT_OUR_POWER
    referral.object(ground=ground, reason=reason, object_by=OBJECT_BY, today=today, at=at(1))


def pass_on(referral: Referral, **changes: Any) -> None:
    words = {"to": VILLAGE_2, "reason": ReferralReason.PLACE_OF_PROBLEM, "offer": FURTHER, "today": DAY}
    referral.pass_on(NewOffer(**words | {"at": at(1)} | changes))


def give_opinion(referral: Referral) -> None:
    findings, words = text(TOWN_A, "findings"), {"legal_basis": "R22 32", "perform_by": date(2026, 4, 1)}
    referral.give_opinion(outcome=Outcome.SUPPORTED, findings=findings, review_at=COUNTY, at=at(2), **words)


def report_back(referral: Referral, ending: Ending = Ending.ANSWERED, offer: UUID = FURTHER) -> None:
    outcome = Outcome.EXPLAINED if ending is Ending.ANSWERED else None
    referral.report_back(offer=offer, ending=ending, outcome=outcome, text=text(TOWN_A, "text"), at=at(5))


SERVED_ON = DAY + timedelta(days=3)

STEPS: dict[str, Callable[[Referral], None]] = {
    "accept": lambda referral: referral.accept(at=at(1)),
    "not accept": lambda referral: referral.not_accept(
        ground=Ground.NOT_OUR_POWER, explanation=text(TOWN_A, "explanation"), at=at(1)
    ),
    "object": object_,
    "hear that the sender agrees": lambda referral: referral.take_answer(agreed=True, at=at(2)),
    "hear that the sender refuses": lambda referral: referral.take_answer(agreed=False, at=at(2)),
    "pass on": pass_on,
    "give the opinion": give_opinion,
    "serve": lambda referral: referral.serve(way=ServiceWay.POST, served_on=SERVED_ON, at=at(3)),
    "complete": lambda referral: referral.complete(performed=True, report=text(TOWN_A, "report"), at=at(4)),
    "release": lambda referral: referral.release(reason=text(TOWN_A, "reason"), at=at(1)),
    "stop for a withdrawal": lambda referral: referral.stop(withdrawn=True, at=at(1)),
    "stop for an override": lambda referral: referral.stop(withdrawn=False, at=at(1)),
    "report back": report_back,
}
"""Every step of a receiving office, by the words of the work."""

WAY_TO: dict[str, tuple[str, ...]] = {
    "received": (),
    "accepted": ("accept",),
    "opinion_given": ("accept", "give the opinion"),
    "served": ("accept", "give the opinion", "serve"),
    "completed": ("accept", "give the opinion", "serve", "complete"),
    "not_accepted": ("not accept",),
    "objected": ("object",),
    "returned": ("object", "hear that the sender agrees"),
    "passed_on": ("pass on",),
    "released": ("release",),
    "withdrawn": ("stop for a withdrawal",),
    "overridden": ("stop for an override",),
}
"""The steps that lead to each stage."""


def in_hand(stage: str) -> Referral:
    """The township's referral at a stage of its life."""
    referral = received()
    for step in WAY_TO[stage]:
        STEPS[step](referral)
    assert referral.stage == stage
    return referral
