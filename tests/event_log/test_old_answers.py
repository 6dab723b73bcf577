"""Answers to orders end while a node runs, not only when it starts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shared.event_log.order_fingerprints import ANSWERS_KEPT
from shared.event_log.tables import ORDERS
from shared.process.rhythm import FORGET_EVERY
from tests.parts.tiny_network import (
    ALONE,
    NINE,
    VILLAGE_2,
    ClockOfTests,
    TinyNetwork,
    change_network,
)


@pytest.fixture
def clock(tiny: TinyNetwork) -> ClockOfTests:
    tiny.clock = ClockOfTests()
    return tiny.clock


@pytest.mark.parametrize("rehearsal", [False, True])
def test_given_a_process_that_runs_for_months_then_an_old_answer_is_forgotten_unless_it_is_a_rehearsal(
    tiny: TinyNetwork, clock: ClockOfTests, rehearsal: bool
):
    # Given an order that was answered, by a process that then runs for longer than answers are kept
    change_network(tiny.data, rehearsal=rehearsal)
    host = tiny.open_host(ALONE)
    host.start_nodes()
    village = host.nodes[ALONE]

    def answers() -> int:
        return village.ask(lambda link: link.scalar(select(func.count()).select_from(ORDERS)))

    host.look_around(0.0)
    first = tiny.register(village, VILLAGE_2, key="form-1")
    clock.at = NINE + ANSWERS_KEPT + timedelta(hours=1)
    # When it looks around within a day, then nothing is looked for; a day later it is
    host.look_around(FORGET_EVERY - 1)
    village.write(lambda group: None)
    assert answers() == 1
    host.look_around(FORGET_EVERY + 1)
    village.write(lambda group: None)
    assert answers() == (1 if rehearsal else 0)
    # Then the same key is a new order, also for whatever the writer remembered
    assert (tiny.register(village, VILLAGE_2, key="form-1") == first) is rehearsal
    village.stop()
    host.wire.close()
