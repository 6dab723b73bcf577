"""Where a node's facts go and what it reads, by the directory as it knows it at the moment."""

from collections.abc import Callable
from uuid import UUID

from shared.settings.network import NodeSettings
from shared.transport import topics
from shared.transport.route_names import route_and_incarnation
from shared.transport.routes import UP, node_of_mailbox, readers_of_up, witnesses_of
from shared.work.common.unit_tree import Directory


class Ways:
    """The topics, routes and neighbours of one node; `directory` gives what it knows at the moment."""

    def __init__(self, settings: NodeSettings, directory: Callable[[], Directory]) -> None:
        self._settings = settings
        self._network = settings.network.name
        self._me = settings.name
        self.directory = directory

    def topics(self) -> list[str]:
        """The topics this node reads."""
        areas = [node.area for node in self.directory().nodes.values() if node.tier == "village"]
        return topics.topics_read_by(
            self._network,
            self._me,
            tier=self._settings.tier,
            area=self._settings.area,
            village_areas=sorted(set(areas)),
        )

    def topic_of(self, route: str) -> str:
        """The topic that a route leads to, in whichever incarnation."""
        return topics.topic_of_route(
            self._network, route_and_incarnation(route)[0], self._settings.tier, self._settings.area
        )

    def mailbox_of(self, node: str) -> str:
        """The topic that a node alone reads."""
        return topics.mailbox(self._network, node)

    def holders_of(self, route: str) -> list[str]:
        """The nodes that are to hold everything of a route."""
        to = node_of_mailbox(route_and_incarnation(route)[0])
        if to is not None:
            known = self.directory().nodes.get(to)
            return [] if known is not None and known.revoked_on else [to]
        directory = self.directory()
        return readers_of_up(self._me, directory)

    def witnesses(self) -> list[str]:
        """The nodes that cosign this node's checkpoints."""
        return witnesses_of(self._me, self.directory())

    def keeps(self, unit: UUID) -> bool:
        """Whether this node keeps a unit."""
        found = self.directory().find(unit)
        return found is not None and found.node == self._me

    def reads(self, node: str) -> bool:
        """Whether this node is to hold all facts of another one."""
        return self._me in readers_of_up(node, self.directory())

    def may_write(self, source: str, topic: str, directory: Directory) -> bool:
        """Whether a node of the directory writes to a topic that this node reads."""
        node = directory.nodes.get(source)
        if node is None:
            return False
        own_up = topics.topic_of_route(self._network, UP, node.tier, node.area)
        return topic in (own_up, topics.mailbox(self._network, self._me))


def units_of(directory: Directory, node: str) -> set[UUID]:
    """Units that a node keeps, closed ones too."""
    return {unit.unit for unit in directory.units.values() if unit.node == node}
