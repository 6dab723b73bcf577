"""Keys that must follow a matter: which this node needs, whom it asks for them, and whom it gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine

from shared.event_log.group import Group
from shared.event_log.journal import since
from shared.event_log.key_ring import KeyRing
from shared.event_log.known import JournaledFact
from shared.node.outgoing import Outgoing, OutgoingControl
from shared.node.ways import units_of
from shared.projections import entitlements, last_contact
from shared.transport import parcels
from shared.transport.messages import Control
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class KeyRequests:
    """One node's requests for keys, and its answers to those of others.

    `keys_for` has the fields of each fact with offices that it entitles to keys; an office that only sees facts go by
    gets none. `made_keys` says whether one of some units made the keys of a subject.
    """

    me: str
    engine: Engine
    ring: KeyRing
    directory: Callable[[], Directory]
    outgoing: Outgoing
    keys_for: Mapping[str, tuple[str, ...]]
    made_keys: Callable[[Connection, UUID, set[UUID]], bool]

    def follow(self, group: Group, known: JournaledFact) -> None:
        """A fact has come from another node: ask for the keys that it entitles an office here to.

        A fact of an office that is kept here now comes from the node that kept it before.
        """
        if self._entitles_here(known) or self._node_of(known.envelope.unit) == self.me:
            self.want(group, known)

    def want(self, group: Group, known: JournaledFact) -> None:
        """Ask for every key of a fact that is not in the ring, once the group is durable."""
        for subject in parcels.missing_subjects(self.ring, known.data):
            nodes = self._nodes_with_keys(known)
            if nodes:
                parcels.want(group.connection, subject, nodes, known.envelope.id)
                group.on_commit.append(lambda s=subject, n=nodes: self._ask(s, n))

    def want_missing(self, group: Group) -> int:
        """Ask for every key of an own or entitled matter that is not in the ring; how many matters await theirs."""
        asked: set[UUID] = set()
        for known in since(group.connection):
            if known.arrived is None:
                for subject in parcels.missing_subjects(self.ring, known.data) - asked:
                    asked.add(subject)
                    self._want_back(group, subject, known.envelope.id)
            else:
                self.follow(group, known)
        group.flush()
        return len(parcels.wanted(group.connection))

    def ask_again(self) -> None:
        """Repeat every request for keys that was not answered yet."""
        for subject, nodes in self.awaited().items():
            self._ask(subject, nodes)

    def awaited(self) -> dict[UUID, list[str]]:
        """Subjects whose keys are awaited, and the nodes that are asked."""
        with self.engine.connect() as connection:
            return parcels.wanted(connection)

    def take_request(self, group: Group, request: Control) -> None:
        """Another node asks for keys: send those that it has a claim to."""
        body = parcels.parcel_body(group.connection, self.ring, self._entitled, request)
        if body is not None:
            self.outgoing.add(OutgoingControl("key-parcel", request.source, body))
            group.on_commit.append(self.outgoing.has_news)

    def take_parcel(self, group: Group, parcel: Control) -> None:
        """Keys have come; what was not asked for is left out."""
        parcels.take_parcel(group.connection, self.ring, self.me, parcel)

    def _entitles_here(self, known: JournaledFact) -> bool:
        """Whether a fact gives an office of this node a claim to keys."""
        named = (known.data.get(field) for field in self.keys_for.get(known.envelope.name, ()))
        return any(self._node_of(UUID(unit)) == self.me for unit in named if unit)

    def _node_of(self, unit: UUID) -> str | None:
        found = self.directory().find(unit)
        return found.node if found else None

    def _want_back(self, group: Group, subject: UUID, fact: UUID) -> None:
        """Ask those to whom this office had handed the keys of a matter, or who had handed them to it."""
        offices = entitlements.offices_of(group.connection, subject)
        found = {node for office in offices if (node := self._node_of(office))}
        nodes = sorted(found - {self.me})
        parcels.want(group.connection, subject, nodes, fact)
        group.on_commit.append(lambda: self._ask(subject, nodes))

    def _nodes_with_keys(self, known: JournaledFact) -> list[str]:
        owner = self._node_of(UUID(known.data["handover"]["owner"])) if "handover" in known.data else None
        nodes = [known.envelope.source, *([owner] if owner else [])]
        return [node for node in dict.fromkeys(nodes) if node != self.me]

    def _ask(self, subject: UUID, nodes: list[str]) -> None:
        body = parcels.request_body(self.ring, subject)
        self.outgoing.add(*(OutgoingControl("key-request", node, body) for node in nodes))

    def _entitled(self, connection: Connection, subject: UUID, asker: str) -> bool:
        asking, mine = self._offices(connection, asker), self._offices(connection, self.me)
        return self.made_keys(connection, subject, asking) or entitlements.entitled(
            connection, subject, asking, mine
        )

    def _offices(self, connection: Connection, node: str) -> set[UUID]:
        """Units that a node speaks for: those it keeps, and those that it kept and recorded something for."""
        recorded = last_contact.units_recorded_by(connection, node) & self.directory().kept_ever(node)
        return units_of(self.directory(), node) | recorded
