"""A whole county at one desk: real orders, rights, reactions and projections, without a log and without a wire."""

from collections.abc import Callable
from concurrent.futures import Future
from copy import deepcopy
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from shared.accounts.people import Person
from shared.database.batched_question import BatchedQuestion
from shared.event_log.known import JournaledFact
from shared.orders.giving import hand_in
from shared.orders.order import Order
from shared.work.catalogue import WORK
from shared.work.common.calendar import Calendar
from shared.work.common.closing import Closing
from shared.work.common.fact import Stream
from shared.work.common.order_request import OrderRequest
from shared.work.common.quota import Quotas
from shared.work.common.refusals import NotFound, Refusal, StaleVersion
from shared.work.common.sealed import Sealed
from shared.work.common.unit_info import NodeInfo
from shared.work.common.unit_tree import Directory
from shared.work.directory.questions import directory
from tests.projections.world import Reader, Source
from tests.work.scene import text

S = TypeVar("S", bound=Stream)
NODE = "villages-100"


class _Seals:
    def __init__(self, stream: UUID) -> None:
        self._stream = stream

    def text(self, field: str, text_: str) -> Sealed:
        return text(self._stream, field)

    def identity(self, person: int, field: str, text_: str) -> Sealed:
        return text(self._stream, field)


class _Context:
    """What an order sees, and what it has touched."""

    def __init__(self, desk: "Desk", at: datetime) -> None:
        self.desk, self.at = desk, at
        self.touched: dict[UUID, Stream] = {}

    def load(self, kind: type[S], stream: UUID, version: int | None = None) -> S:
        if stream not in self.touched and stream not in self.desk.streams:
            raise NotFound(what=kind.__name__)
        found = self.touched.setdefault(stream, deepcopy(self.desk.streams.get(stream)))
        assert isinstance(found, kind)
        if version is not None and found.version != version:
            raise StaleVersion(seen=version, now=found.version)
        return found

    def add(self, stream: S) -> S:
        assert not self.exists(stream.id)
        self.touched[stream.id] = stream
        return stream

    def exists(self, stream: UUID) -> bool:
        return stream in self.desk.streams

    def acting(self) -> list[tuple[UUID, UUID]]:
        return [(stream.unit, stream.id) for stream in self.touched.values() if stream.pending_events]

    def kept(self, key: Any, read: Callable[[], Any]) -> Any:
        return read()

    def ask(
        self, question: Callable[..., Any], *arguments: Any, about: UUID | None = None, **named: Any
    ) -> Any:
        return question(self.desk.connection, *arguments, **named)

    def answer(self, question: BatchedQuestion) -> Any:
        return question.of_many(self.desk.connection, [question.key])[question.key]

    def record(self) -> None:
        """Keep what was decided so far."""
        self.desk.take(self)
        self.touched.clear()

    def next_fact(self, stream: UUID, version: int) -> UUID:
        return self.desk.source.next_fact(SimpleNamespace(id=stream, version=version))  # pyright: ignore[reportArgumentType]

    def seals(self, stream: UUID, version: int, subject: UUID, *, making: bool = False) -> _Seals:
        return _Seals(stream)


class Desk:
    """Takes orders as a node does that keeps every office; what follows from a fact is done at once."""

    settings: Any = SimpleNamespace(network=SimpleNamespace(reports=Closing("year"), quotas=Quotas()))
    accounts: Any = SimpleNamespace(account_of=lambda unit, login: None)
    calendar = Calendar({})
    incarnation = 1

    def __init__(self, connection: Connection, at: datetime) -> None:
        self.connection, self.at = connection, at
        self.source = Source(NODE)
        self.reader = Reader(connection, own=frozenset({NODE}))
        self.streams: dict[UUID, Stream] = {}
        self.directory = Directory((), [NodeInfo(NODE, "village", "430321100", "", "")])

    def awaits(self, unit: UUID, record: UUID | None = None) -> bool:
        return False

    def within_text(self, context: Any, setting: Any, order: Order) -> Callable[[], None]:
        return lambda: None

    def keeps(self, unit: UUID) -> bool:
        return self.directory.find(unit) is not None

    def now(self) -> datetime:
        return self.at

    def give(self, unit: UUID, order: Order, role: str = "petition_clerk") -> dict[str, Any]:
        """Give an order as somebody of a unit. Errors: any Refusal."""
        person = Person("clerk", "clerk", "clerk", unit, role, False)
        return hand_in(self, person, order, key=None).result()

    def change(self, request: OrderRequest) -> "Future[dict[str, Any]]":
        """Decide an order, keep what it recorded, and do what follows."""
        answer: Future[dict[str, Any]] = Future()
        context = _Context(self, request.at)
        try:
            said = request.decide(context)
        except Refusal as refusal:
            answer.set_exception(refusal)
            return answer
        self.take(context)
        answer.set_result(said or {})
        return answer

    def keep(self, stream: Stream) -> None:
        """Keep what was recorded outside of an order."""
        context = _Context(self, self.at)
        context.touched[stream.id] = stream
        self.take(context)

    def take(self, context: _Context) -> None:
        """Keep what an order or a reaction decided, and do what follows from it."""
        for stream in list(context.touched.values()):
            self.streams[stream.id] = stream
            for fact in self.source.keep(stream):
                self._know(self.reader.take([fact]).happening(fact))

    def _know(self, known: Any) -> None:
        envelope = known.envelope
        if envelope.kind == "unit":
            self.directory = self.directory.with_unit(
                envelope.stream, envelope.name, known.data, envelope.stream_version
            )
            loaded = directory(self.connection)
            assert loaded.units == self.directory.units
        context = _Context(self, self.at)
        fact = JournaledFact(envelope, known.data, known.position, None)
        try:
            WORK.follow(context, fact, self.keeps)  # pyright: ignore[reportArgumentType]
        except Refusal:
            return  # somebody had acted already
