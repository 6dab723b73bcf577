"""Supervision letters, the time line of a matter, what just came in, and when a unit was last heard."""

from datetime import date

import pytest

from shared.projections.last_contact import count_came_in, last_heard
from shared.work.common.stretch import Stretch
from shared.work.common.words import Answer, ReportKind, Trigger
from shared.work.matters.override import Override
from shared.work.matters.questions.timeline import feed, timeline
from shared.work.supervision.answer import SupervisionAnswer
from shared.work.supervision.letter import Supervision
from shared.work.supervision.questions import (
    LetterState,
    WantedLetters,
    count_letters,
    letter,
    letters,
    next_running,
)
from tests.projections.world import COUNTY, DAY, TOWN_A, VILLAGE_1, at, text


@pytest.fixture
def issued(world):
    case = world.case()
    found = Supervision.issue(
        unit=COUNTY,
        to=TOWN_A,
        case=case.id,
        mark="100000",
        year=2026,
        running=1,
        trigger=Trigger.OVERDUE,
        demand=text(case.id, "demand"),
        answer_by=date(2026, 3, 10),
        today=DAY,
        at=at(1),
    )
    world.keep(COUNTY, found)
    return found


def an_answer(world, of):
    answer = SupervisionAnswer.give(
        unit=TOWN_A,
        supervision=of.id,
        case=of.case,
        supervisor=COUNTY,
        answer=Answer.DONE,
        text=text(of.case, "text"),
        at=at(2),
    )
    world.keep(TOWN_A, answer)
    return answer


def test_given_a_letter_when_nobody_answers_then_it_is_open_and_overdue_after_its_day(world, county, issued):
    county.take(world.facts)
    assert [found.overdue for found in letters(county.connection, WantedLetters(), as_of=at(8))] == [False]
    late = letters(county.connection, WantedLetters(overdue=True), as_of=at(9))
    assert [(found.supervision, found.state) for found in late] == [(issued.id, LetterState.OPEN)]
    assert next_running(county.connection, COUNTY, 2026) == 2
    assert [next_running(county.connection, *other) for other in ((COUNTY, 2027), (TOWN_A, 2026))] == [1, 1]
    assert next_running(county.connection, COUNTY, 2026, 2) == 100_001


def test_given_an_answer_when_the_demand_is_repeated_then_the_letter_is_open_again(world, county, issued):
    answer = an_answer(world, issued)
    county.take(world.facts)
    found = letter(county.connection, issued.id, as_of=at(9))
    assert found is not None
    assert (found.state, found.overdue, found.answer) == (LetterState.ANSWERED, False, "done")
    assert found.text == text(issued.case, "text")
    assert (found.answer_stream, found.version) == (answer.id, 1)
    world.facts.clear()
    issued.repeat(answer_by=date(2026, 3, 20), today=DAY, at=at(3))
    world.keep(COUNTY, issued)
    county.take(world.facts)
    assert count_letters(county.connection, WantedLetters(state=LetterState.OPEN), as_of=at(9)) == 1


def test_given_a_lifted_letter_when_listed_for_the_office_then_nothing_more_is_asked(world, county, issued):
    issued.lift(at=at(20))
    world.keep(COUNTY, issued)
    county.take(world.facts)
    found = letters(county.connection, WantedLetters(to=frozenset({TOWN_A})), as_of=at(30))
    assert [(each.state, each.overdue) for each in found] == [(LetterState.LIFTED, False)]
    assert letters(county.connection, WantedLetters(to=frozenset({VILLAGE_1})), as_of=at(30)) == []


def test_given_a_matter_when_its_facts_arrive_late_then_the_time_line_keeps_the_order_of_recording(
    world, county
):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1), received=at(0, 2))
    county.take(world.facts[:-3]).take(list(reversed(world.facts[-3:])))
    found = timeline(county.connection, case.id)
    assert [entry.name for entry in found] == ["case.registered", "case.referred", "referral.received"]
    assert "summary" not in found[0].data["content"] and "query_check" not in found[0].data
    assert found[0].texts["content.petitioners.0.name"].field == "name"


def test_given_facts_of_one_moment_when_listed_then_a_cause_stands_before_what_follows_from_it(world, county):
    # Given matters that are registered, referred and received in the same minute
    cases = [world.case(when=at(1)) for _ in range(5)]
    for case in cases:
        world.refer(case, TOWN_A, at(1), received=at(1))
    county.take(world.facts)
    # Then no chance of their ids turns them around
    for case in cases:
        found = [entry.name for entry in timeline(county.connection, case.id)]
        assert found == ["case.registered", "case.referred", "referral.received"]


def test_given_an_overridden_receiver_when_it_goes_on_then_what_it_records_is_marked(world, county):
    case = world.case()
    referral = world.refer(case, TOWN_A, at(0, 1))
    words = {"offer": case.offer, "came_by": None, "case": case.id, "sender": VILLAGE_1, "receiver": TOWN_A}
    world.keep(COUNTY, Override.order(unit=COUNTY, reason=text(COUNTY, "reason"), at=at(2), **words))
    referral.accept(at=at(3))
    referral.stop(withdrawn=False, at=at(4))
    world.keep(TOWN_A, referral)
    county.take(world.facts)
    marked = [entry.name for entry in timeline(county.connection, case.id) if entry.after_override]
    assert marked == ["referral.accepted"]


def test_given_facts_of_other_nodes_when_fed_then_the_last_to_arrive_comes_first_without_own_ones(
    world, county, issued
):
    world.report(VILLAGE_1, DAY, at(0, 6), ReportKind.ZERO)
    county.take(world.facts)
    found = feed(county.connection)
    assert [entry.name for entry in found] == ["report.filed", "case.registered"]
    assert feed(county.connection, stretch=Stretch(1, after=found[0].fact)) == found[1:]
    assert feed(county.connection, stretch=Stretch(1, before=found[1].fact)) == found[:1]
    assert count_came_in(county.connection) == 2


def test_given_facts_of_a_unit_when_asked_then_the_newest_one_says_when_it_was_heard(world, county):
    world.case()
    world.report(VILLAGE_1, DAY, at(0, 6))
    county.take(world.facts, arrived=at(1))
    found = last_heard(county.connection, [VILLAGE_1, TOWN_A])
    assert set(found) == {VILLAGE_1}
    assert (found[VILLAGE_1].recorded_at, found[VILLAGE_1].arrived_at) == (at(0, 6), at(1))
