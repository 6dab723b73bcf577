"""Bugs that the simulator must find: each changes a line or two of the product while it is planted.

Some bugs of relay and inbox are not here because another part heals what they break, so that nothing
is wrong in the end: a resend request that is ignored, a wiped topic that is not noticed, and a relay
that goes past an unsent fact are all healed by the end of a route that is sent again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock, patch

from shared.envelope import Envelope
from shared.event_log import writer as writers
from shared.event_log.answers import Answers
from shared.event_log.flight import Flight, NotKept
from shared.event_log.group import Group
from shared.event_log.key_ring import KeyRing
from shared.event_log.names import fact_classes
from shared.event_log.streams import Streams
from shared.event_log.transaction import Transaction
from shared.event_log.writer import Writer
from shared.node import following as followings
from shared.node import judging
from shared.node.evidence import Evidence
from shared.node.following import Following
from shared.node.key_requests import KeyRequests
from shared.projections import entitlements
from shared.projections.projections import Projections, Touched
from shared.restore import put_back
from shared.restore import session as restoring
from shared.transport import authority, continuity, departures, doubles, evidence_here
from shared.transport.admitting import Admitting
from shared.transport.departures import RouteNumbering
from shared.transport.incarnation_ends import Ended
from shared.transport.outbox import Outbox
from shared.transport.parking import Reason
from shared.transport.positions import Positions
from shared.transport.receipts import ReceiptsDue
from shared.transport.window import SendWindow
from shared.transport.wire import Arrived
from shared.work.catalogue import WORK
from shared.work.common.order_refusals import NotStored
from shared.work.common.words import DayStatus
from shared.work.matters import reactions
from shared.work.matters.offering import Offering
from shared.work.matters.questions import present_matters
from shared.work.office import restore_report
from shared.work.reports.questions import reports
from shared.work.reports.questions.sheet_lines import SheetLine
from shared.writer_lease import lease as leases
from tests.simulator import menu


@dataclass(frozen=True)
class Planted:
    """A bug; `within` is the number of seeds, counted from `first`, of which one must show it.

    `first` is the first seed that was seen to show it: the seeds before it cost four seconds each and show nothing. A
    change of the simulator moves it, therefore more than one may be played. `with_liar` plays in a county with a node
    that lies.
    """

    bug: Callable[[], AbstractContextManager[Any]]
    within: int = 20
    first: int = 1
    with_liar: bool = False

    @contextmanager
    def in_the_code(self) -> Iterator[None]:
        """The bug while it is planted; people want the same orders as ever, so that a new order moves no seed."""
        with self.bug(), patch.object(menu, "MENU", menu.BY_HAND):
            yield


def _instead(of: Any, name: str, other: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(of, name, other)


def _nothing(*_: Any, **__: Any) -> None:
    """Does not do what it should."""


def _parked_without_a_word(
    self: Admitting, group: Group, arrived: Arrived, envelope: Envelope, reason: Reason, detail: str
) -> None:
    self.park(group, arrived, reason, detail)


@contextmanager
def _numbers_kept() -> Iterator[None]:
    """The last numbers of routes stay in memory, also when the commit that gave them failed."""

    def read_again(self: RouteNumbering, connection: Any) -> None:
        self.directory = self._next = self._load(connection)  # pyright: ignore[reportPrivateUsage]

    with (
        patch.object(RouteNumbering, "rollback", _nothing),
        patch.object(RouteNumbering, "read_again", read_again),
    ):
        yield


def _left_open(self: Transaction) -> None:
    """A transaction whose commit failed goes back to the pool as it is."""
    self.link.close()


def _chained_beyond_a_gap(held: continuity.Progress, batch: list[continuity.Pair]) -> continuity.Batch:
    """Takes whatever comes after what is held, whether the numbers between are there or not."""
    run, number = continuity.Batch(), held.held
    for pair in batch:
        if pair[1].number > number:
            number = pair[1].number
            run.taken.append(pair)
    return run


def _chained_without_skipping(held: continuity.Progress, batch: list[continuity.Pair]) -> continuity.Batch:
    """Does not know again what it has already."""
    again = [pair for pair in batch if pair[1].number <= held.held]
    run = _CHAINED(held, batch)
    run.wrong += [(arrived, continuity.Reason.WRONG_HASH, "") for arrived, _ in again]
    return run


_CHAINED = continuity._chained  # pyright: ignore[reportPrivateUsage]


def _durable_is_what_was_seen(self: ReceiptsDue, taken: set[continuity.SourceRoute]) -> None:
    """Receipts name the highest number that was seen."""
    lanes = self._positions.source_routes  # pyright: ignore[reportPrivateUsage]
    self.durable |= {lane: lanes[lane].highest for lane in taken & lanes.keys()}
    self._touched |= taken & lanes.keys()  # pyright: ignore[reportPrivateUsage]


def _answer_then_commit(self: Writer, members: list[Any], before: Any = None, *, again: bool = False) -> None:
    """Answers before the commit."""
    with self._open_group(before) as group:  # pyright: ignore[reportPrivateUsage]
        group.expect([work for work, _ in members], look=True)
        for work, future in members:
            result, refusal = writers._attempt(group, work)  # pyright: ignore[reportPrivateUsage]
            writers._answer(future, result, refusal)  # pyright: ignore[reportPrivateUsage]
        with suppress(Exception):
            group.seal()
            group.commit()
            group.land()
    self._after_commit()  # pyright: ignore[reportPrivateUsage]


def _built_on_what_is_lost(
    self: Writer, held: ExitStack, members: list[Any], before: Any, again: bool
) -> Flight:
    """What was decided on top of a group that was not kept is sent all the same."""
    if before is None:
        return _DECIDED(self, held, members, before, again)
    taken_for_kept: Any = Mock(group=before.group, is_over=False)
    flight = _DECIDED(self, held, members, taken_for_kept, again)
    try:
        before.land()
    except NotKept:
        before.group._transaction.close()  # pyright: ignore[reportPrivateUsage]
        for _, future in before.members:
            writers._answer(future, None, NotStored(reason="lost"))  # pyright: ignore[reportPrivateUsage]
    return flight


_DECIDED = Writer._decided  # pyright: ignore[reportPrivateUsage]


@contextmanager
def _keys_after_the_commit() -> Iterator[None]:
    """Facts are durable before the keys that seal them."""
    kept, land = KeyRing.keep, Group.land

    def late(self: Group) -> None:
        land(self)
        kept(self.parts.ring)

    with patch.object(KeyRing, "keep", _nothing), patch.object(Group, "land", late):
        yield


@contextmanager
def _keys_for_everybody() -> Iterator[None]:
    """Whoever sees a matter go by asks for its keys, and gets them."""
    with ExitStack() as held:
        held.enter_context(patch.object(KeyRequests, "follow", KeyRequests.want))
        held.enter_context(patch.object(entitlements, "entitled", lambda *_: True))
        yield


@contextmanager
def _no_rule_of_its_own() -> Iterator[None]:
    """What a kind of fact rests on is not looked at."""
    with ExitStack() as held:
        for fact in {ruled for known in fact_classes().values() for ruled in known.__mro__}:
            if "require_theirs" in vars(fact):
                held.enter_context(patch.object(fact, "require_theirs", _nothing))
        yield


def _believed_without(of: Any, check: str, first: int = 1) -> Planted:
    """A check of what others say is not made; a node that lies shows it."""
    return Planted(_instead(of, check, _nothing), first=first, with_liar=True)


def _react_twice(self: Following, context: Any, known: Any) -> None:
    _REACT(self, context, known)
    context._touched.clear()
    _REACT(self, context, known)


_REACT = Following.react


def _project_a_few(self: Projections, connection: Any, news: list[Any]) -> None:
    """The end of a large group does not reach the projections."""
    _PROJECT(self, connection, list(news)[:3])


_PROJECT = Projections.apply


@contextmanager
def _corrections_overwrite() -> Iterator[None]:
    fresh = patch.object(
        WORK.projections, "_handlers", {}
    )  # what was looked up before is not looked up again
    with patch.dict(reports.HANDLERS, {"report.corrected": _overwritten}), fresh:
        yield


def _overwritten(fact: Any) -> Any:
    """A correction takes the place of the original."""
    fact.data["version"] = 1
    return _REPORTED(fact)


_REPORTED = reports.HANDLERS["report.corrected"]


def _silent_as_zero(line: SheetLine) -> DayStatus:
    status = _STATUS(line)
    return DayStatus.ZERO if status is DayStatus.SILENT else status


_STATUS: Callable[[SheetLine], DayStatus] = SheetLine.status.fget  # pyright: ignore[reportAssignmentType]


class _OnlyGrowing(Counter[Any]):
    """A matter that leaves a list is still counted there."""

    def subtract(self, *_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Does not take away."""


def _free_the_sender_only(context: Any, fact: Any, mine: Any) -> None:
    """An override does not stop the office that it takes the matter from."""
    if mine(fact.sender):
        reactions._offering(context, fact.case, fact.came_by).end_offer(  # pyright: ignore[reportPrivateUsage]
            offer=fact.offer, at=context.at
        )


def _offer_again(self: Offering, **said: Any) -> None:
    """An offer is made while another one is open."""
    self.offered_to = None
    _MAKE_OFFER(self, **said)


_MAKE_OFFER = Offering.make_offer


@contextmanager
def _life_goes_on() -> Iterator[None]:
    """A restored node goes on in the incarnation in which its disk was lost."""
    with (
        patch.object(restoring, "incarnation_of", lambda _: 0),
        patch.object(put_back, "_incarnations", lambda *_: [0]),
    ):
        yield


@contextmanager
def _followed_is_forgotten() -> Iterator[None]:
    """A restored node does not know what had followed from what it hears again."""
    with (
        patch.object(put_back, "effects_of", lambda *_: {}),
        patch.object(followings, "effects_of", lambda *_: {}),
    ):
        yield


def _ways_are_done(self: RouteNumbering, incarnation: int, _: Any) -> None:
    """What came back counts as departed on all of its routes."""
    self._incarnation = incarnation  # pyright: ignore[reportPrivateUsage]


PLANTED: dict[str, Planted] = {
    "lost tails are not sent again": Planted(_instead(SendWindow, "tail_is_lost", lambda *_: False)),
    "the relay never goes back": Planted(_instead(Outbox, "go_back", _nothing)),
    "numbers of a failed commit are used up": Planted(_numbers_kept),
    "what a failed commit placed is sent": Planted(
        _instead(RouteNumbering, "_forget", lambda self: self._heads.clear())
    ),
    "the inbox takes beyond a gap": Planted(_instead(continuity, "_chained", _chained_beyond_a_gap)),
    "a message that comes again is not skipped": Planted(
        _instead(continuity, "_chained", _chained_without_skipping)
    ),
    "the inbox does not look again after a rollback": Planted(
        _instead(Positions, "doubt", _nothing), first=12
    ),
    "receipts promise what was only seen": Planted(
        _instead(ReceiptsDue, "made_durable", _durable_is_what_was_seen)
    ),
    "what was decided on a group that is lost is sent": Planted(
        _instead(Writer, "_decided", _built_on_what_is_lost), first=9
    ),
    "a group is answered before its commit": Planted(_instead(Writer, "_do", _answer_then_commit)),
    "streams of a failed commit stay in memory": Planted(_instead(Streams, "clear", _nothing), first=21),
    "answers of a failed commit stay in memory": Planted(_instead(Answers, "clear", _nothing)),
    "a failed commit stays open in the pool": Planted(_instead(Transaction, "close", _left_open), first=52),
    "a commit that failed is taken for kept": Planted(_instead(Group, "_was_kept", lambda _: True)),
    "keys are kept after the commit": Planted(_keys_after_the_commit),
    "an idempotency key is not kept": Planted(_instead(Answers, "keep", _nothing)),
    "the fence is not looked at": Planted(_instead(leases.fcntl, "flock", _nothing)),
    "reactions happen twice": Planted(_instead(Following, "react", _react_twice), first=2),
    "requests for keys are not repeated": Planted(_instead(KeyRequests, "ask_again", _nothing)),
    "keys go to everybody": Planted(_keys_for_everybody),
    "the end of a large group is not projected": Planted(_instead(Projections, "apply", _project_a_few)),
    "a correction takes the place of the original": Planted(_corrections_overwrite),
    "silence is shown as zero": Planted(_instead(SheetLine, "status", property(_silent_as_zero))),
    "where a matter stands is not written anew": Planted(_instead(Touched, "derive", _nothing)),
    "counts of lists only grow": Planted(_instead(present_matters, "Counter", _OnlyGrowing)),
    "an override does not stop the receiver": Planted(
        lambda: patch.dict(WORK.reactions, {"override.ordered": (_free_the_sender_only,)}),
        first=2,
    ),
    "a restored node goes on in its old life": Planted(_life_goes_on),
    "a restored node does not take its facts back": Planted(_instead(put_back, "_back", lambda _: iter(()))),
    "a restored node goes on under its old numbers": Planted(
        _instead(departures, "route_in_incarnation", lambda route, _: route), first=6
    ),
    "a restored node does not look which numbers were given": Planted(
        _instead(restore_report, "_given", lambda *_: iter(())), first=3
    ),
    "a restored node answers before it is whole": Planted(
        _instead(judging, "Evidence", lambda *known: Evidence(*known[:-1], True)), within=5, first=5
    ),
    "what was on the road in a restore is taken later": Planted(
        _instead(Ended, "may_come", lambda *_: True), within=5, first=5
    ),
    "what came back without a place goes nowhere": Planted(
        _instead(RouteNumbering, "begin_incarnation", _ways_are_done), within=5, first=5
    ),
    "what had followed from a fact follows once more in a restore": Planted(
        _followed_is_forgotten, within=5, first=37
    ),
    "a new life overtakes the one before": Planted(
        _instead(Positions, "is_early", lambda *_: False), within=5, first=52
    ),
    "a second offer is made while one is open": Planted(_instead(Offering, "make_offer", _offer_again)),
    "whoever speaks is believed": _believed_without(evidence_here.EvidenceHere, "require_speaker"),  # pyright: ignore[reportPrivateUsage]
    "anybody goes on with a record": _believed_without(authority.Authority, "_require_record"),
    "what a fact rests on is not looked at": Planted(_no_rule_of_its_own, first=2, with_liar=True),
    "a text is taken under any seal": _believed_without(authority, "require_seals"),
    "a fact is filed where it says": _believed_without(authority, "_require_attributes", first=2),
    "a mailbox takes what is for nobody there": _believed_without(evidence_here.EvidenceHere, "require_here"),  # pyright: ignore[reportPrivateUsage]
    "a fact bears any id": Planted(
        _instead(doubles, "bears_its_own_id", lambda _: True), first=2, with_liar=True
    ),
    "nobody is told of another log": Planted(
        _instead(Admitting, "park_double", _parked_without_a_word), with_liar=True
    ),
    "keys go out on the asker's word": Planted(
        _instead(entitlements, "entitled", lambda *_: True), with_liar=True
    ),
}
"""Bugs by what they do."""
