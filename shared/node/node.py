"""A node: one log with one writer, its projections, its keys, its inbox and outbox, joined.

The node fulfils the protocol that pages see (shared/web/office.py): orders, questions, opening a
sealed text, and what it knows of its own state. Its parts are made and joined in `build.py`.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine

from shared.accounts.people import Person
from shared.accounts.store import Accounts
from shared.database.engines import engine_for_reading
from shared.database.reading import Reading
from shared.event_log.group import Group
from shared.event_log.key_ring import KeyRing
from shared.event_log.node_keys import NodeKeys
from shared.event_log.node_log import NodeLog
from shared.event_log.order_fingerprints import forget_answers
from shared.event_log.sealing import open_sealed
from shared.node.evidence import Evidence
from shared.node.key_requests import KeyRequests
from shared.node.moving import Moving
from shared.node.offers import Offers
from shared.node.outgoing import Carrier, Outgoing
from shared.node.projecting import replay
from shared.node.readiness import Readiness
from shared.node.rollback import RollbackWatch
from shared.node.sending import Sending
from shared.node.status import Status
from shared.node.ways import Ways
from shared.node.work import Work
from shared.orders.order import Order, Setting
from shared.orders.order import OrderContext as Deciding
from shared.proof.checkpoint import LogName
from shared.proof.checkpoint_service import CheckpointService
from shared.proof.proofs import Proofs
from shared.restore.session import Begun, Restoring
from shared.settings.calendar import calendar_in_use
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings
from shared.transport.admission import Admission
from shared.transport.departures import RouteNumbering
from shared.transport.gaps import Gap
from shared.transport.inbox import Inbox
from shared.transport.outbox import Outbox, RouteState
from shared.transport.parked_messages import ParkedMessages
from shared.transport.positions import Positions
from shared.transport.receipts import ReceiptsDue
from shared.transport.wire import Arrived
from shared.work.common.calendar import Calendar
from shared.work.common.order_request import OrderRequest
from shared.work.common.sealed import Sealed
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory
from shared.writer_lease.lease import Lease

T = TypeVar("T")


@dataclass(eq=False)
class Node:
    """One node of the network, running in this process; `build_node` makes it.

    `restoring` is none unless it was opened to take back what it had sent, and `begun` where that stood when it was
    opened; `held` lets go of everything that was
    taken for it: the lease, the database, the key ring.
    """

    settings: NodeSettings
    name: str
    work: Work
    clock: Clock
    keys: NodeKeys
    lease: Lease
    engine: Engine
    ring: KeyRing
    accounts: Accounts
    log: NodeLog
    numbering: RouteNumbering
    ways: Ways
    outgoing: Outgoing
    outbox: Outbox
    sending: Sending
    inbox: Inbox
    admission: Admission
    positions: Positions
    receipts: ReceiptsDue
    evidence: Evidence
    key_requests: KeyRequests
    offers: Offers
    moving: Moving
    parked: ParkedMessages
    checkpoint_service: CheckpointService
    proofs: Proofs
    status: Status
    readiness: Readiness
    rollback: RollbackWatch
    begun: Begun | None
    restoring: Restoring | None
    held: ExitStack

    @property
    def directory(self) -> Directory:
        """The directory as this node knows it."""
        return self.numbering.directory

    @property
    def incarnation(self) -> int:
        """Which incarnation of this node's name this is; a restore from a backup begins the next."""
        return self.log.mapper.incarnation

    @property
    def log_name(self) -> LogName:
        """What this node's log is called in checkpoints."""
        return LogName(self.settings.network.name, self.name, self.incarnation)

    def now(self) -> datetime:
        """The present moment of this node's clock."""
        return self.clock.now()

    @property
    def calendar(self) -> Calendar:
        """The published calendar that this release comes with."""
        return calendar_in_use()

    def units(self) -> list[UnitInfo]:
        """Open units that this node keeps."""
        return self.directory.hosted_by(self.name)

    def keeps(self, unit: UUID) -> bool:
        """Whether this node keeps a unit."""
        return self.ways.keeps(unit)

    def awaits(self, unit: UUID, record: UUID | None = None) -> bool:
        """Whether a unit has moved here and its records, or one of them, are still on their way."""
        return self.moving.awaits(unit, record)

    def carried_by(self, carrier: Carrier) -> None:
        """From now on this carries the node's messages and is told when there are some."""
        self.outgoing.carried_by(carrier)

    def start(self) -> None:
        """Begin to take orders and arrivals; what an older release had parked is tried again."""
        self.log.start()
        for record in self.inbox.parked_records():
            self.parked.retry_record(record)
        self.offers.look()
        self.moving.look()

    def stop(self) -> None:
        """Finish what waits, and let go of everything."""
        self.log.stop()
        self.held.close()

    def change(self, request: OrderRequest) -> "Future[dict[str, Any]]":
        """Queue an order; the future has its answer once it is durable, or its refusal. Errors: RolledBack, Busy."""
        self.rollback.require_whole()
        return self.log.change(request)

    def within_text(self, context: Deciding, setting: Setting, order: Order) -> Callable[[], None]:
        """Whether whoever gives the order may enter so much text more today; what is returned counts it.

        Errors: TextReached.
        """
        return self.work.within_text(context, setting, order)

    def take_file(self, person: Person, name: str, at: datetime) -> None:
        """Count a list that somebody takes away as a file. Errors: FilesReached."""
        self.work.take_file(self, person, name, at)

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask a projection one question."""
        with engine_for_reading(self.engine).connect() as connection:
            return question(connection, *arguments, **named)

    def reading(self) -> Reading:
        """Answers to several questions by one moment of the database."""
        return Reading(engine_for_reading(self.engine))

    def open(self, sealed: Sealed | None) -> str | None:
        """The text of a sealed field; none when this node does not hold its key."""
        return open_sealed(self.ring, sealed) if sealed else None

    def take(self, arrivals: list[Arrived], *, failed: str | None = None) -> "Future[None]":
        """Queue a batch of arrivals; its commit also remembers how far this node's own routes were sent.

        `failed` parks the (single) message as one that a handler could not take.
        """
        return self.log.write(lambda group: self._take(group, arrivals, failed))

    def _take(self, group: Group, arrivals: list[Arrived], failed: str | None) -> None:
        self.inbox.take(group, arrivals, failed=failed)
        if self.outbox.unsaved:
            self.outbox.save(group)

    def write(self, work: Callable[[Group], T]) -> T:
        """Let the writer do something of the node's own, and wait for it. Errors: Refusal."""
        return self.log.write(work).result()

    def forget_answers(self) -> "Future[None] | None":
        """Let the writer forget answers to orders that nobody repeats any more; none in a rehearsal.

        A month that is played again asks for answers of long ago.
        """
        if self.settings.network.rehearsal:
            return None
        return self.log.write(lambda group: forget_answers(group, at=self.now()))

    def begin_incarnation(self, incarnation: int, came_back: Mapping[UUID, set[str]]) -> None:
        """A new incarnation begins; the node is opened anew then, since much of this object belongs to the last."""
        self.numbering.begin_incarnation(incarnation, came_back)

    def want_missing_keys(self, group: Group) -> int:
        """Ask for every key of an own or entitled matter that is not in the ring; how many matters await theirs."""
        return self.key_requests.want_missing(group)

    def rebuild(self) -> int:
        """Empty every projection and replay the journal; returns the number of facts."""
        return self.write(lambda group: replay(group, self.work.projections))

    def routes(self) -> list[RouteState]:
        """How far each route of this node has got, in all its incarnations, with every node that is to hold it."""
        return self.sending.routes()

    def holders_of(self, route: str) -> list[str]:
        """The nodes that are to hold everything of a route."""
        return self.ways.holders_of(route)

    def is_settled(self) -> bool:
        """Whether every holder has all of this node's routes, nothing is missing here, and no key is awaited."""
        return self.status.is_settled()

    def standing(self) -> tuple[str, ...]:
        """Why this node is not simply ready, as stable words (`readiness.py`); none: it is."""
        return self.readiness.reasons()

    def revision(self) -> str:
        """The same as long as nothing that a page may show has changed; empty while nobody can say."""
        return self.status.revision()

    def state(self) -> dict[str, Any]:
        """Numbers about this node for its status page; nothing about any matter."""
        return self.status.state()

    def holes(self, connection: Connection) -> list[Gap]:
        """What is missing here and does not come: gaps that stand still, and facts that were discarded."""
        return self.status.holes(connection)

    def tally(self) -> dict[str, int]:
        """What a reconciliation counts: own facts that people ordered, and matters registered here."""
        return self.status.tally()
