"""Nodes with the whole work: the one place where the engine and the list of subjects meet."""

from shared.database.progress import Progress, silent
from shared.event_log.writer import WriterPool
from shared.node.build import build_node
from shared.node.node import Node
from shared.node.work import Work
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings
from shared.work.catalogue import WORK


def open_node(
    settings: NodeSettings,
    *,
    clock: Clock | None = None,
    crew: WriterPool | None = None,
    restoring: bool = False,
    work: Work = WORK,
    upgrading: bool = True,
    progress: Progress = silent,
) -> Node:
    """One node of the network, not started yet. Errors: those of `build_node`."""
    return build_node(
        settings, work, clock=clock, crew=crew, restoring=restoring, upgrading=upgrading, progress=progress
    )
