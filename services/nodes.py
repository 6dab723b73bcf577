"""Nodes with the whole work: the one place where the engine and the list of subjects meet."""

from shared.database.progress import Progress, silent
from shared.event_log.writer import Crew
from shared.node.node import Node
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings
from shared.work.catalogue import WORK


def open_node(
    settings: NodeSettings,
    *,
    clock: Clock | None = None,
    crew: Crew | None = None,
    restoring: bool = False,
    upgrading: bool = True,
    progress: Progress = silent,
) -> Node:
    """One node of the network, not started yet. Errors: those of `Node`."""
    return Node(
        settings, WORK, clock=clock, crew=crew, restoring=restoring, upgrading=upgrading, progress=progress
    )
