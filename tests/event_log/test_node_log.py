"""The node's log: orders answered once, versions expected, facts read in order, replay equal to memory."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.event_log import journal
from shared.event_log.order_context import OrderContext
from shared.node.node import Node
from shared.work.catalogue import PROJECTIONS
from shared.work.common.actor import Actor
from shared.work.common.order_refusals import SameKeyOtherOrder
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import NotFound, StaleVersion
from shared.work.common.words import MatterClass, Purpose
from shared.work.matters.case import Case
from shared.work.matters.content import NobodyNamed
from shared.work.matters.orders.petition_input import PetitionerInput
from shared.work.matters.orders.referring import AssessMatter
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_2, TinyNetwork

PEOPLE = [PetitionerInput(name="罗桂香"), PetitionerInput(name="周长生")]


@pytest.fixture
def village(tiny: TinyNetwork) -> Node:
    """The node of a village that keeps a register."""
    return tiny.open(ALONE)[0]


def assess(case: UUID, version: int | None, now: MatterClass = MatterClass.HEALTH) -> AssessMatter:
    return AssessMatter(case=case, version=version, matter_class=now, purpose=Purpose.SEEKING_DECISION)


def facts(node: Node, since: int = 0) -> list[tuple[int, UUID, str]]:
    with node.engine.connect() as connection:
        return [(k.position, k.envelope.id, k.envelope.type) for k in node.log.since(connection, since)]


def state_of(node: Node, case: UUID) -> dict[str, Any]:
    def look(context: OrderContext) -> dict[str, Any]:
        return {"state": deepcopy(vars(context.load(Case, case)))}

    actor = Actor("reader", case, "director", "")
    return node.log.change(OrderRequest(by=actor, at=NINE, decide=look)).result()["state"]


def test_the_same_key_gives_the_first_answer_and_records_once(tiny: TinyNetwork, village: Node):
    # Given a matter that was registered under a key
    first = tiny.register(village, VILLAGE_2, key="form-1")
    before = facts(village)
    # When the same form comes again, also after a restart
    again = tiny.register(village, VILLAGE_2, key="form-1")
    tiny.close(ALONE)
    (village,) = tiny.open(ALONE)
    later = tiny.register(village, VILLAGE_2, key="form-1")
    # Then it is the same matter, and nothing was recorded
    assert first == again == later
    assert facts(village) == before


def test_a_repeated_order_gets_its_first_answer_also_when_it_would_be_refused_now(
    tiny: TinyNetwork, village: Node
):
    # Given an order on a version, answered, and a node that was started anew since
    case = tiny.register(village, VILLAGE_2)
    first = tiny.give(village, VILLAGE_2, assess(case, 1), key="form-3")
    tiny.close(ALONE)
    (village,) = tiny.open(ALONE)
    before = facts(village)
    # When the same form comes again, on the version that is no more the present one
    again = tiny.give(village, VILLAGE_2, assess(case, 1), key="form-3")
    # Then it gets the first answer, and nothing is recorded
    assert again == first
    assert facts(village) == before


def test_two_of_the_same_key_that_wait_together_are_one(tiny: TinyNetwork, village: Node):
    # Given a form that was sent eight times at once
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(tiny.register, village, VILLAGE_2, key="form-1") for _ in range(8)]
    # Then there is one matter
    assert len({one.result() for one in sent}) == 1
    assert village.log.count("case.registered") == 1


def test_the_same_key_for_another_order_is_refused(tiny: TinyNetwork, village: Node):
    # Given a key that was used
    tiny.register(village, VILLAGE_2, key="form-1")
    # When other content comes under it, then it is refused and nothing is recorded
    with pytest.raises(SameKeyOtherOrder):
        tiny.register(village, VILLAGE_2, key="form-1", summary="另一件事")
    assert village.log.count("case.registered") == 1


def test_a_refused_order_may_be_sent_again_under_its_key(tiny: TinyNetwork, village: Node):
    # Given an order that was refused because somebody else was quicker
    case = tiny.register(village, VILLAGE_2)
    tiny.give(village, VILLAGE_2, assess(case, 1))
    with pytest.raises(StaleVersion):
        tiny.give(village, VILLAGE_2, assess(case, 1, MatterClass.LAND), key="form-2")
    # When it is repeated with the present version, then it is done
    done = tiny.give(village, VILLAGE_2, assess(case, 2, MatterClass.LAND), key="form-2")
    assert done["version"] == 3


def test_an_order_on_an_older_state_is_refused_and_leaves_nothing(tiny: TinyNetwork, village: Node):
    # Given a matter that was changed
    case = tiny.register(village, VILLAGE_2)
    tiny.give(village, VILLAGE_2, assess(case, 1))
    before, state = facts(village), state_of(village, case)
    # When an order comes that saw the state before
    with pytest.raises(StaleVersion) as refusal:
        tiny.give(village, VILLAGE_2, assess(case, 1, MatterClass.LAND))
    # Then it says both versions, and log and memory are as they were
    assert refusal.value.facts == {"seen": 1, "now": 2}
    assert facts(village) == before
    assert state_of(village, case) == state


def test_of_many_orders_on_the_same_version_one_is_done(tiny: TinyNetwork, village: Node):
    # Given a matter that eight clerks look at
    case = tiny.register(village, VILLAGE_2)

    def change() -> bool:
        try:
            return bool(tiny.give(village, VILLAGE_2, assess(case, 1)))
        except StaleVersion:
            return False

    # When all of them change it
    with ThreadPoolExecutor(8) as pool:
        done = [one.result() for one in [pool.submit(change) for _ in range(8)]]
    # Then one of them did
    assert done.count(True) == 1
    assert village.log.count("case.classified") == 1


def test_what_a_refused_decision_had_already_done_in_memory_is_forgotten(tiny: TinyNetwork, village: Node):
    # Given a decision that records and is refused after it
    case = tiny.register(village, VILLAGE_2)
    before = state_of(village, case)

    def decide(context: OrderContext) -> None:
        context.load(Case, case).assess(
            matter_class=MatterClass.LAND, purpose=Purpose.SUGGESTION, at=context.at
        )
        raise NotFound(what="Office")

    with pytest.raises(NotFound):
        village.change(OrderRequest(Actor("clerk", case, "director", ""), NINE, decide)).result()
    # Then the matter is as it was, and the next order goes on from there
    assert state_of(village, case) == before
    assert tiny.give(village, VILLAGE_2, assess(case, 1))["version"] == 2


def test_a_matter_of_another_office_is_not_found(tiny: TinyNetwork, village: Node):
    # Given a number that nobody registered here, then it is not found
    with pytest.raises(NotFound):
        tiny.give(village, VILLAGE_2, assess(uuid4(), None))


def test_facts_are_read_in_journal_order_page_by_page(
    tiny: TinyNetwork, village: Node, monkeypatch: pytest.MonkeyPatch
):
    # Given a journal that is longer than a page
    for _ in range(12):
        tiny.register(village, VILLAGE_2)
    whole = facts(village)
    # When it is read in small pages, from any point on
    monkeypatch.setattr(journal, "READ_AT_ONCE", 5)
    # Then nothing is missing, double or out of order
    assert [position for position, _, _ in whole] == list(range(1, len(whole) + 1))
    assert facts(village) == whole
    for start in (1, 4, 5, len(whole) - 1, len(whole)):
        assert facts(village, start) == whole[start:]


def test_the_replay_equals_what_was_kept_live(tiny: TinyNetwork, village: Node):
    # Given matters that were registered and changed by several callers at once
    with ThreadPoolExecutor(4) as pool:
        cases = list(pool.map(lambda _: tiny.register(village, VILLAGE_2), range(20)))
        list(pool.map(lambda case: tiny.give(village, VILLAGE_2, assess(case, 1)), cases))
    live, states = village.ask(PROJECTIONS.dump), [state_of(village, case) for case in cases]
    # When the projections are emptied and the streams forgotten
    village.rebuild()
    tiny.close(ALONE)
    (village,) = tiny.open(ALONE)
    # Then the replay gives the same
    assert village.ask(PROJECTIONS.dump) == live
    assert [state_of(village, case) for case in cases] == states


def test_register_numbers_have_no_gap_under_many_callers(tiny: TinyNetwork, village: Node):
    # Given forty forms from eight callers, every fifth of them impossible
    def register(number: int) -> None:
        with suppress(NobodyNamed):
            tiny.register(village, VILLAGE_2, persons=1, petitioners=PEOPLE[: 2 if number % 5 == 0 else 1])

    # When they are sent at once
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(register, range(40)))
    # Then the register runs from 1 on without a gap, in the order of the journal
    with village.engine.connect() as connection:
        known = [k.data["register_no"] for k in village.log.since(connection) if "register_no" in k.data]
    assert known == list(range(1, 33))
