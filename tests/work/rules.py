"""given(what is).when(what is asked for).then(what happened) or .then_refused(why not)."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from shared.work.common.fact import Fact, Stream
from shared.work.common.refusals import Refusal


def given(stream: Stream) -> "Given":
    """What has happened so far."""
    return Given(stream, [*stream.collect_events()])


def when(order: Callable[[], Stream]) -> "When":
    """An order that begins a stream."""
    return When(None, [], order)


def replayed(facts: list[Any]) -> Any:
    """The state that the facts alone give."""
    state = None
    for fact in facts:
        state = fact.mutate(state)
    return state


@dataclass(frozen=True)
class Given:
    stream: Stream
    facts: list[Any]

    def when(self, order: Callable[[Any], None]) -> "When":
        return When(self.stream, self.facts, lambda: order(self.stream))


@dataclass(frozen=True)
class When:
    stream: Stream | None
    facts: list[Any]
    order: Callable[[], Stream | None]

    def then(self, *kinds: type[Fact], **state: object) -> Any:
        """The facts recorded, in order, and the state afterwards; gives the last fact.

        What is remembered must lead to the same state when it is replayed.
        """
        made = self.order()
        stream = made if self.stream is None else self.stream
        assert stream is not None
        facts = [*stream.collect_events()]
        assert [type(fact) for fact in facts] == [*kinds]
        assert {name: getattr(stream, name) for name in state} == state
        assert vars(replayed([*self.facts, *facts])) == vars(stream)
        return facts[-1]

    def then_refused(self, why: type[Refusal], **told: object) -> None:
        """The order is refused for this reason and nothing has changed."""
        before = deepcopy(vars(self.stream)) if self.stream else None
        with pytest.raises(why) as refused:
            self.order()
        assert type(refused.value) is why
        assert {name: refused.value.facts[name] for name in told} == told
        assert "%(" not in str(refused.value)
        assert (vars(self.stream) if self.stream else None) == before
