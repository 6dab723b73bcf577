"""Builds a node from its settings: takes what it stands on, then makes its parts and joins them.

To add a part: make it in the step whose business it is, and hand it what it needs and nothing else.
"""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.accounts.passwords import PASSWORDS, REHEARSAL_PASSWORDS
from shared.accounts.store import Accounts
from shared.database.progress import Progress, silent
from shared.event_log.group import Group
from shared.event_log.node_log import NodeLog
from shared.event_log.writer import WriterPool
from shared.node.asking import Asking
from shared.node.control import ControlMessages
from shared.node.following import Following, had_before
from shared.node.ground import Ground, take_ground
from shared.node.judging import Judging, judging
from shared.node.key_requests import KeyRequests
from shared.node.moving import Moving, moving_of
from shared.node.node import Node
from shared.node.offers import Offers
from shared.node.outgoing import Outgoing
from shared.node.projecting import projector_of
from shared.node.readiness import Readiness
from shared.node.rollback import RollbackWatch
from shared.node.sending import Sending, tell_of_commit
from shared.node.status import Status
from shared.node.ways import Ways
from shared.node.work import Work
from shared.proof.checkpoint_service import CheckpointService
from shared.proof.making import Signer
from shared.proof.proofs import Proofs
from shared.proof.witness import Witness
from shared.restore.session import Restoring
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings
from shared.transport.admission import Admission
from shared.transport.departures import RouteNumbering
from shared.transport.inbox import Inbox
from shared.transport.outbox import Outbox
from shared.transport.parked_messages import ParkedMessages
from shared.transport.positions import Positions
from shared.transport.receipts import ReceiptsDue
from shared.transport.window import SendWindow


def build_node(
    settings: NodeSettings,
    work: Work,
    *,
    clock: Clock | None = None,
    crew: WriterPool | None = None,
    restoring: bool = False,
    upgrading: bool = True,
    progress: Progress = silent,
) -> Node:
    """One node of the network, not started yet; `restoring` opens it to take back what it had sent.

    Without a `crew` the node has one of its own and ends it. Errors: those of `take_ground`; nothing is held then.
    """
    with ExitStack() as held:
        ground = take_ground(held, settings, work, clock or Clock(), crew, restoring, upgrading, progress)
        leaving = _leaving(ground)
        proving = _proving(ground, leaving)
        arriving = _arriving(ground, leaving, proving.checkpoint_service)
        return _node(ground, leaving, proving, arriving, held.pop_all())


@dataclass(frozen=True)
class _Leaving:
    """The log, with what departs from it and what follows in it."""

    numbering: RouteNumbering
    ways: Ways
    outgoing: Outgoing
    outbox: Outbox
    sending: Sending
    key_requests: KeyRequests
    offers: Offers
    moving: Moving
    log: NodeLog


@dataclass(frozen=True)
class _Proving:
    """What lets others check the log."""

    checkpoint_service: CheckpointService
    proofs: Proofs


@dataclass(frozen=True)
class _Arriving:
    """What the node takes from others."""

    admission: Admission
    positions: Positions
    receipts: ReceiptsDue
    judges: Judging
    restoring: Restoring | None
    rollback: RollbackWatch
    inbox: Inbox
    parked: ParkedMessages


def _leaving(ground: Ground) -> _Leaving:
    numbering = RouteNumbering(ground.name, ground.incarnation, ground.work.directory, ground.engine)

    def write(work: Callable[[Group], Any]) -> "Future[Any]":
        return log.write(work)  # nothing is written before the log is there

    ways, outgoing = Ways(ground.settings, numbering.current_directory), Outgoing(ground.name)
    outbox = Outbox(ground.name, ground.engine, ground.keys)
    window = SendWindow(ground.settings.network.flow.window)
    sending = Sending(ground.incarnation, outbox, ways, window, outgoing)
    key_requests = KeyRequests(
        *(ground.name, ground.reading, ground.ring, ways.directory, outgoing),
        keys_for=ground.work.keys_for,
        made_keys=ground.work.made_keys,
    )
    offers = Offers(ground.name, ground.reading, ground.work, ways.directory, write)
    moving = moving_of(ground, ways, outgoing, write)
    following = Following(
        ground.name, ground.work, key_requests, offers, moving, _is_quiet(ground), had_before(ground)
    )
    after_commit = partial(tell_of_commit, numbering, outbox, outgoing, restoring=ground.restoring)
    log = _log(ground, numbering, following, after_commit)
    return _Leaving(numbering, ways, outgoing, outbox, sending, key_requests, offers, moving, log)


def _is_quiet(ground: Ground) -> bool:
    """Before what came back is put back, nothing follows: it may have followed already."""
    return ground.restoring and not (ground.begun and ground.begun.put_back)


def _log(
    ground: Ground, numbering: RouteNumbering, following: Following, after_commit: Callable[[], None]
) -> NodeLog:
    return NodeLog(
        name=ground.name,
        engine=ground.engine,
        incarnation=ground.incarnation,
        crew=ground.crew,
        ring=ground.ring,
        projector=projector_of(ground.work.projections),
        departures=numbering,
        reactions=following.react,
        fence=ground.lease,
        flow=ground.settings.network.flow,
        after_commit=after_commit,
    )


def _proving(ground: Ground, leaving: _Leaving) -> _Proving:
    signer = Signer(ground.log_name, ground.engine, ground.keys, ground.clock.now)
    network = ground.settings.network.name
    checkpoint_service = CheckpointService(
        signer,
        Witness(network, ground.name, ground.keys, ground.clock.now, leaving.ways.reads),
        position=lambda: leaving.log.position,
        witnesses=leaving.ways.witnesses,
        write=leaving.log.write,
        send_control=leaving.outgoing.send_control,
    )
    return _Proving(checkpoint_service, Proofs(signer, leaving.ways.witnesses))


def _arriving(ground: Ground, leaving: _Leaving, checkpoint_service: CheckpointService) -> _Arriving:
    network, keys_of_others = ground.settings.network, dict[str, str]()
    admission = Admission(
        me=ground.name,
        directory=leaving.ways.directory,
        seed_keys={network.county_node: network.county_signing_key},
        told_keys=keys_of_others,
        may_write=leaving.ways.may_write,
    )
    positions = Positions(ground.engine, ground.clock.now)
    judges = judging(
        *(ground, leaving.ways.directory, leaving.outgoing, positions),
        on_admitted=lambda name: parked.retry_source(name),
    )
    receipts = ReceiptsDue(positions, network.flow.early)
    restoring = _restoring(ground, leaving, positions, keys_of_others) if ground.restoring else None
    rollback = RollbackWatch(ground.name, ground.keys, ground.incarnation)
    control = ControlMessages(
        *(ground.name, admission, positions, receipts, leaving.sending, leaving.outgoing),
        *(leaving.key_requests, judges.evidence, leaving.moving),
        *(checkpoint_service, restoring, Asking(ground.clock.now)),
    )
    on_returned = restoring.take_back if restoring else rollback.take_returned
    inbox = Inbox(
        ground.name,
        admission,
        judges.admitting,
        positions,
        receipts,
        on_control=lambda group, message: control.take(group, message, inbox),
        on_returned=on_returned,
    )
    parked = ParkedMessages(leaving.log, inbox, ground.clock.now)
    return _Arriving(admission, positions, receipts, judges, restoring, rollback, inbox, parked)


def _restoring(
    ground: Ground, leaving: _Leaving, positions: Positions, keys_of_others: dict[str, str]
) -> Restoring:
    return Restoring(
        name=ground.name,
        engine=ground.engine,
        keys=ground.keys,
        positions=positions,
        directory=leaving.ways.directory,
        send_control=leaving.outgoing.send_control,
        write=lambda work: leaving.log.write(work).result(),
        seeds=frozenset({ground.settings.network.county_node}),
        keys_of_others=keys_of_others,
    )


def _node(ground: Ground, leaving: _Leaving, proving: _Proving, arriving: _Arriving, held: ExitStack) -> Node:
    return Node(
        settings=ground.settings,
        name=ground.name,
        work=ground.work,
        clock=ground.clock,
        keys=ground.keys,
        lease=ground.lease,
        engine=ground.engine,
        ring=ground.ring,
        accounts=_accounts(ground),
        log=leaving.log,
        numbering=leaving.numbering,
        ways=leaving.ways,
        outgoing=leaving.outgoing,
        outbox=leaving.outbox,
        sending=leaving.sending,
        key_requests=leaving.key_requests,
        offers=leaving.offers,
        moving=leaving.moving,
        checkpoint_service=proving.checkpoint_service,
        proofs=proving.proofs,
        admission=arriving.admission,
        positions=arriving.positions,
        receipts=arriving.receipts,
        evidence=arriving.judges.evidence,
        begun=ground.begun,
        restoring=arriving.restoring,
        rollback=arriving.rollback,
        inbox=arriving.inbox,
        parked=arriving.parked,
        status=(status := _status(ground, leaving, proving, arriving)),
        readiness=Readiness(ground.settings, ground.lease, leaving.log, leaving.outgoing, status),
        held=held,
    )


def _accounts(ground: Ground) -> Accounts:
    rehearsal = ground.settings.network.rehearsal
    return Accounts(ground.engine, passwords=REHEARSAL_PASSWORDS if rehearsal else PASSWORDS)


def _status(ground: Ground, leaving: _Leaving, proving: _Proving, arriving: _Arriving) -> Status:
    return Status(
        ground.clock.now,
        ground.reading,
        leaving.log,
        leaving.sending,
        leaving.outgoing,
        arriving.positions,
        arriving.parked,
        proving.proofs,
        leaving.key_requests,
        leaving.moving,
    )
