"""Topics that this process has used, and their identities, by which it sees that one was wiped."""

from collections.abc import Iterable

from shared.transport.wire import Wire


class KnownTopics:
    """Used by the relay's thread alone; a topic without an identity yet has an empty one."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._identities: dict[str, str] = {}
        self._seen: dict[str, str] = {}

    def ensure(self, topics: Iterable[str]) -> None:
        """Make those topics that this process has not used yet. Errors: WireDown."""
        unknown = set(topics) - self._identities.keys()
        if unknown:
            self._wire.ensure_topics(sorted(unknown))
            self._identities |= dict.fromkeys(unknown, "")

    def look(self) -> set[str]:
        """Topics that were wiped or made anew since the last call that `noted` followed. Errors: WireDown."""
        self._seen = dict(self._wire.identities())
        return {
            topic
            for topic, identity in self._seen.items()
            if self._identities.get(topic) not in (None, "", identity)
        }

    def make_again(self, topics: Iterable[str]) -> None:
        """Make topics that were wiped, whether or not they exist already. Errors: WireDown."""
        self._wire.ensure_topics(sorted(topics))

    def noted(self) -> None:
        """What `look` found is seen to."""
        self._identities |= self._seen
