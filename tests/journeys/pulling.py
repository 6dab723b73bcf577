"""Clerks work while something breaks; in the end nothing acknowledged is missing and nothing is double."""

from collections import Counter
from collections.abc import Callable

from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, TOWN, VILLAGE
from tests.journeys.givers import Giver, at_work, new_givers
from tests.journeys.network import Network
from tests.journeys.waiting import until

ORDERS, BEFORE_THE_FAULT = 12, 4
CLERKS = {VILLAGE: "information_officer", TOWN: "petition_clerk", BUREAU: "petition_clerk"}
HOLDERS = {
    VILLAGE: (NODE_OF[VILLAGE], NODE_OF[TOWN], COUNTY_NODE),
    TOWN: (NODE_OF[TOWN], COUNTY_NODE),
    BUREAU: (COUNTY_NODE,),
}
"""Who is to hold what a unit recorded: its own node and the tiers above."""


def work_through(network: Network, fault: Callable[[], None], times: int) -> None:
    """Let clerks work and break something in the middle, so many times; then count what is there."""
    givers = new_givers(network, CLERKS)
    before = registered(network)
    for _ in range(times):
        started = [len(giver.answers) + BEFORE_THE_FAULT for giver in givers]
        with at_work(givers, orders=ORDERS):
            until(lambda s=started: all(map(Giver.has_given, givers, s)), "some work")
            fault()
    network.settle()
    assert_held_once(network, givers)
    assert registered(network) - before == Counter({g.unit: len(g.answers) for g in givers})


def assert_verified(network: Network) -> None:
    """Every chain, signature and projection is right; the network runs again afterwards."""
    network.stop()
    assert network.verify()["findings"] == []
    network.start()


def assert_held_once(network: Network, givers: list[Giver]) -> None:
    """Every acknowledged fact is at every holder, and no node knows any fact twice."""
    known = {node: Counter(network.facts(node)) for node in HOLDERS[VILLAGE]}
    assert {count for facts in known.values() for count in facts.values()} == {1}
    missing = {
        (giver.unit, holder): [fact for fact in giver.facts() if fact not in known[holder]]
        for giver in givers
        for holder in HOLDERS[giver.unit]
    }
    assert {where: facts for where, facts in missing.items() if facts} == {}


def registered(network: Network) -> Counter[str]:
    """How many matters each node's own log has."""
    asked = {unit: network.administrator(NODE_OF[unit]) for unit in CLERKS}
    return Counter({u: person.ask("/statusz", tally="true")["registered"] for u, person in asked.items()})
