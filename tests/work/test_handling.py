"""What a receiving office may do with a matter at each stage, and what it may not."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from shared.work.common.calendar import day_of
from shared.work.common.days_ahead import FurtherThanAYear
from shared.work.common.words import Ending, Outcome, ServiceWay
from shared.work.matters.handling_facts import (
    Accepted,
    Completed,
    NotAccepted,
    Objected,
    ObjectionAnswered,
    OpinionGiven,
    PassedOn,
    PassedOnObjectionArrived,
    PassedOnOfferEnded,
    PassedOnReturnAgreed,
    PassedOnReturnRefused,
    Received,
    Released,
    ReportedBack,
    Served,
    Stopped,
)
from shared.work.matters.offering import NoSuchObjection, NoSuchOffer, TooManyHands
from shared.work.matters.referral import (
    NotReferredToItself,
    NotServedYet,
    ObjectionTooLate,
    PerformByInThePast,
    Referral,
    ServedBeforeOpinion,
    ServedLaterThanToday,
    WrongStage,
)
from shared.work.matters.stages import ENDED
from tests.work.rules import given, when
from tests.work.scene import (
    COUNTY,
    FURTHER,
    HANDOVER,
    OBJECT_BY,
    OFFER,
    STEPS,
    TOWN_A,
    TOWN_B,
    VILLAGE_1,
    VILLAGE_2,
    WAY_TO,
    at,
    in_hand,
    object_,
    pass_on,
    received,
    report_back,
    text,
    unit_id,
)

POSSIBLE = {
    "received": {
        "accept": (Accepted, "accepted"),
        "not accept": (NotAccepted, "not_accepted"),
        "object": (Objected, "objected"),
        "pass on": (PassedOn, "passed_on"),
        "release": (Released, "released"),
    },
    "accepted": {
        "give the opinion": (OpinionGiven, "opinion_given"),
        "pass on": (PassedOn, "passed_on"),
        "release": (Released, "released"),
    },
    "objected": {
        "hear that the sender agrees": (ObjectionAnswered, "returned"),
        "hear that the sender refuses": (ObjectionAnswered, "received"),
    },
    "passed_on": {"report back": (ReportedBack, "completed")},
    "opinion_given": {"serve": (Served, "served")},
    "served": {"complete": (Completed, "completed")},
}
"""The steps of each stage that is not an end, with the fact and the stage they lead to."""

STOPS = {
    "stop for a withdrawal": (Stopped, "withdrawn"),
    "stop for an override": (Stopped, "overridden"),
}
"""Possible at every stage that is not an end."""

ALLOWED = {
    (stage, step): after for stage, steps in POSSIBLE.items() for step, after in (steps | STOPS).items()
}


def _refusal(stage: str, step: str) -> type:
    if step == "report back":
        return NoSuchOffer
    return NotServedYet if (stage, step) == ("opinion_given", "complete") else WrongStage


@pytest.mark.parametrize(("stage", "step"), ALLOWED)
def test_a_step_that_follows_is_recorded_and_leads_to_its_stage(stage, step):
    fact, after = ALLOWED[stage, step]
    given(in_hand(stage)).when(STEPS[step]).then(fact, stage=after)


@pytest.mark.parametrize(
    ("stage", "step"), [(stage, step) for stage in WAY_TO for step in STEPS if (stage, step) not in ALLOWED]
)
def test_a_step_that_does_not_follow_is_refused(stage, step):
    given(in_hand(stage)).when(STEPS[step]).then_refused(_refusal(stage, step))


def test_a_refused_step_names_the_stage_at_which_the_matter_is():
    given(in_hand("served")).when(STEPS["accept"]).then_refused(WrongStage, stage="served")


def test_every_stage_is_tried_and_the_ends_have_no_step_at_all():
    assert set(WAY_TO) - set(POSSIBLE) == ENDED


def test_an_offer_that_arrives_starts_the_receivers_clocks_and_is_told_to_the_sender():
    told = when(received).then(Received, stage="received", received_at=at(), sender=VILLAGE_1)
    assert (told.concerns(), told.addressees()) == (HANDOVER.case, (VILLAGE_1,))


def test_one_offer_makes_one_referral_however_often_it_arrives():
    assert received().id == received().id == Referral.id_for(OFFER)


def test_what_an_office_does_is_told_to_its_sender_and_to_the_office_that_registered_the_matter():
    further = HANDOVER.__class__(**vars(HANDOVER) | {"came_by": OFFER, "offer": FURTHER, "hop": 2})
    referral = Referral.receive(unit=VILLAGE_2, sender=TOWN_A, handover=further, at=at())
    assert given(referral).when(STEPS["accept"]).then(Accepted).addressees() == (TOWN_A, VILLAGE_1)


@pytest.mark.parametrize("today", [date(2026, 3, 2), OBJECT_BY])
def test_an_office_objects_up_to_and_on_the_last_day_of_the_limit(today):
    given(received()).when(lambda referral: object_(referral, today)).then(Objected)


def test_an_objection_after_the_limit_is_refused_with_the_day_that_was_missed():
    late = OBJECT_BY + timedelta(days=1)
    given(received()).when(lambda referral: object_(referral, late)).then_refused(
        ObjectionTooLate, day="2026-03-09"
    )


@pytest.mark.parametrize(
    ("moment", "refused"), [("2026-03-09T15:59:59.999999Z", False), ("2026-03-09T16:00:00Z", True)]
)
def test_the_last_day_ends_at_midnight_in_the_networks_zone(moment, refused):
    today = day_of(datetime.fromisoformat(moment))
    order = given(received()).when(lambda referral: object_(referral, today))
    order.then_refused(ObjectionTooLate) if refused else order.then(Objected)


def test_an_office_whose_objection_was_refused_still_has_the_matter():
    referral = in_hand("objected")
    given(referral).when(STEPS["hear that the sender refuses"]).then(
        ObjectionAnswered, stage="received", objection_refused=True
    )


def test_a_matter_is_passed_on_with_everything_the_next_office_needs_to_know():
    told = given(in_hand("accepted")).when(pass_on).then(PassedOn, offered_to=VILLAGE_2, offer=FURTHER)
    expected = vars(HANDOVER) | {"came_by": OFFER, "offer": FURTHER, "hop": 2}
    assert vars(told.handover) == expected
    assert told.addressees() == (VILLAGE_2, VILLAGE_1)


def test_an_office_does_not_pass_a_matter_on_to_itself():
    given(received()).when(lambda referral: pass_on(referral, to=TOWN_A)).then_refused(NotReferredToItself)


def _at_hop(hop: int) -> Referral:
    return received(HANDOVER.__class__(**vars(HANDOVER) | {"hop": hop}))


def test_a_fourth_office_may_be_asked_but_a_fifth_would_be_a_circle():
    given(_at_hop(3)).when(pass_on).then(PassedOn)
    given(_at_hop(4)).when(pass_on).then_refused(TooManyHands, most=4)


def test_what_goes_sideways_is_offered_to_the_county_for_the_office_it_is_meant_for():
    told = (
        given(received())
        .when(lambda referral: pass_on(referral, to=TOWN_B, through=COUNTY))
        .then(PassedOn, offered_to=COUNTY)
    )
    assert told.handover.target == TOWN_B


def take_objection(referral: Referral, offer: UUID = FURTHER) -> None:
    referral.take_objection(offer=offer, at=at(2))


def agree(referral: Referral, offer: UUID = FURTHER) -> None:
    referral.answer_objection(offer=offer, agreed=True, at=at(3))


def refuse(referral: Referral, offer: UUID = FURTHER) -> None:
    referral.answer_objection(offer=offer, agreed=False, at=at(3))


def end_offer(referral: Referral, offer: UUID = FURTHER) -> None:
    referral.end_offer(offer=offer, at=at(3))


def objected_to() -> Referral:
    referral = in_hand("passed_on")
    take_objection(referral)
    return referral


def test_a_matter_that_was_passed_on_comes_back_when_its_sender_agrees_to_the_objection():
    given(objected_to()).when(agree).then(PassedOnReturnAgreed, stage="received", offered_to=None)


def test_a_matter_that_was_passed_on_stays_away_when_its_sender_refuses_the_objection():
    given(objected_to()).when(refuse).then(PassedOnReturnRefused, stage="passed_on", offered_to=VILLAGE_2)


def test_an_objection_to_a_passing_on_is_noted_and_moves_nothing():
    given(in_hand("passed_on")).when(take_objection).then(PassedOnObjectionArrived, stage="passed_on")


@pytest.mark.parametrize("answer", [agree, refuse])
def test_an_objection_that_nobody_made_is_not_answered(answer):
    given(in_hand("passed_on")).when(answer).then_refused(NoSuchObjection)


def test_a_released_or_overridden_passing_on_brings_the_matter_back():
    given(in_hand("passed_on")).when(end_offer).then(PassedOnOfferEnded, stage="received", offered_to=None)


@pytest.mark.parametrize(
    ("ending", "stage"), [(Ending.ANSWERED, "completed"), (Ending.NOT_ACCEPTED, "not_accepted")]
)
def test_the_result_of_the_next_office_is_handed_back_along_the_chain(ending, stage):
    given(in_hand("passed_on")).when(lambda referral: report_back(referral, ending)).then(
        ReportedBack, stage=stage, offered_to=None
    )


@pytest.mark.parametrize("answer", [take_objection, agree, refuse, end_offer])
@pytest.mark.parametrize("stage", WAY_TO)
def test_what_answers_another_offer_than_the_open_one_changes_nothing(stage, answer):
    other = unit_id("some other offer")
    given(in_hand(stage)).when(lambda referral: answer(referral, other)).then_refused(NoSuchOffer)


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("answer", [take_objection, agree, refuse, end_offer, report_back])
def test_an_office_that_was_stopped_stays_so_whatever_arrives_from_the_next_one(answer, stop):
    referral = in_hand("passed_on")
    STEPS[stop](referral)
    given(referral).when(answer).then_refused(NoSuchOffer)


def test_an_office_that_stops_tells_the_one_it_passed_the_matter_to():
    told = given(in_hand("passed_on")).when(STEPS["stop for a withdrawal"]).then(Stopped)
    assert (told.onward, told.onward_offer) == (VILLAGE_2, FURTHER)
    assert told.addressees() == (VILLAGE_1, VILLAGE_2)


def test_an_office_that_stops_with_the_matter_in_hand_has_nobody_further_to_tell():
    told = given(in_hand("accepted")).when(STEPS["stop for an override"]).then(Stopped)
    assert (told.onward, told.onward_offer, told.addressees()) == (None, None, (VILLAGE_1,))


def test_the_completion_report_repeats_the_outcome_of_the_opinion():
    assert given(in_hand("served")).when(STEPS["complete"]).then(Completed).outcome is Outcome.SUPPORTED


ISSUED_ON = day_of(at(2))
"""The day on which the scene's opinion is issued."""


def serve(referral: Referral, days: int) -> None:
    """Record two days after the opinion that it was served so many days after it."""
    served_on = ISSUED_ON + timedelta(days=days)
    referral.serve(way=ServiceWay.POST, served_on=served_on, at=at(4))


@pytest.mark.parametrize("days", [0, 1, 2])
def test_an_opinion_is_served_from_the_day_on_which_it_was_issued_until_today(days):
    told = given(in_hand("opinion_given")).when(lambda referral: serve(referral, days)).then(Served)
    assert told.served_on == ISSUED_ON + timedelta(days=days)


def test_an_opinion_is_not_served_before_it_was_issued():
    given(in_hand("opinion_given")).when(lambda referral: serve(referral, -1)).then_refused(
        ServedBeforeOpinion, day="2026-03-03", opinion="2026-03-04", field="served_on"
    )


def test_a_service_is_not_recorded_before_it_has_happened():
    given(in_hand("opinion_given")).when(lambda referral: serve(referral, 3)).then_refused(
        ServedLaterThanToday, day="2026-03-07", field="served_on"
    )


def promise(referral: Referral, days: int, **more: object) -> None:
    """Issue the opinion with a promise for so many days later."""
    words = {"findings": text(TOWN_A, "findings"), "legal_basis": "R22 32", "review_at": COUNTY, "at": at(2)}
    perform_by = ISSUED_ON + timedelta(days=days)
    referral.give_opinion(outcome=Outcome.SUPPORTED, perform_by=perform_by, **words | more)


@pytest.mark.parametrize("days", [0, 366])
def test_what_is_promised_is_to_be_done_from_today_on_within_a_year(days):
    given(in_hand("accepted")).when(lambda referral: promise(referral, days)).then(OpinionGiven)


def test_nothing_is_promised_for_a_day_that_has_passed():
    given(in_hand("accepted")).when(lambda referral: promise(referral, -1)).then_refused(
        PerformByInThePast, day="2026-03-03", field="perform_by"
    )


def test_a_promise_for_more_than_a_year_away_says_why():
    given(in_hand("accepted")).when(lambda referral: promise(referral, 367)).then_refused(
        FurtherThanAYear, day="2027-03-06", field="perform_by"
    )
    why = text(TOWN_A, "late_because")
    told = (
        given(in_hand("accepted"))
        .when(lambda referral: promise(referral, 367, late_because=why))
        .then(OpinionGiven)
    )
    assert told.late_because == why
