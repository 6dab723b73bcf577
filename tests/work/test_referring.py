"""Offering a matter to another office, its answer to the offer, and the end of a matter."""

from datetime import date, timedelta

import pytest

from shared.work.common.words import ConfirmedBy, Ending, ReferralReason
from shared.work.matters.case import (
    Case,
    CaseIsClosed,
    Concluded,
    NotReferredToItself,
    ObjectionArrived,
    OfferEnded,
    Referred,
    ReturnAgreed,
    ReturnRefused,
    Withdrawn,
)
from shared.work.matters.offering import (
    NoSuchObjection,
    NoSuchOffer,
    OfferIsOpen,
    ReportBackInThePast,
    ReportBackTooFar,
)
from tests.work.rules import given
from tests.work.scene import (
    COUNTY,
    DAY,
    HANDOVER,
    OFFER,
    TOWN_A,
    TOWN_B,
    VILLAGE_1,
    at,
    ended,
    offered,
    refer,
    registered,
    unit_id,
)

YESTERDAY = DAY - timedelta(days=1)
OTHER_OFFER = unit_id("some other offer")


def withdraw(case: Case) -> None:
    case.withdraw(confirmed_by=ConfirmedBy.SECOND_CALL, at=at(1))


def conclude(case: Case, offer=OFFER, ending=Ending.ANSWERED) -> None:
    case.conclude(offer=offer, ending=ending, referral=unit_id("referral"), at=at(9))


def take_objection(case: Case, offer=OFFER) -> None:
    case.take_objection(offer=offer, at=at(1))


def agree(case: Case, offer=OFFER) -> None:
    case.answer_objection(offer=offer, agreed=True, at=at(2))


def refuse(case: Case, offer=OFFER) -> None:
    case.answer_objection(offer=offer, agreed=False, at=at(2))


def end_offer(case: Case, offer=OFFER) -> None:
    case.end_offer(offer=offer, at=at(2))


def objected() -> Case:
    case = offered()
    take_objection(case)
    return case


def test_a_matter_is_offered_to_the_competent_office_with_what_it_needs_to_know():
    told = given(registered()).when(refer).then(Referred, offered_to=TOWN_A, offer=OFFER, ending=None)
    assert told.handover == HANDOVER
    assert told.addressees() == (TOWN_A,)


def test_a_report_back_date_makes_the_referral_an_assignment():
    told = given(registered()).when(lambda case: refer(case, report_back_by=DAY)).then(Referred)
    assert told.handover.assignment
    assert told.handover.report_back_by == DAY


def test_a_report_back_date_that_has_passed_is_refused():
    given(registered()).when(lambda case: refer(case, report_back_by=YESTERDAY)).then_refused(
        ReportBackInThePast, day="2026-03-01"
    )


def test_a_report_back_date_more_than_a_year_away_is_refused():
    given(registered()).when(lambda case: refer(case, report_back_by=date(2027, 3, 4))).then_refused(
        ReportBackTooFar, day="2027-03-04", field="report_back_by"
    )


def test_a_matter_that_goes_sideways_is_offered_to_the_county_which_is_told_for_whom_it_is():
    told = (
        given(registered())
        .when(lambda case: refer(case, to=TOWN_B, through=COUNTY))
        .then(Referred, offered_to=COUNTY)
    )
    assert told.handover.target == TOWN_B
    assert told.addressees() == (COUNTY,)


def test_an_office_takes_its_own_matter_on_by_offering_it_to_itself():
    given(registered()).when(lambda case: refer(case, to=VILLAGE_1, reason=ReferralReason.OWN_MATTER)).then(
        Referred, offered_to=VILLAGE_1
    )


def test_an_office_does_not_refer_a_matter_to_itself():
    given(registered()).when(lambda case: refer(case, to=VILLAGE_1)).then_refused(NotReferredToItself)


def test_a_matter_is_never_offered_to_two_offices_at_once():
    given(offered()).when(lambda case: refer(case, to=TOWN_B, offer=OTHER_OFFER)).then_refused(OfferIsOpen)


def test_a_matter_stays_with_an_objecting_office_until_the_sender_agrees():
    given(objected()).when(lambda case: refer(case, to=TOWN_B, offer=OTHER_OFFER)).then_refused(OfferIsOpen)


def test_an_objection_that_arrives_is_noted_and_moves_nothing():
    given(offered()).when(take_objection).then(ObjectionArrived, offered_to=TOWN_A, objected=True)


def test_the_sender_agrees_to_an_objection_and_may_offer_the_matter_again():
    told = given(objected()).when(agree).then(ReturnAgreed, offered_to=None, offer=None, objected=False)
    assert (told.receiver, told.addressees()) == (TOWN_A, (TOWN_A,))
    returned = objected()
    agree(returned)
    given(returned).when(lambda case: refer(case, to=TOWN_B, offer=OTHER_OFFER)).then(
        Referred, offered_to=TOWN_B
    )


def test_the_sender_refuses_an_objection_and_the_matter_stays_where_it_is():
    given(objected()).when(refuse).then(ReturnRefused, offered_to=TOWN_A, offer=OFFER, objected=False)


@pytest.mark.parametrize("answer", [agree, refuse])
def test_an_objection_that_nobody_made_is_not_answered(answer):
    given(offered()).when(answer).then_refused(NoSuchObjection)


@pytest.mark.parametrize("answer", [agree, refuse])
def test_an_objection_is_answered_once(answer):
    case = objected()
    refuse(case)
    given(case).when(answer).then_refused(NoSuchObjection)


def test_an_objection_to_an_earlier_offer_says_nothing_about_the_present_one():
    case = objected()
    end_offer(case)
    refer(case, to=TOWN_B, offer=OTHER_OFFER)
    given(case).when(lambda case: agree(case, OTHER_OFFER)).then_refused(NoSuchObjection)


def test_an_offer_ends_by_the_receivers_release_or_the_countys_override():
    given(offered()).when(end_offer).then(OfferEnded, offered_to=None, offer=None)


@pytest.mark.parametrize("answer", [take_objection, agree, refuse, end_offer, conclude])
@pytest.mark.parametrize("case", [registered, offered, ended], ids=["never offered", "other offer", "ended"])
def test_what_answers_another_offer_than_the_open_one_changes_nothing(case, answer):
    matter = case()
    why = CaseIsClosed if matter.ending and answer is conclude else NoSuchOffer
    given(matter).when(lambda matter: answer(matter, OTHER_OFFER)).then_refused(why)


@pytest.mark.parametrize("answer", [take_objection, agree, refuse, end_offer])
def test_an_ended_matter_stays_ended_whatever_still_arrives_about_its_last_offer(answer):
    given(ended()).when(answer).then_refused(NoSuchOffer)


@pytest.mark.parametrize("ending", [Ending.ANSWERED, Ending.NOT_ACCEPTED])
def test_the_handling_offices_result_ends_the_matter(ending):
    given(offered()).when(lambda case: conclude(case, ending=ending)).then(
        Concluded, ending=ending, offered_to=None
    )


def test_a_result_that_comes_after_the_end_changes_nothing():
    given(ended()).when(conclude).then_refused(CaseIsClosed, ending=Ending.ANSWERED)


def test_the_result_of_an_overridden_office_changes_nothing():
    case = offered()
    end_offer(case)
    given(case).when(conclude).then_refused(NoSuchOffer)


def test_a_petition_is_withdrawn_before_anybody_has_it():
    told = given(registered()).when(withdraw).then(Withdrawn, ending=Ending.WITHDRAWN)
    assert told.addressees() == ()


def test_a_withdrawal_is_told_to_the_office_that_has_the_matter():
    told = given(offered()).when(withdraw).then(Withdrawn, ending=Ending.WITHDRAWN, offered_to=None)
    assert (told.addressees(), told.offer) == ((TOWN_A,), OFFER)


@pytest.mark.parametrize("order", [refer, withdraw])
def test_an_ended_matter_is_neither_referred_nor_withdrawn(order):
    case = ended()
    given(case).when(order).then_refused(CaseIsClosed, number=case.number)


@pytest.mark.parametrize("order", [refer, withdraw, conclude])
def test_a_withdrawn_matter_is_not_taken_up_again(order):
    case = offered()
    withdraw(case)
    given(case).when(order).then_refused(CaseIsClosed, ending=Ending.WITHDRAWN)


def test_an_assignment_may_ask_for_a_report_on_any_later_day():
    given(registered()).when(lambda case: refer(case, report_back_by=date(2027, 1, 1))).then(Referred)
