"""Pull the plug: processes and brokers die while clerks work; nothing acknowledged is lost or double.

Three nodes, a process each: a village, its township, the county. Every fault comes three times in
the middle of work; nobody does anything but start again what was killed, as the supervisor of a
machine does.
"""

from collections.abc import Callable

import pytest

from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import NODE_OF, VILLAGE, fresh_county
from tests.journeys.network import Network
from tests.journeys.pulling import CLERKS, HOLDERS, assert_verified, work_through
from tests.journeys.waiting import until
from tests.parts.kafka import KafkaBroker

TIMES = 3


@pytest.fixture(scope="module")
def living(setting: str, make_network: MakeNetwork) -> Network:
    """A real network of three nodes, a process each."""
    network = make_network(setting, fresh_county(towns=("101",)), rehearsal=False)
    network.run_alone(*HOLDERS[VILLAGE])
    network.settle()
    return network


def pull(network: Network, fault: Callable[[], None]) -> None:
    """Pull the plug three times in the middle of work, and count what is there."""
    work_through(network, fault, TIMES)


@pytest.mark.parametrize("unit", CLERKS)
def test_a_process_that_is_killed_at_work_has_lost_nothing_that_was_acknowledged(living: Network, unit: str):
    host = living.host(NODE_OF[unit])

    def kill_and_start() -> None:
        host.kill()
        host.start()

    pull(living, kill_and_start)


@pytest.mark.parametrize("setting", ["servers"], indirect=True)
@pytest.mark.parametrize("how", ["frozen", "killed", "wiped"])
def test_a_broker_that_is_frozen_killed_or_wiped_at_work_costs_nothing_but_time(
    living: Network, kafka: KafkaBroker, how: str
):
    def wires_are(state: str) -> None:
        """Each process has noticed: the fault lasted longer than the wire's own deadline."""
        until(lambda: {living.wire_of(node) for node in HOLDERS[VILLAGE]} == {state}, f"a wire {state}")

    def freeze() -> None:
        kafka.freeze()
        wires_are("down")
        kafka.thaw()
        wires_are("up")

    def kill() -> None:
        kafka.kill()
        wires_are("down")
        kafka.restart()

    pull(living, {"frozen": freeze, "killed": kill, "wiped": kafka.wipe}[how])


def test_after_all_of_that_every_chain_signature_and_projection_is_right(living: Network):
    assert_verified(living)
