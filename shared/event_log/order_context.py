"""Where one order is decided: time, actor, streams, seals and questions in one place."""

import logging
from collections.abc import Callable, Collection, Hashable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from shared.database.batched_question import BatchedQuestion
from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import Cause
from shared.event_log.order_fingerprints import fingerprint_of, is_of
from shared.event_log.sealing import Seals
from shared.work.common.actor import Actor
from shared.work.common.fact import Stream
from shared.work.common.hand_over import TakenOver
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import Refusal, StaleVersion

log = logging.getLogger(__name__)
S = TypeVar("S", bound=Stream)
T = TypeVar("T")


class OrderContext:
    """Where one order, or what follows from one fact, is decided, inside the node's writer.

    `at` is the moment of the decision, `actor` who decides (none: it follows from the fact `cause`), and `had` are
    the streams that have had what follows already. `recorded` are the facts of this order so far.
    """

    def __init__(
        self,
        group: Group,
        *,
        at: datetime,
        actor: Actor | None,
        cause: UUID | None = None,
        had: Collection[UUID] = (),
    ) -> None:
        self.group = group
        self._had = had
        self.at = at
        self.actor = actor
        self._cause = Cause(actor.account if actor else "", cause)
        self._touched: dict[UUID, Stream] = {}
        self._before_it_was_taken: dict[UUID, int] = {}
        self.recorded: list[JournaledFact] = []

    def load(self, kind: type[S], stream: UUID, version: int | None = None) -> S:
        """A stream's present state. Errors: NotFound; StaleVersion when `version` is not the present one."""
        found = self.group.load(kind, stream)
        now = self._before_it_was_taken.get(stream, found.version)
        if version is not None and now != version:
            raise StaleVersion(seen=version, now=now)
        self._touched[stream] = found
        if found.handed_over is not None:
            self._before_it_was_taken[stream] = found.version
            found.record(TakenOver, hand_over=found.handed_over, at=self.at)
            found.handed_over = None
        return found

    def add(self, stream: S) -> S:
        """Take a new stream into the order. Errors: StaleVersion when there is one already."""
        if self.exists(stream.id):
            raise StaleVersion(seen=0, now=1)
        self._touched[stream.id] = stream
        return stream

    def exists(self, stream: UUID) -> bool:
        """Whether this node has recorded such a stream."""
        return self.group.find(stream) is not None

    def leave(self, streams: Collection[UUID]) -> None:
        """These streams have had what follows already, too."""
        self._had = {*self._had, *streams}

    def acting(self) -> list[tuple[UUID, UUID]]:
        """The units in whose name the order records something, each with the record."""
        return [(stream.unit, stream.id) for stream in self._touched.values() if stream.pending_events]

    def ask(self, question: Callable[..., T], *arguments: Any, about: UUID | None = None, **named: Any) -> T:
        """Ask a projection; it sees everything recorded so far, in this order too once kept.

        `about` names the unit when no other unit's facts bear on the answer.
        """
        return self.group.ask(question, *arguments, about=about, **named)

    def answer(self, question: BatchedQuestion) -> Any:
        """As `ask`, for a question that the order has named before."""
        return self.group.answer(question)

    def kept(self, key: Hashable, read: Callable[[], T]) -> T:
        """A sum that a rule keeps up from order to order; `read` makes it of the record where it is not known."""
        return self.group.parts.memory.kept(key, read)

    def next_fact(self, stream: UUID, version: int) -> UUID:
        """The id of the fact that will be recorded after `version` of a stream of this node."""
        return self.group.parts.mapper.fact_id(stream, version + 1)

    def seals(self, stream: UUID, version: int, subject: UUID, *, making: bool = False) -> Seals:
        """Seals for the next fact of a stream; `making` for a subject that begins here."""
        return Seals(self.group.parts.ring, self.next_fact(stream, version), subject, making=making)

    def record(self) -> list[JournaledFact]:
        """Record what the touched streams decided; returns every fact of the order so far.

        A stream that has had this cause already is left as it was.
        """
        self.group.forget(self._had)
        for stream in list(self._touched.values()):
            if stream.pending_events and stream.id not in self._had:
                self.recorded += self.group.record(stream, self._cause)
        return self.recorded

    def give_up(self) -> None:
        """Forget what the touched streams decided."""
        self.group.forget(self._touched)


Reaction = Callable[[OrderContext, JournaledFact], None]
"""Does what follows from a fact. Errors: any Refusal, which undoes what it decided."""


def react(reaction: Reaction, group: Group, known: JournaledFact, had: Collection[UUID] = ()) -> None:
    """Do what follows from a fact that is known now; the streams of `had` have had it already.

    A refusal undoes what the reaction decided and nothing else.
    """
    at, cause = known.arrived or known.envelope.recorded, known.envelope.id
    context = OrderContext(group, at=at, actor=None, cause=cause, had=had)
    try:
        reaction(context, known)
    except Refusal as refusal:
        context.give_up()
        log.info("no reaction to %s: %s", known.envelope.type, refusal.code)


def decide(request: OrderRequest, group: Group) -> dict[str, Any]:
    """Answer an order in the open group, from what it was answered before or by deciding it now.

    The answer names stream, version, moment and facts; what the decision returns is added. Errors: any Refusal;
    nothing is recorded then.
    """
    first = _first_answer(request, group)
    if first is not None:
        return first
    context = OrderContext(group, at=request.at, actor=request.by)
    try:
        answer = _answer(context, request.decide(context))
    except Refusal:
        context.give_up()
        # What was done already is often refused the second time; a repeated request wants its answer.
        first = _first_answer(request, group, look=True)
        if first is None:
            raise
        return first
    if request.key is not None:
        fingerprint = fingerprint_of(request, group.parts.ring)
        group.parts.memory.answers.keep(request.key, fingerprint, answer, request.at)
    return answer


def _first_answer(request: OrderRequest, group: Group, *, look: bool = False) -> dict[str, Any] | None:
    """What the same order was answered before; `look` also at what the writer does not remember."""
    if request.key is None:
        return None
    answers = group.parts.memory.answers
    if look:
        answers.read(group.asking, [request.key])
    return answers.find(request.key, lambda kept: is_of(kept, request, group.parts.ring))


def _answer(context: OrderContext, said: Any) -> dict[str, Any]:
    facts = context.record()
    last = facts[-1].envelope if facts else None
    return {
        "stream": str(last.stream) if last else None,
        "version": last.stream_version if last else None,
        "recorded_at": moment_text(context.at),
        "facts": [str(known.envelope.id) for known in facts],
        **(said if isinstance(said, dict) else {}),
    }
