"""The same facts give the same projections in whatever order the nodes' facts arrive, live or replayed."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from shared.envelope import Envelope
from shared.work.account_changes.change import AccountChange
from shared.work.catalogue import PROJECTIONS
from shared.work.common.stretch import Stretch
from shared.work.common.words import (
    Answer,
    ConfirmedBy,
    Ending,
    ExcuseReason,
    MatterClass,
    ObjectionGround,
    Outcome,
    Purpose,
    Quota,
    QuotaReason,
    ReportKind,
    ServiceWay,
    Trigger,
)
from shared.work.matters.content import Earlier
from shared.work.matters.override import Override
from shared.work.matters.questions.matters import Wanted, matters
from shared.work.quotas.raised import QuotaRaise
from shared.work.reports.excuses import Excuse
from shared.work.supervision.answer import SupervisionAnswer
from shared.work.supervision.letter import Supervision
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
    replay,
    tables_in_memory,
    text,
)
from tests.work.records import kept_registers
from tests.work.reporting import LIFE, correct, register, statement


def a_busy_week() -> World:
    """Every fact of the work at least once, written by five offices on four nodes."""
    world = World().open_units()
    _answered_after_an_objection(world)
    _overridden(world)
    _withdrawn(world)
    _supervised(world)
    _reported(world)
    _administered(world)
    for record in kept_registers(VILLAGE_1, TOWN_A):
        world.keep(VILLAGE_1, record)
    return world


def _administered(world: World) -> None:
    said = {"account": "a", "login": "clerk", "person": "张值班", "role": "petition_clerk", "detail": ""}
    said |= {"by": "b", "by_name": "王管理", "change": "password_reset", "office": VILLAGE_1}
    stream = AccountChange.id_for("a", 1, "password_reset", at(2))
    world.keep(VILLAGE_1, AccountChange.tell(stream, unit=VILLAGE_1, at=at(2), **said))
    more = {"quota": Quota.TEXT, "account": "a", "login": "clerk", "more": 500, "reason": QuotaReason.PROGRAM}
    given = QuotaRaise.give(unit=VILLAGE_1, day=DAY, running=1, incarnation=1, at=at(2), **more)
    world.keep(VILLAGE_1, given)


def _answered_after_an_objection(world: World) -> None:
    case = world.case(what=content(DAY, Earlier(VILLAGE_2, DAY)))
    case.correct(content=content(), reason=text(VILLAGE_1, "reason"), today=DAY, at=at(0, 1))
    case.assess(matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION, at=at(0, 2))
    world.keep(VILLAGE_1, case)
    at_county = world.refer(case, TOWN_B, at(0, 3), through=COUNTY)
    at_town = world.pass_on(at_county, TOWN_A, at(0, 4))
    for agreed in (False, True):
        _object(world, at_town)
        at_county.take_objection(offer=at_county.offer, at=at(0, 6))
        at_county.answer_objection(offer=at_county.offer, agreed=agreed, at=at(1))
        world.keep(COUNTY, at_county)
        at_town.take_answer(agreed=agreed, at=at(1, 1))
        world.keep(TOWN_A, at_town)
    _released(world, at_county)
    last = world.pass_on(at_county, TOWN_B, at(2), report_back_by=date(2026, 3, 20))
    _answer(world, last)
    at_county.report_back(
        offer=at_county.offer,
        ending=Ending.ANSWERED,
        outcome=Outcome.SUPPORTED,
        text=text(COUNTY, "text"),
        at=at(6),
    )
    world.keep(COUNTY, at_county)
    case.conclude(offer=case.offer, ending=Ending.ANSWERED, referral=at_county.id, at=at(7))
    world.keep(VILLAGE_1, case)


def _object(world, referral) -> None:
    ground, reason = ObjectionGround.OTHER_PLACE, text(referral.unit, "reason")
    referral.object(ground=ground, reason=reason, object_by=date(2026, 3, 9), today=DAY, at=at(0, 5))
    world.keep(referral.unit, referral)


def _released(world, at_county) -> None:
    referral = world.pass_on(at_county, TOWN_A, at(1, 2))
    referral.release(reason=text(TOWN_A, "reason"), at=at(1, 3))
    world.keep(TOWN_A, referral)
    at_county.end_offer(offer=at_county.offer, at=at(1, 4))
    world.keep(COUNTY, at_county)


def _answer(world, referral) -> None:
    referral.accept(at=at(3))
    findings = text(TOWN_B, "findings")
    words = {"legal_basis": "R22 32", "review_at": COUNTY, "perform_by": date(2026, 4, 1)}
    referral.give_opinion(outcome=Outcome.SUPPORTED, findings=findings, at=at(4), **words)
    referral.serve(way=ServiceWay.POST, served_on=date(2026, 3, 6), at=at(5))
    referral.complete(performed=True, report=text(TOWN_B, "report"), at=at(6))
    world.keep(TOWN_B, referral)


def _overridden(world: World) -> None:
    case = world.case(VILLAGE_2)
    referral = world.refer(case, TOWN_A, at(0, 1))
    words = {"offer": case.offer, "came_by": None, "case": case.id, "sender": VILLAGE_2, "receiver": TOWN_A}
    override = Override.order(unit=COUNTY, reason=text(COUNTY, "reason"), at=at(2), **words)
    world.keep(COUNTY, override)
    referral.accept(at=at(3))
    referral.stop(withdrawn=False, at=at(4))
    world.keep(TOWN_A, referral)
    case.end_offer(offer=case.offer, at=at(3))
    world.keep(VILLAGE_2, case)


def _withdrawn(world: World) -> None:
    case = world.case(TOWN_B)
    referral = world.refer(case, TOWN_B, at(0, 1))
    case.withdraw(confirmed_by=ConfirmedBy.SECOND_CALL, at=at(1))
    world.keep(TOWN_B, case)
    referral.stop(withdrawn=True, at=at(1))
    world.keep(TOWN_B, referral)


def _supervised(world: World) -> None:
    case, answer_by = world.case(VILLAGE_1), date(2026, 3, 20)
    words = {"to": TOWN_A, "case": case.id, "trigger": Trigger.OVERDUE}
    words |= {"mark": "100000", "year": 2026, "running": 1}
    letter = Supervision.issue(
        unit=COUNTY, demand=text(case.id, "demand"), answer_by=answer_by, today=DAY, at=at(1), **words
    )
    answer = SupervisionAnswer.give(
        unit=TOWN_A,
        supervision=letter.id,
        case=case.id,
        supervisor=COUNTY,
        answer=Answer.UNDER_WAY,
        text=text(case.id, "text"),
        at=at(2),
    )
    letter.repeat(answer_by=answer_by, today=DAY, at=at(3))
    answer.give_again(answer=Answer.DONE, text=text(case.id, "text"), at=at(4))
    letter.lift(at=at(5))
    world.keep(COUNTY, letter)
    world.keep(TOWN_A, answer)


def _reported(world: World) -> None:
    for unit in (VILLAGE_1, VILLAGE_2, TOWN_A, TOWN_B):
        report = world.report(unit, DAY, at(0, 6), ReportKind.DAILY, register(0, "a number"))
        correct(report, statement(), register(), at=at(0, 8))
        world.keep(unit, report)
    for running, days in enumerate((1, 2), start=1):
        said = {"excused": VILLAGE_2, "day": DAY + timedelta(days=days), "reason": ExcuseReason.MERGING}
        said |= {"running": running, "life": LIFE, "today": DAY}
        excuse = Excuse.grant(unit=TOWN_A, at=at(1), **said)
        if days > 1:
            excuse.revoke(at=at(1, 2))
        world.keep(TOWN_A, excuse)


WEEK = a_busy_week()


ENGINE = tables_in_memory()


def fresh() -> Connection:
    """Empty tables; what is written is rolled back when the connection is closed."""
    return ENGINE.connect()


def interleaved(facts: list[Envelope], chance: random.Random) -> list[Envelope]:
    """The facts in some order that keeps the order within each lane of each source.

    What is addressed to the county reaches it by its mailbox too, and may overtake the rest.
    """
    order = [_lane(fact) for fact in facts]
    lanes = {lane: [fact for fact in facts if _lane(fact) == lane] for lane in order}
    chance.shuffle(order)
    return [lanes[lane].pop(0) for lane in order]


def _lane(fact: Envelope) -> tuple[str, bool]:
    return fact.source, COUNTY in fact.addressees


def known_after(facts: list[Envelope], groups: int = 1) -> str:
    """The dump of a county node that came to know the facts in this order, in groups of some size."""
    with fresh() as connection:
        county = Reader(connection, own=frozenset({"county"}))
        for start in range(0, len(facts), groups):
            county.take(facts[start : start + groups])
        return PROJECTIONS.dump(connection)


EXPECTED = known_after(WEEK.facts)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), groups=st.integers(1, 60))
def test_given_facts_of_four_nodes_when_they_arrive_in_any_order_then_the_dump_is_equal(chance, groups):
    assert known_after(interleaved(WEEK.facts, chance), groups) == EXPECTED


def test_given_a_node_at_work_when_its_journal_is_replayed_then_the_dump_is_equal():
    with fresh() as connection:
        county = Reader(connection, own=frozenset({"county"}))
        journal = [county.happening(fact) for fact in WEEK.facts]
        county.take(WEEK.facts)
        replay(connection, journal)
        assert PROJECTIONS.dump(connection) == EXPECTED
        replay(connection, [])
        assert PROJECTIONS.dump(connection) == ""


def test_given_facts_that_arrive_later_when_dumped_then_nothing_tells_when_they_arrived():
    with fresh() as connection:
        late = Reader(connection, own=frozenset({"county"}), delay=timedelta(days=3))
        assert PROJECTIONS.dump(late.take(WEEK.facts).connection) == EXPECTED


def test_given_sealed_texts_when_dumped_then_no_ciphertext_key_or_hash_is_in_it():
    assert "Y2lwaGVy" not in EXPECTED
    assert "/text" not in EXPECTED
    assert "check-1" not in EXPECTED


def test_given_the_week_when_every_fact_is_known_then_every_fact_of_the_work_was_tried():
    names = {fact.name for fact in WEEK.facts}
    tried = names | {
        "referral.not_accepted",
        "case.objection_arrived",
        "case.return_agreed",
        "case.return_refused",
        "referral.return_refused",
    }
    assert _known_names() <= tried | {
        "unit.renamed",
        "unit.rehosted",
        "unit.contact_set",
        "unit.moved",
        "unit.reopened",
        "unit.closed",
        "unit.began_anew",
        "hand_over.made",
        "record.taken_over",
        "node.admitted",
        "node.rekeyed",
        "node.revoked",
        "alarm.raised",
        "administrator.reset",
    }


def _known_names() -> set[str]:
    from shared.event_log.names import fact_classes

    return set(fact_classes())


def test_given_every_prefix_of_any_order_when_asked_then_each_registered_matter_is_in_exactly_one_state():
    check: Callable[[list[Envelope]], None] = _one_state_each
    for seed in range(5):
        check(interleaved(WEEK.facts, random.Random(seed)))


def _one_state_each(facts: list[Envelope]) -> None:
    with fresh() as connection:
        county = Reader(connection, own=frozenset({"county"}))
        known: set[object] = set()
        for fact in facts:
            county.take([fact])
            known |= {fact.correlation} if fact.correlation and fact.kind in ("case", "referral") else set()
            listed = [line.case for line in matters(connection, Wanted(), as_of=at(9), stretch=Stretch(None))]
            assert len(listed) == len(set(listed)) and set(listed) <= known


def test_given_the_same_facts_when_kept_on_postgresql_then_the_dump_is_equal(on_postgres):
    county = Reader(on_postgres, own=frozenset({"county"}))
    assert PROJECTIONS.dump(county.take(WEEK.facts).connection) == EXPECTED
