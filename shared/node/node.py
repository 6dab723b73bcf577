"""A node: one log with one writer, its projections, its keys, its inbox and outbox, joined.

The node fulfils the protocol that pages see (shared/web/office.py): orders, questions, opening a
sealed text, and what it knows of its own state.
"""

import contextlib
import logging
from collections.abc import Callable, Container, Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, exists, select

from shared import __version__
from shared.accounts.passwords import PASSWORDS, REHEARSAL_PASSWORDS
from shared.accounts.store import Accounts
from shared.database.batched_question import Foreseen
from shared.database.engines import engine_for, engine_for_reading
from shared.database.progress import Progress, silent
from shared.database.writes import Writes
from shared.envelope import Envelope
from shared.event_log.group import Desk, Group, Known
from shared.event_log.key_ring import KeyRing
from shared.event_log.node_keys import NodeKeys
from shared.event_log.node_log import NodeLog, Order, incarnation_of
from shared.event_log.sealing import open_sealed
from shared.event_log.tables import JOURNAL
from shared.event_log.writer import Crew
from shared.node.replaying import happening_of, rebuild_projections
from shared.node.storage import create_node_tables, require_tables
from shared.node.work import Work
from shared.projections import entitlements, last_contact
from shared.proof.checkpoint import LogName
from shared.proof.checkpoint_service import Keeper
from shared.proof.making import Signer
from shared.proof.proofs import ProofDesk
from shared.proof.witness import Witness
from shared.restore import messages as returning
from shared.restore.session import Begun, RestoreUnfinished, Restoring, begun_of, reached_by, shows_more
from shared.settings.calendar import calendar_in_use
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings, SettingsMissing
from shared.transport import parcels, topics
from shared.transport.continuity import Pair
from shared.transport.departures import Departing
from shared.transport.discarding import left_holes
from shared.transport.gaps import Gap, open_gaps
from shared.transport.inbox import Inbox, InboxParts, holds_more_since, is_life, is_number, take_receipt
from shared.transport.messages import Control, OnRoute
from shared.transport.outbox import Outbox, RouteState, in_all_lives
from shared.transport.parked_messages import ParkedMessages
from shared.transport.route_names import route_and_life, route_in_life
from shared.transport.routes import node_of_mailbox, readers_of_up, witnesses_of
from shared.transport.window import Pace
from shared.transport.wire import Arrived
from shared.work.common.actor import Actor
from shared.work.common.calendar import Calendar
from shared.work.common.refusals import Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.unit_tree import Directory, UnitInfo
from shared.writer_lease.lease import lease_of

log = logging.getLogger(__name__)
T = TypeVar("T")


_KEYS_FOLLOW = {
    "case.referred": ("to", "through"),
    "referral.passed_on": ("to", "through"),
    "supervision.issued": ("to",),
    "override.ordered": ("sender", "receiver"),
}
"""Facts that entitle the offices they name to keys; an office that only sees facts go by gets none."""


class RolledBack(Refusal):
    """Another office holds more of what this node sent than the node has itself."""

    code = "rolled-back"
    sentence = (
        "This office's computer was put back to an older state: other offices hold more of its work than it does. "
        "Nothing was saved. The administrator must put the backup back once more and run `huiyin restore`."
    )
    status = 503


@dataclass(frozen=True)
class Wish:
    """Something to say to another node: a control message of this kind, behind facts that it speaks of."""

    kind: str
    to: str
    body: dict[str, Any]
    facts: tuple[OnRoute, ...] = ()


class Node:
    """One node of the network, running in this process.

    `restoring` opens it to take back what it had sent (restoring.py). Its tables are brought to this release, unless
    it is only looked at (`upgrading`). Errors: NodeIsRunning, SettingsMissing, KeyRingGone, RestoreUnfinished, those of
    `create_node_tables`, UpgradeNeeded.
    """

    def __init__(
        self,
        settings: NodeSettings,
        work: Work,
        *,
        clock: Clock | None = None,
        crew: Crew | None = None,
        restoring: bool = False,
        upgrading: bool = True,
        progress: Progress = silent,
    ) -> None:
        self._crew, self._ends_crew = crew or Crew(), crew is None
        self.settings = settings
        self.work = work
        self.name = settings.name
        self.clock = clock or Clock()
        self.keys = _keys(settings.folder / "keys.json")
        with ExitStack() as held:
            self.lease = lease_of(settings)
            held.callback(self.lease.give_back)
            self.engine = engine_for(settings.database, settings.schema)
            if upgrading:
                of_node = (self.engine, settings.schema, work.projections, self.name, self.lease)
                create_node_tables(*of_node, progress)
            else:
                require_tables(self.engine, self.name)
            self.begun = _begun(settings, self.engine, restoring)
            self.ring = _ring(settings, self.engine)
            self._held = held.pop_all()
        self._departing = Departing(self.name, incarnation_of(self.engine), work.directory, self.engine)
        self.is_rolled_back = False
        self.wishes: list[Wish] = []
        self.restoring = Restoring(self, self._seeds()) if restoring else None
        self.on_news: Callable[[], None] = lambda: None
        self.on_facts: Callable[[], None] = lambda: None
        self.wire_is_up: Callable[[], bool] = lambda: False
        self._reading = engine_for_reading(self.engine)
        rehearsal = self.settings.network.rehearsal
        self.accounts = Accounts(self.engine, passwords=REHEARSAL_PASSWORDS if rehearsal else PASSWORDS)
        self.outbox = Outbox(self.name, self.engine, self.keys)
        self._pace = Pace(settings.network.flow.window)
        self.log = NodeLog(
            name=self.name,
            engine=self.engine,
            crew=self._crew,
            ring=self.ring,
            projector=self._project,
            departures=self._departing,
            reactions=self._react,
            fence=self.lease,
            flow=settings.network.flow,
            after_commit=self._after_commit,
        )
        self.inbox = Inbox(
            InboxParts(
                me=self.name,
                engine=self.engine,
                directory=lambda: self.directory,
                seed_keys={settings.network.county_node: settings.network.county_signing_key},
                told_keys=self.restoring.keys_of_others if self.restoring else {},
                may_write=self._may_write,
                arrival_time=self._arrival_time,
                now=self.now,
                early=settings.network.flow.early,
                on_control=self._on_control,
                on_returned=self._on_returned,
            )
        )
        self.parked = ParkedMessages(self.log, self.inbox, self.now)
        self._signer = Signer(self.log_name, self.engine, self.keys, self.now)
        self.keeper = self._keeper()
        self.proofs = ProofDesk(self._signer, self.witnesses)

    def _after_commit(self) -> None:
        # What comes back in a restore is put into its old places, past the departures.
        departed = None if self.restoring else self._departing.take_departed()
        self.outbox.committed(departed)
        if departed or departed is None:
            self.on_facts()
        else:
            self.on_news()

    @property
    def directory(self) -> Directory:
        """The directory as this node knows it."""
        return self._departing.directory

    @property
    def incarnation(self) -> int:
        """Which life of this node's name this is; a restore from a backup begins the next."""
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
        found = self.directory.find(unit)
        return found is not None and found.node == self.name

    def start(self) -> None:
        """Begin to take orders and arrivals; what an older release had parked is tried again."""
        self.log.start()
        for stream in self.inbox.parked_streams():
            self.parked.retry_stream(stream)
        self._look_for_offers()

    def stop(self) -> None:
        """Finish what waits, and let go of everything."""
        self.log.stop()
        if self._ends_crew:
            self._crew.close()
        self.ring.close()
        if self.settings.schema is None:
            self.engine.dispose()
        self._held.close()

    def change(
        self,
        by: Actor,
        decide: Callable[[Desk], Any],
        *,
        key: str | None = None,
        content: Any = None,
        at: datetime | None = None,
        streams: tuple[UUID, ...] = (),
        fresh: tuple[UUID, ...] = (),
        questions: tuple[Foreseen, ...] = (),
    ) -> "Future[dict[str, Any]]":
        """Queue an order; the future has its answer once it is durable, or its refusal. Errors: RolledBack."""
        if self.is_rolled_back:
            raise RolledBack()
        at = at or self.now()
        return self.log.change(Order(by, at, decide, key, content, streams, fresh, questions))

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask a projection one question."""
        with self._reading.connect() as connection:
            return question(connection, *arguments, **named)

    def open(self, sealed: Sealed | None) -> str | None:
        """The text of a sealed field; none when this node does not hold its key."""
        return open_sealed(self.ring, sealed) if sealed else None

    def routes(self) -> list[RouteState]:
        """How far each route of this node has got, in all its lives, with every node that is to hold it."""
        return in_all_lives(self._lives_of_routes())

    def _lives_of_routes(self) -> list[RouteState]:
        return [
            replace(
                state, held={holder: state.held.get(holder, 0) for holder in self.holders_of(state.route)}
            )
            for state in self.outbox.states()
        ]

    def waiting_routes(self, now: float) -> dict[str, int]:
        """Per route that has something to send how much may go now: not too far ahead of who reads it."""
        return self.outbox.waiting(
            lambda route, sent: self._pace.may_send_up_to(route, sent, self._held_of(route), now)
        )

    def has_to_send(self, now: float) -> bool:
        """Whether anything waits to be sent, once more what got lost at the end of a route included."""
        routes = self._lives_of_routes()
        for route in routes:
            held = min(route.held.values(), default=route.last)
            if self._pace.tail_is_lost(route.route, route.sent, held, now):
                self.outbox.go_back(route.route, held)
                self.tell_life(name for name, number in route.held.items() if number < route.last)
        return any(route.last > self.outbox.sent.get(route.route, 0) for route in routes)

    def go_back_to_held(self, topics: Container[str]) -> None:
        """On these topics everything was lost: send again what is not held by all who should."""
        for route in self._lives_of_routes():
            if self.topic_of(route.route) in topics:
                self.outbox.go_back(route.route, min(route.held.values(), default=0))

    def _held_of(self, route: str) -> dict[str, int]:
        return {holder: self.outbox.held_of(route, holder) for holder in self.holders_of(route)}

    def is_settled(self) -> bool:
        """Whether every holder has all of this node's routes, nothing is missing here, and no key is awaited."""
        held = all(route.last <= number for route in self.routes() for number in route.held.values())
        return held and bool(self.directory.units) and not self.inbox.gaps() and not self.ask(parcels.wanted)

    def state(self) -> dict[str, Any]:
        """Numbers about this node for its status page; nothing about any matter."""
        return {
            "node": self.name,
            "release": __version__,
            "incarnation": self.incarnation,
            "facts": self.log.last_position(),
            "wire": "up" if self.wire_is_up() else "down",
            "routes": [vars(route) for route in self.routes()],
            "sources": [
                {
                    "source": lane[0],
                    "incarnation": lane[1],
                    "route": lane[2],
                    "held": held.held,
                    "highest": held.highest,
                }
                for lane, held in sorted(self.inbox.lanes.items())
            ],
            "awaited_keys": len(self.ask(parcels.wanted)),
            "parked": sum(self.parked.counts().values()),
            "discarded": self.parked.discarded_count(),
            "holes": [vars(gap) for gap in self.holes()],
            "proof": self.proofs.state(),
        }

    def holes(self) -> list[Gap]:
        """What is missing here and does not come: gaps that stand still, and facts that were discarded."""
        missing = [gap for gap in self.ask(open_gaps) if gap.is_hole(self.now())]
        return missing + self.ask(left_holes)

    def witnesses(self) -> list[str]:
        """The nodes that cosign this node's checkpoints."""
        return witnesses_of(self.name, self.directory)

    def tally(self) -> dict[str, int]:
        """What a reconciliation counts: own facts that people ordered, and matters registered here."""
        return {"ordered_facts": self.log.ordered_facts(), "registered": self.log.count("case.registered.v1")}

    def topics(self) -> list[str]:
        """The topics this node reads."""
        network = self.settings.network.name
        areas = [node.area for node in self.directory.nodes.values() if node.tier == "village"]
        return topics.topics_read_by(
            network,
            self.name,
            tier=self.settings.tier,
            area=self.settings.area,
            village_areas=sorted(set(areas)),
        )

    def topic_of(self, route: str) -> str:
        """The topic that a route leads to, in whichever life."""
        return topics.topic_of_route(
            self.settings.network.name, route_and_life(route)[0], self.settings.tier, self.settings.area
        )

    def take(self, arrivals: list[Arrived], *, failed: str | None = None) -> "Future[None]":
        """Queue a batch of arrivals; its commit also remembers how far this node's own routes were sent."""
        return self.log.write(lambda group: self._take(group, arrivals, failed))

    def _take(self, group: Group, arrivals: list[Arrived], failed: str | None) -> None:
        self.inbox.take(group, arrivals, failed=failed)
        if self.outbox.unsaved:
            self.outbox.save(group)

    def holders_of(self, route: str) -> list[str]:
        """The nodes that are to hold everything of a route."""
        to = node_of_mailbox(route_and_life(route)[0])
        if to is not None:
            return [to]
        return readers_of_up(self.name, self.directory) if self.name in self.directory.nodes else []

    def take_wishes(self) -> list[Wish]:
        """Control messages that are to be sent, once."""
        wishes, self.wishes = self.wishes, []
        return wishes

    def say(self, kind: str, to: str, body: dict[str, Any]) -> None:
        """Let the relay say something to another node."""
        self.wishes.append(Wish(kind, to, body))
        self.on_news()

    def write(self, work: Callable[[Group], T]) -> T:
        """Let the writer do something of the node's own, and wait for it. Errors: Refusal."""
        return self.log.write(work).result()

    def begin_life(self, incarnation: int, came_back: Mapping[UUID, set[str]]) -> None:
        """A new life begins; this object is opened anew then, since much of it belongs to the life before."""
        self._departing.begin_life(incarnation, came_back)

    def rebuild(self) -> int:
        """Empty every projection and replay the journal; returns the number of facts."""
        return self.log.write(self._replay).result()

    def _replay(self, group: Group) -> int:
        rebuild_projections(group.connection, self.work.projections)
        return self.log.last_position()

    def _project(self, writes: Writes, news: list[Known]) -> None:
        """Let the projections take what has just become known."""
        self.work.projections.apply(writes, map(happening_of, news))

    def _look_for_offers(self) -> None:
        """Take up what was offered to an office before this node knew that it keeps that office.

        The county's directory and a neighbour's offer come by two roads, and either may be first.
        """
        if self.ask(self.work.offers_not_received, self._kept_by(self.name)):
            with contextlib.suppress(Refusal):  # whoever starts the node next looks again
                self.log.write(self._take_up_offers)

    def _take_up_offers(self, group: Group) -> None:
        waiting = group.ask(self.work.offers_not_received, self._kept_by(self.name))
        for known in self.log.known(group.connection, waiting):
            group.react(known)

    def _kept_by(self, node: str) -> set[UUID]:
        return {unit.unit for unit in self.directory.units.values() if unit.node == node}

    def _keeper(self) -> Keeper:
        network = self.settings.network.name
        return Keeper(
            self._signer,
            Witness(network, self.name, self.keys, self.now, self._reads),
            position=lambda: self.log.position,
            witnesses=self.witnesses,
            write=self.log.write,
            say=self.say,
        )

    def _reads(self, node: str) -> bool:
        """Whether this node is to hold all facts of another one."""
        return node in self.directory.nodes and self.name in readers_of_up(node, self.directory)

    def _may_write(self, source: str, topic: str, directory: Directory) -> bool:
        node = directory.nodes.get(source)
        if node is None:
            return False
        network = self.settings.network.name
        own_up = topics.topic_of_route(network, "up", node.tier, node.area)
        return topic in (own_up, topics.mailbox(network, self.name))

    def _arrival_time(self, envelope: Envelope) -> datetime:
        """When a fact arrived; in a rehearsal the moment it was recorded, so that a replay is the same."""
        return envelope.recorded if self.clock.rehearsal else self.now()

    def _seeds(self) -> frozenset[str]:
        return frozenset({self.settings.network.county_node})

    def _on_returned(self, group: Group, pairs: list[Pair]) -> None:
        """Own facts came back from others: to be put back, or as the proof that this log was rolled back."""
        if self.restoring is not None:
            self.restoring.take_back(group, pairs)
            return
        if shows_more(group.connection, self.keys, self.incarnation, pairs):
            log.error(
                "%s: others hold what it has signed and does not have: its database is older", self.name
            )
            self.is_rolled_back = True

    def _react(self, desk: Desk, known: Known) -> None:
        if self.restoring is not None and not (self.begun and self.begun.put_back):
            return
        if known.envelope.kind == "unit" and known.data["entry"]["node"] == self.name:
            desk.group.on_commit.append(self._look_for_offers)
        if known.arrived is not None and self._entitles_here(known):
            self._want_keys(desk.group, known)
        self.work.follow(desk, known, self.keeps)

    def _entitles_here(self, known: Known) -> bool:
        """Whether a fact gives an office of this node a claim to keys."""
        named = (known.data.get(field) for field in _KEYS_FOLLOW.get(known.envelope.name, ()))
        return any(self.keeps(UUID(unit)) for unit in named if unit)

    def _want_keys(self, group: Group, known: Known) -> None:
        for subject in parcels.missing_subjects(self.ring, known.data):
            nodes = self._nodes_with_keys(known)
            if nodes:
                parcels.want(group.connection, subject, nodes)
                group.on_commit.append(lambda s=subject, n=nodes: self._ask_for_keys(s, n))

    def want_missing_keys(self, group: Group) -> int:
        """Ask for every key of an own or entitled matter that is not in the ring; how many matters await theirs."""
        asked: set[UUID] = set()
        for known in self.log.since(group.connection):
            if known.arrived is None:
                for subject in parcels.missing_subjects(self.ring, known.data) - asked:
                    asked.add(subject)
                    self._want_back(group, subject)
            elif self._entitles_here(known):
                self._want_keys(group, known)
        group.flush()
        return len(parcels.wanted(group.connection))

    def _want_back(self, group: Group, subject: UUID) -> None:
        """Ask those to whom this office had handed the keys of a matter, or who had handed them to it."""
        offices = entitlements.offices_of(group.connection, subject)
        found = {unit.node for office in offices if (unit := self.directory.find(office))}
        nodes = sorted(found - {self.name})
        parcels.want(group.connection, subject, nodes)
        group.on_commit.append(lambda: self._ask_for_keys(subject, nodes))

    def _nodes_with_keys(self, known: Known) -> list[str]:
        owner = (
            self.directory.find(UUID(known.data["handover"]["owner"])) if "handover" in known.data else None
        )
        nodes = [known.envelope.source, *([owner.node] if owner else [])]
        return [node for node in dict.fromkeys(nodes) if node != self.name]

    def _ask_for_keys(self, subject: UUID, nodes: list[str]) -> None:
        body = parcels.request_body(self.ring, subject)
        self.wishes += [Wish("key-request", node, body) for node in nodes]

    def ask_again_for_keys(self) -> None:
        """Repeat every request for keys that was not answered yet."""
        for subject, nodes in self.ask(parcels.wanted).items():
            self._ask_for_keys(subject, nodes)

    def _on_control(self, group: Group, control: Control) -> None:
        try:
            _CONTROLS.get(control.kind, _ignore)(self, group, control)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            log.warning("%s: control message %s of %s: %s", self.name, control.kind, control.source, error)

    def _take_receipt(self, group: Group, control: Control) -> None:
        held = take_receipt(group, control, self.outbox, self.incarnation)
        if self.outbox.is_behind(held):
            # A word is no proof; what this node has signed itself is.
            body = returning.request_body(reached_by(group.connection), "")
            group.on_commit.append(lambda: self.say("return-request", control.source, body))

    def _take_resend(self, group: Group, control: Control) -> None:
        after, life = control.body["after"], control.body.get("incarnation")
        if not is_life(life, self.incarnation) or not is_number(after):
            return
        route = route_in_life(str(control.body["route"]), life)
        if not holds_more_since(self.outbox, control, route, after):
            self.outbox.go_back(route, after)
            group.on_commit.append(self.on_news)

    def _take_return_request(self, group: Group, control: Control) -> None:
        reached, mark = returning.reached_of(control.body), str(control.body["mark"])[:64]
        group.flush()  # what came before the request in this group is held, too
        if mark:
            self.inbox.end_lives(group, control.source, mark)
        facts = tuple(returning.facts_beyond(group.connection, control.source, reached))
        towards = [state for state in self.outbox.states() if control.source in self.holders_of(state.route)]
        body = returning.answer_body(group.connection, control.source, mark, towards)
        self.outbox.forget(group.connection, control.source)
        answer = Wish("returned", control.source, body, facts)
        group.on_commit.append(lambda: self._answer(answer))

    def _answer(self, answer: Wish) -> None:
        self.wishes.append(answer)
        self.tell_life([answer.to])
        self.on_news()

    def tell_life(self, nodes: Iterable[str], mark: str = "") -> None:
        """Say to others which life this is and where those before it ended; nothing in the first."""
        if self.incarnation > 1:
            body = returning.new_life_body(self.incarnation, self.outbox.states(), mark)
            self.wishes += [Wish("new-life", node, body) for node in nodes]

    def _take_returned(self, group: Group, control: Control) -> None:
        if self.restoring is not None:
            self.restoring.take_answer(group, control)

    def _take_new_life(self, group: Group, control: Control) -> None:
        life = control.body["incarnation"]
        if is_life(life, returning.LATEST_LIFE):
            ends, mark = returning.ends_of(control.body), str(control.body["mark"])[:64]
            self.inbox.know_of_life(group, control.source, life, ends, mark)
            group.on_commit.append(self.on_news)

    def _take_key_request(self, group: Group, control: Control) -> None:
        body = parcels.parcel_body(group.connection, self.ring, self._entitled, control)
        if body is not None:
            self.wishes.append(Wish("key-parcel", control.source, body))
            group.on_commit.append(self.on_news)

    def _take_key_parcel(self, group: Group, control: Control) -> None:
        parcels.take_parcel(group.connection, self.ring, self.name, control)

    def _take_checkpoint(self, group: Group, control: Control) -> None:
        self.keeper.take_offer(group, control.source, self.inbox.key_of(control.source) or "", control.body)

    def _take_witnessed(self, group: Group, control: Control) -> None:
        if self.restoring is None:
            self.keeper.take_answer(
                group, control.source, self.inbox.key_of(control.source) or "", control.body
            )

    def _entitled(self, connection: Connection, subject: UUID, asker: str) -> bool:
        asking, mine = self._offices(connection, asker), self._offices(connection, self.name)
        return self.work.began(connection, subject, asking) or entitlements.entitled(
            connection, subject, asking, mine
        )

    def _offices(self, connection: Connection, node: str) -> set[UUID]:
        """Units that a node speaks for: those it keeps, and those that it kept when it recorded their matters."""
        return self._kept_by(node) | last_contact.units_recorded_by(connection, node)


def _ignore(node: Node, group: Group, control: Control) -> None:
    log.info("%s: a control message of an unknown kind: %s", node.name, control.kind)


_CONTROLS: dict[str, Callable[[Node, Group, Control], None]] = {
    "receipt": Node._take_receipt,  # pyright: ignore[reportPrivateUsage]
    "resend": Node._take_resend,  # pyright: ignore[reportPrivateUsage]
    "key-request": Node._take_key_request,  # pyright: ignore[reportPrivateUsage]
    "key-parcel": Node._take_key_parcel,  # pyright: ignore[reportPrivateUsage]
    "checkpoint": Node._take_checkpoint,  # pyright: ignore[reportPrivateUsage]
    "witnessed": Node._take_witnessed,  # pyright: ignore[reportPrivateUsage]
    "return-request": Node._take_return_request,  # pyright: ignore[reportPrivateUsage]
    "returned": Node._take_returned,  # pyright: ignore[reportPrivateUsage]
    "new-life": Node._take_new_life,  # pyright: ignore[reportPrivateUsage]
}


def _keys(path: Path) -> NodeKeys:
    try:
        return NodeKeys.load(path)
    except (OSError, ValueError, KeyError) as error:
        raise SettingsMissing(f"{path} cannot be read ({error}): put the node's keys back") from error


def _begun(settings: NodeSettings, engine: Engine, restoring: bool) -> Begun | None:
    """Where an unfinished restore stands. Errors: RestoreUnfinished, unless the node is opened for it."""
    with engine.connect() as connection:
        begun = begun_of(connection)
    if begun is not None and not restoring:
        raise RestoreUnfinished(
            f"{settings.name} was put back from a backup and has not yet taken back what it had sent: "
            f"finish that first with `huiyin restore --name {settings.name}`"
        )
    return begun


def _ring(settings: NodeSettings, engine: Engine) -> KeyRing:
    with engine.connect() as connection:
        facts = connection.scalar(select(exists(select(JOURNAL.c.position))))
    return KeyRing.beside(settings.folder / "keyring.sqlite", log_has_facts=bool(facts))
