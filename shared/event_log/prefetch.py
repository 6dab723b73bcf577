"""What a group asks once for all its members, because they say before what they will ask for."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from shared.database.batched_question import BatchedQuestion
from shared.event_log.memory import Memory


@dataclass(frozen=True)
class Prefetch:
    """Work that says before what it will ask for, so that a group asks once for all its members.

    `streams` have begun; `expected_new` ones most likely have not, nor was `key` used before: these are not
    looked up. Where that is wrong, the database holds the fact or the key already, so the commit
    fails, and the member is tried again alone after a look. `questions` are asked of projections.
    """

    work: Callable[[Any], Any]
    key: str | None = None
    streams: tuple[UUID, ...] = ()
    expected_new: tuple[UUID, ...] = ()
    questions: tuple[BatchedQuestion, ...] = ()

    def __call__(self, group: Any, /) -> Any:
        """Do the work in an open group; its `expected_new` streams count as not begun meanwhile."""
        return group.taking_for_new(self.expected_new, self.work)


@dataclass(frozen=True)
class Wanted:
    """What members said that they will ask for: streams, the keys of orders when these are looked up, and questions."""

    streams: frozenset[UUID]
    keys: tuple[str, ...]
    questions: frozenset[BatchedQuestion]

    @classmethod
    def of(cls, works: Iterable[Any], *, look: bool) -> "Wanted":
        """Of some members together; `look` also at what is most likely new."""
        members = [work for work in works if isinstance(work, Prefetch)]
        new = {stream for work in members for stream in work.expected_new} if look else ()
        keys = tuple(work.key for work in members if work.key is not None) if look else ()
        streams = frozenset(stream for work in members for stream in work.streams)
        return cls(streams.union(new), keys, frozenset(q for work in members for q in work.questions))

    @property
    def units(self) -> set[UUID]:
        """The units whose facts bear on the questions."""
        return {question.about for question in self.questions}


class Prefetched:
    """The answers that one group has for all its members."""

    def __init__(self) -> None:
        self._answers: dict[BatchedQuestion, Any] = {}

    def read(self, asking: Connection, memory: Memory, wanted: Wanted) -> None:
        """Ask once for what the members will ask for."""
        memory.answers.read(asking, wanted.keys)
        memory.streams.read(asking, wanted.streams)
        self._answers = _answered(asking, wanted.questions)

    def __contains__(self, question: BatchedQuestion) -> bool:
        return question in self._answers

    def __getitem__(self, question: BatchedQuestion) -> Any:
        return self._answers[question]


def _answered(asking: Connection, questions: Collection[BatchedQuestion]) -> dict[BatchedQuestion, Any]:
    keys: dict[Any, set[Any]] = {}
    for question in questions:
        keys.setdefault(question.of_many, set()).add(question.key)
    answers = {of_many: of_many(asking, asked) for of_many, asked in keys.items()}
    return {question: answers[question.of_many][question.key] for question in questions}
