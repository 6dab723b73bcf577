"""Where a matter stands is read from the whole chain of offices that had it."""

from datetime import date
from uuid import UUID

import pytest

from shared.work.common.limits import Limit
from shared.work.common.words import (
    ConfirmedBy,
    Ending,
    Ground,
    MatterClass,
    ObjectionGround,
    Outcome,
    Purpose,
    ServiceWay,
)
from shared.work.matters.override import Override
from shared.work.matters.questions.matter import matter, numbered, public_status
from shared.work.matters.questions.matters import (
    Stretch,
    Wanted,
    by_state_and_age,
    count_matters,
    matters,
)
from shared.work.matters.questions.present_matters import Age, Listed
from shared.work.matters.stages import MatterState
from tests.projections.world import (
    COUNTY,
    DAY,
    TOWN_A,
    TOWN_B,
    VILLAGE_1,
    VILLAGE_2,
    Reader,
    World,
    at,
    content,
    text,
)


def state_of(county: Reader, world: World, case, as_of=None):
    county.take(world.facts)
    found = matter(county.connection, case.id, as_of=as_of or at(1))
    assert found is not None
    return found


def test_given_a_registered_matter_when_asked_then_it_is_with_the_office_that_registered_it(world, county):
    case = world.case()
    line = state_of(county, world, case).line
    assert (line.state, line.handler, line.awaits) == (MatterState.REGISTERED, VILLAGE_1, VILLAGE_1)
    assert (line.days, line.due, line.overdue) == (1, date(2026, 3, 17), False)


def test_given_a_classified_matter_when_asked_then_the_assessed_class_counts(world, county):
    case = world.case()
    case.assess(matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION, at=at(0, 1))
    world.keep(VILLAGE_1, case)
    line = state_of(county, world, case).line
    assert (line.state, line.matter_class, line.purpose) == (MatterState.CLASSIFIED, "health", "suggestion")


def test_given_an_offer_when_the_receipt_has_not_arrived_then_it_is_offered_and_awaits_the_receiver(
    world, county
):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    county.take(world.facts[:-1])
    found = matter(county.connection, case.id, as_of=at(1))
    assert found is not None
    line = found.line
    assert (line.state, line.handler, line.awaits) == (MatterState.OFFERED, VILLAGE_1, TOWN_A)
    assert line.offered_to == TOWN_A


def test_given_a_received_referral_when_asked_then_its_clocks_run_at_the_receiver(world, county):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    found = state_of(county, world, case)
    assert (found.line.state, found.line.handler) == (MatterState.RECEIVED, TOWN_A)
    assert {(due.limit, due.day) for due in found.dues} == {
        (Limit.NOTICE, date(2026, 3, 17)),
        (Limit.OBJECTION, date(2026, 3, 9)),
    }


def test_given_an_objection_when_the_sender_agrees_then_the_matter_is_back_at_the_sender(world, county):
    case = world.case()
    referral = world.refer(case, TOWN_A, at(0, 1))
    referral.object(
        ground=ObjectionGround.OTHER_PLACE,
        reason=text(TOWN_A, "reason"),
        object_by=date(2026, 3, 9),
        today=DAY,
        at=at(0, 2),
    )
    world.keep(TOWN_A, referral)
    line = state_of(county, world, case).line
    assert (line.state, line.handler, line.awaits) == (MatterState.OBJECTED, TOWN_A, VILLAGE_1)
    assert line.due == date(2026, 3, 9)
    case.take_objection(offer=case.offer, at=at(0, 3))
    case.answer_objection(offer=case.offer, agreed=True, at=at(0, 3))
    world.facts.clear()
    world.keep(VILLAGE_1, case)
    line = state_of(county, world, case).line
    assert (line.state, line.handler) == (MatterState.REGISTERED, VILLAGE_1)


def test_given_a_matter_sent_sideways_when_asked_then_the_last_hand_has_it(world, county):
    case = world.case()
    at_county = world.refer(case, TOWN_B, at(0, 1), through=COUNTY)
    at_town = world.pass_on(at_county, TOWN_B, at(0, 2))
    at_town.accept(at=at(0, 3))
    world.keep(TOWN_B, at_town)
    found = state_of(county, world, case)
    assert (found.line.state, found.line.handler, found.line.hands) == (MatterState.ACCEPTED, TOWN_B, 2)
    assert [hand.unit for hand in found.hands] == [COUNTY, TOWN_B]
    assert found.line.due == date(2026, 5, 6), "60 days end on the May holiday and move to the next workday"


def test_given_a_matter_passed_on_when_the_next_office_has_not_received_it_then_it_awaits_that_office(
    world, county
):
    case = world.case()
    world.pass_on(world.refer(case, TOWN_A, at(0, 1)), COUNTY, at(0, 2))
    county.take(world.facts[:-1])
    line = matters(county.connection, Wanted(), as_of=at(1))[0]
    assert (line.state, line.handler, line.awaits) == (MatterState.PASSED_ON, TOWN_A, COUNTY)


def test_given_an_assignment_passed_on_when_its_day_comes_first_then_that_day_is_due(world, county):
    case = world.case()
    first = world.refer(case, TOWN_A, at(0, 1), report_back_by=date(2026, 3, 10))
    world.pass_on(first, COUNTY, at(0, 2))
    line = state_of(county, world, case, as_of=at(9)).line
    assert (line.due, line.overdue) == (date(2026, 3, 10), True)


def handled(world: World, case, unit=TOWN_A):
    referral = world.refer(case, unit, at(0, 1))
    referral.accept(at=at(1))
    referral.give_opinion(
        outcome=Outcome.SUPPORTED,
        findings=text(unit, "findings"),
        legal_basis="R22 32",
        review_at=COUNTY,
        perform_by=None,
        at=at(2),
    )
    world.keep(unit, referral)
    return referral


def test_given_a_served_opinion_when_completed_then_it_closes_and_ends_as_answered(world, county):
    case = world.case()
    referral = handled(world, case)
    assert state_of(county, world, case).line.state is MatterState.OPINION_GIVEN
    world.facts.clear()
    referral.serve(way=ServiceWay.IN_PERSON, served_on=date(2026, 3, 5), at=at(3))
    world.keep(TOWN_A, referral)
    line = state_of(county, world, case).line
    assert (line.state, line.due) == (MatterState.SERVED, None)
    world.facts.clear()
    referral.complete(performed=True, report=text(TOWN_A, "report"), at=at(4))
    world.keep(TOWN_A, referral)
    line = state_of(county, world, case).line
    assert (line.state, line.awaits) == (MatterState.CLOSING, VILLAGE_1)
    world.facts.clear()
    case.conclude(offer=case.offer, ending=Ending.ANSWERED, referral=referral.id, at=at(4))
    world.keep(VILLAGE_1, case)
    line = state_of(county, world, case, as_of=at(40)).line
    assert (line.state, line.handler, line.awaits) == (MatterState.ANSWERED, TOWN_A, None)
    assert line.days == 4


def test_given_an_own_matter_when_not_accepted_and_concluded_then_it_ends_as_not_accepted(world, county):
    case = world.case(TOWN_A)
    referral = world.refer(case, TOWN_A, at(0, 1))
    referral.not_accept(ground=Ground.COURT_OR_CONGRESS, explanation=text(TOWN_A, "explanation"), at=at(1))
    world.keep(TOWN_A, referral)
    case.conclude(offer=case.offer, ending=Ending.NOT_ACCEPTED, referral=referral.id, at=at(1))
    world.keep(TOWN_A, case)
    found = state_of(county, world, case)
    assert found.line.state is MatterState.NOT_ACCEPTED
    assert found.hands[0].ground == Ground.COURT_OR_CONGRESS


def test_given_a_withdrawal_when_asked_then_the_matter_has_ended_whatever_the_handler_says(world, county):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    case.withdraw(confirmed_by=ConfirmedBy.SIGNED_PAPER, at=at(1))
    world.keep(VILLAGE_1, case)
    line = state_of(county, world, case).line
    assert (line.state, line.awaits) == (MatterState.WITHDRAWN, None)


def test_given_an_override_when_the_sender_has_not_noted_it_then_the_matter_is_back_at_the_sender(
    world, county
):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    override = Override.order(
        unit=COUNTY,
        offer=case.offer,
        came_by=None,
        case=case.id,
        sender=VILLAGE_1,
        receiver=TOWN_A,
        reason=text(COUNTY, "reason"),
        at=at(3),
    )
    world.keep(COUNTY, override)
    found = state_of(county, world, case)
    assert (found.line.state, found.line.handler) == (MatterState.REGISTERED, VILLAGE_1)
    assert found.overrides[0].receiver == TOWN_A


def test_given_a_matter_from_elsewhere_when_only_its_offer_arrives_then_the_office_sees_its_part(world, node):
    case = world.case()
    at_county = world.refer(case, TOWN_B, at(0, 1), through=COUNTY)
    world.pass_on(at_county, TOWN_B, at(0, 2))
    town = node("town-101").take(
        [fact for fact in world.facts if fact.name in _SEEN_BY_TOWN_B and _at_b(fact)]
    )
    found = matters(town.connection, Wanted(Listed.AWAITS, frozenset({TOWN_B})), as_of=at(1))
    assert [(line.case, line.state, line.owner) for line in found] == [
        (case.id, MatterState.RECEIVED, VILLAGE_1)
    ]
    whole = matter(town.connection, case.id, as_of=at(1))
    assert whole is not None and whole.content.matter_class is MatterClass.LAND


_SEEN_BY_TOWN_B = ("referral.passed_on", "referral.received")


def _at_b(fact) -> bool:
    return fact.source == "town-101" or TOWN_B in fact.addressees


@pytest.fixture
def mixed(world, county):
    """One matter a day for four ages; the oldest is answered, the second one is at the township."""
    cases = [world.case(what=content(date(2026, 1, 1)), when=at(-60))]
    cases.append(world.case(what=content(date(2026, 2, 1)), when=at(-29)))
    cases.append(world.case(what=content(date(2026, 2, 20), matter_class=MatterClass.HEALTH), when=at(-10)))
    cases.append(world.case(TOWN_B, what=content(DAY)))
    world.refer(cases[1], TOWN_A, at(-25))
    cases[0].withdraw(confirmed_by=ConfirmedBy.SECOND_CALL, at=at(-50))
    world.keep(VILLAGE_1, cases[0])
    county.take(world.facts)
    return cases


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Wanted(), [0, 1, 2, 3]),
        (Wanted(open=True), [1, 2, 3]),
        (Wanted(open=False), [0]),
        (Wanted(Listed.OWN, frozenset({VILLAGE_1})), [0, 1, 2]),
        (Wanted(Listed.OWN, frozenset({VILLAGE_1, TOWN_B})), [0, 1, 2, 3]),
        (Wanted(Listed.OWN, frozenset()), []),
        (Wanted(Listed.OWN, frozenset({VILLAGE_1, VILLAGE_2}), open=True), [1, 2]),
        (Wanted(states=frozenset({MatterState.WITHDRAWN}), ages=frozenset({Age.TO_15})), [0]),
        (Wanted(ages=frozenset({Age.TO_15, Age.TO_30}), open=True), [1, 2, 3]),
        (Wanted(Listed.AWAITS, frozenset({TOWN_A})), [1]),
        (Wanted(Listed.RECEIVED, frozenset({TOWN_A})), [1]),
        (Wanted(Listed.OUT, frozenset({VILLAGE_1})), [1]),
        (Wanted(Listed.OUT, frozenset({TOWN_A})), []),
        (Wanted(states=frozenset({MatterState.REGISTERED, MatterState.WITHDRAWN})), [0, 2, 3]),
        (Wanted(ages=frozenset({Age.TO_15})), [0, 2, 3]),
        (Wanted(ages=frozenset({Age.TO_30})), [1]),
        (Wanted(matter_class=MatterClass.HEALTH), [2]),
        (Wanted(overdue=True), [1]),
        (Wanted(stuck=True), [1]),
        (Wanted(Listed.AWAITS, frozenset({VILLAGE_1}), open=True, overdue=True), []),
    ],
)
def test_given_a_filter_when_listed_then_the_count_is_the_length_of_the_list(county, mixed, wanted, places):
    as_of = at(0, 1)
    found = matters(county.connection, wanted, as_of=as_of)
    assert [line.case for line in found] == [mixed[place].id for place in places]
    assert count_matters(county.connection, wanted, as_of=as_of) == len(places)


def test_given_matters_when_counted_by_state_and_age_then_each_number_is_that_of_its_list(county, mixed):
    as_of = at(0, 1)
    found = matters(county.connection, Wanted(), as_of=as_of)
    table = by_state_and_age(county.connection, as_of=as_of)
    assert sum(table.values()) == len(found)
    for (state, age), number in table.items():
        lines = [line for line in found if line.state is state and _age(line.days) is age]
        assert len(lines) == number


def _age(days: int) -> Age:
    return Age.TO_15 if days <= 15 else Age.TO_30 if days <= 30 else Age.TO_60 if days <= 60 else Age.OVER_60


def test_given_many_matters_when_paged_then_every_one_is_on_one_page(county, mixed):
    ids = [case.id for case in mixed]
    beside = zip([None, *ids[:-1]], ids, [*ids[1:], None], strict=True)
    for before, case, after in beside:
        assert _cases(county, Stretch(1, after=before)) == [case]
        assert _cases(county, Stretch(1, before=after)) == [case if after else ids[0]]
    assert _cases(county, Stretch(2, before=ids[3])) == ids[1:3]
    assert _cases(county, Stretch(None)) == ids


def _cases(county: Reader, stretch: Stretch) -> list[UUID]:
    return [line.case for line in matters(county.connection, Wanted(), as_of=at(1), stretch=stretch)]


def test_given_silence_about_a_matter_when_20_days_have_passed_then_it_is_stuck(county, mixed):
    lines = matters(county.connection, Wanted(overdue_or_stuck=True), as_of=at(0, 1))
    assert [(line.case, line.overdue, line.stuck) for line in lines] == [(mixed[1].id, True, True)]


def test_given_number_and_code_when_they_fit_then_only_state_and_days_are_told(county, mixed):
    assert numbered(county.connection, mixed[2].number) == [(mixed[2].id, "check-3")]
    assert numbered(county.connection, "nothing") == []
    status = public_status(county.connection, mixed[2].id, as_of=at(1))
    assert status.state is MatterState.REGISTERED
    assert not {"handler", "owner", "content", "persons"} & set(vars(status))


def test_given_two_matters_that_bear_one_number_when_asked_then_both_are_known_each_with_its_own_check(
    world, county, monkeypatch
):
    monkeypatch.setattr("shared.work.matters.case.matter_number", lambda *_: "100201-2026-00001-7")
    first, second = world.case(), world.case(when=at(0, 1))
    county.take(world.facts)
    assert numbered(county.connection, "100201-2026-00001-7") == [
        (first.id, "check-1"),
        (second.id, "check-2"),
    ]
    for one in (first, second):
        assert public_status(county.connection, one.id, as_of=at(1)).number == "100201-2026-00001-7"
