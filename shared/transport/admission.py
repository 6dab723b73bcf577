"""Who may say what: whose facts are taken from which topic, and which key vouches for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.event_log.node_keys import signed_by
from shared.transport.messages import OnRoute, chain_statement
from shared.transport.routes import UP, mailbox_route, way_of
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class Admission:
    """By the directory as this node knows it now.

    `seed_keys` open the way for facts before the directory is here; `told_keys`, of a node that is being
    restored, for control messages. `may_write` says whether a node of the directory writes to a topic.
    """

    me: str
    directory: Callable[[], Directory]
    seed_keys: Mapping[str, str]
    told_keys: Mapping[str, str]
    may_write: Callable[[str, str, Directory], bool]

    def is_known(self, source: str) -> bool:
        """Whether a source was admitted, or is the one that admits all others."""
        return source in self.directory().nodes or source in self.seed_keys

    def knows_itself(self) -> bool:
        """Whether the directory has reached this node; before, whoever is unknown may only be early."""
        return self.me in self.directory().nodes

    def may_come(self, on: OnRoute, topic: str) -> bool:
        """Whether a source may write this route's facts on a topic; the seed alone may before it is admitted."""
        directory = self.directory()
        mine = topic.rsplit(".to.", 1)[-1] == self.me
        if on.envelope.source not in directory.nodes:
            return mine
        expected = mailbox_route(self.me) if mine else UP
        return way_of(on.route) == expected and self.may_write(on.envelope.source, topic, directory)

    def is_signed(self, on: OnRoute) -> bool:
        """Whether the node that sent a fact has signed its place."""
        key = self.key_of(on.envelope.source)
        statement = chain_statement(on.envelope, on.route, on.number, on.chain)
        return key is not None and signed_by(key, statement, on.signature)

    def was_signed(self, on: OnRoute) -> bool:
        """Whether its place was signed with a key that the node had before the present one."""
        statement = chain_statement(on.envelope, on.route, on.number, on.chain)
        return any(
            signed_by(key, statement, on.signature) for key in self.earlier_keys_of(on.envelope.source)
        )

    def is_revoked(self, source: str) -> bool:
        """Whether the county has said that nothing of a node is to be taken any more."""
        known = self.directory().nodes.get(source)
        return known is not None and known.revoked_on is not None

    def key_of(self, node: str) -> str | None:
        """The key that a node signs with. The county's is the one of the network file until it replaced that itself."""
        known = self.directory().nodes.get(node)
        if known is None or (node in self.seed_keys and not known.rotations):
            return self.seed_keys.get(node)
        return known.signing_key

    def keys_of(self, node: str) -> tuple[str, ...]:
        """Every key that a node signs or signed with, for what was signed in the past."""
        known = self.directory().nodes.get(node)
        keys = (self.key_of(node), self.seed_keys.get(node), *(known.earlier_keys if known else ()))
        return tuple(dict.fromkeys(filter(None, keys)))

    def earlier_keys_of(self, node: str) -> tuple[str, ...]:
        """The keys that a node signed with before the present one."""
        return tuple(key for key in self.keys_of(node) if key != self.key_of(node))

    def control_key_of(self, node: str) -> str | None:
        """The key that a node signs control messages with; none for a stranger, and for one that was revoked."""
        return None if self.is_revoked(node) else self.key_of(node) or self.told_keys.get(node)
