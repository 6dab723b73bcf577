"""What must be true of every node that lost its disk and was restored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.transport.route_names import route_in_incarnation
from shared.work.common.numbering import NUMBERS_OF_A_LIFE
from tests.simulator.disks import Loss
from tests.simulator.ledger import Seen

if TYPE_CHECKING:
    from tests.simulator.invariants import Verdict


def what_others_held_came_back(verdict: "Verdict") -> Iterator[str]:
    """Whatever another node held when a disk was lost is in the log of its own node again."""
    for loss in verdict.world.disks.losses:
        for seen in _gone(verdict, loss):
            if seen.envelope.id in loss.held:
                yield f"{seen.envelope.type} {seen.envelope.id} of {loss.node}"


def what_nobody_held_is_listed(verdict: "Verdict") -> Iterator[str]:
    """The report names each register number that is gone, each torn record, and each number that somebody saw.

    Of everything else it says from when on the paper is to be looked through; a clock that was set wrong in
    between moves that moment, so it is asked only of facts that came after everything that is here.
    """
    for loss in verdict.world.disks.losses:
        lost = {(one.unit, one.year, n) for made in loss.reports for one in made.registers for n in one.lost}
        torn = {name.split(" ", 1)[1] for made in loss.reports for name in made.torn}
        for seen in _gone(verdict, loss):
            if _number_in_register(seen) not in {None, *lost}:
                yield f"{loss.node}: number {seen.data['number']} is not named"
        for stream in {seen.envelope.stream for seen in _gone(verdict, loss)} & verdict.ledger.torn:
            if torn.isdisjoint({str(stream), *_numbers_of(verdict, stream)}):
                yield f"{loss.node}: {stream} is torn and not named"
        yield from _unnamed_numbers(verdict, loss)


def _number_in_register(seen: Seen) -> tuple[str, int, int] | None:
    if seen.envelope.name != "case.registered":
        return None
    return str(seen.envelope.unit), seen.data["year"], seen.data["register_no"]


def _unnamed_numbers(verdict: "Verdict", loss: Loss) -> Iterator[str]:
    """Numbers beyond what is held that somebody saw, and that no report of any loss of this node names."""
    named = {
        (one.route, number)
        for other in verdict.world.disks.losses
        for made in other.reports
        for one in made.lost
        for number in range(one.first, one.last + 1)
    }
    query = "SELECT source, incarnation, route, held FROM sources WHERE highest > held"
    for name in verdict.nodes:
        for source, life, route, held in verdict.ledger.rows(name, query):
            if source == loss.node and (route_in_incarnation(route, life), held + 1) not in named:
                yield f"{name} misses {route} {held + 1} of {source}, life {life}, and nobody says that it is lost"


def a_restored_node_goes_on_in_a_new_life(verdict: "Verdict") -> Iterator[str]:
    """No incarnation is begun twice, and every number of a route of an incarnation belongs to one fact, wherever it is held."""
    lives: dict[str, int] = {}
    for loss in verdict.world.disks.losses:
        begun = [made.life for made in loss.reports]
        if not begun or begun[0] <= max(loss.life, lives.get(loss.node, 1)) or sorted(set(begun)) != begun:
            yield f"{loss.node}: after life {loss.life} began {begun}"
        lives[loss.node] = max(begun, default=loss.life)
    facts: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    query = "SELECT source, incarnation, route, number, fact FROM received_places"
    for name in verdict.nodes:
        for *place, fact in verdict.ledger.rows(name, query):
            facts[*place].add(fact)
    yield from (f"{place} was given to {sorted(of)}" for place, of in facts.items() if len(of) > 1)


def registers_are_gapless(verdict: "Verdict", registered: Iterable[Seen]) -> Iterator[str]:
    """In each incarnation of a register the numbers go from 1 on; those that are gone were given, too, and to nobody else."""
    registers: dict[tuple[UUID, int, int], list[int]] = defaultdict(list)
    gone = [seen for seen in verdict.ledger.gone.values() if seen.envelope.name == "case.registered"]
    for seen in [*registered, *gone]:
        life, number = divmod(seen.data["register_no"] - 1, NUMBERS_OF_A_LIFE)
        registers[seen.envelope.unit, seen.data["year"], life + 1].append(number + 1)
    for register, numbers in registers.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"register {register}: {numbers}"


def is_of_torn_record(verdict: "Verdict", what: str, where: str) -> bool:
    """Whether a finding says that a fact is missing in a record that is known to be torn."""
    return what.endswith(" of the stream is missing") and any(str(s) in where for s in verdict.ledger.torn)


def _gone(verdict: "Verdict", loss: Loss) -> list[Seen]:
    """What is not in the log of its node to this day."""
    return [seen for seen in loss.gone if seen.envelope.id in verdict.ledger.gone]


def _numbers_of(verdict: "Verdict", stream: UUID) -> set[str]:
    everything = [*verdict.ledger.facts, *verdict.ledger.gone.values()]
    return {s.data["number"] for s in everything if s.envelope.stream == stream and "number" in s.data}
