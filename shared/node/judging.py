"""What judges facts that arrive at a node: its rules, the evidence that it asks for, and whom it tells of a lie."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.node.alarming import Alarming
from shared.node.evidence import Evidence
from shared.node.ground import Ground
from shared.node.outgoing import Outgoing
from shared.transport.admitting import Admitting
from shared.transport.authority import Authority
from shared.transport.positions import Positions
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class Judging:
    """The parts that judge."""

    evidence: Evidence
    authority: Authority
    admitting: Admitting


def judging(
    ground: Ground,
    directory: Callable[[], Directory],
    outgoing: Outgoing,
    positions: Positions,
    on_admitted: Callable[[str], None],
) -> Judging:
    """Joined; `on_admitted` is told of each node that the directory takes in."""
    county = ground.settings.network.county_node
    evidence = Evidence(ground.name, county, directory, outgoing, positions, is_whole=not ground.restoring)
    authority = Authority(ground.name, county, directory, is_whole=not ground.restoring)
    alarming = Alarming(ground.name, ground.work, ground.clock, directory, is_quiet=ground.restoring)
    admitting = Admitting(
        *(ground.name, authority, positions, ground.clock),
        on_violation=alarming.violated,
        on_waiting=evidence.want,
        on_admitted=on_admitted,
    )
    return Judging(evidence, authority, admitting)
