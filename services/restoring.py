"""`huiyin restore`: a node whose database was put back, or is empty, takes back what it had sent."""

import secrets
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import TypeVar

from services.restore_words import gaps_told, nodes_told, progress_told
from services.terminal import line
from shared.envelope import moment_text
from shared.node.node import Node
from shared.process.host import Host
from shared.restore.put_back import let_follow, put_back
from shared.restore.session import ASK_AGAIN, RestoreProgress, Restoring, answers_of, gaps_of
from shared.transport.route_names import route_in_incarnation
from shared.transport.routes import UP
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.office.restore_report import Report, finish

LOOK_EVERY = 0.2
"""Seconds between two looks at what has come; answers take about as long."""

QUIET = 20.0
"""Seconds without any news after which --go-on goes on: four times as long as a node is given before it is asked again."""

RESTORE = "restore"
"""Stands in the history of an account for whoever restored its node."""

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that others have a part in: after each of its steps it waits for what they say."""


class NobodyAnswers(CannotGoOn):
    """Nobody who could know of this node has answered."""

    code = "nobody-answers"


class Ended(CannotGoOn):
    """Somebody ended the command; the next one goes on from there."""

    code = "restore-ended"


def restore(
    opened: Callable[[], Host], name: str, *, ask: Iterable[str] = (), go_on: bool = False, stop: Event
) -> Report:
    """Restore a node; `opened` gives its host, twice, since a new incarnation needs a new one.

    Errors: NobodyAnswers, OtherHistory, Ended, those of opening.
    """
    with closing(in_steps(opened, name, time.monotonic, ask=ask, go_on=go_on)) as steps:
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return done.value
            _pause(stop)


def in_steps(
    opened: Callable[[], Host],
    name: str,
    now: Callable[[], float],
    *,
    ask: Iterable[str] = (),
    go_on: bool = False,
) -> Steps[Report]:
    """The same by steps, each as far as it gets until others have said more; `now` counts seconds.

    Errors: as `restore`, but for Ended; closing it ends the command.
    """
    with _at_work(opened, name) as (node, restoring):
        begun = restoring.begin(moment_text(node.now()), secrets.token_hex(8))
        if not begun.put_back:
            restoring.seeds |= frozenset(ask)
            yield from _collect(node, restoring, go_on, now)
            begun = node.write(lambda group: put_back(group, node.begin_incarnation))
    with _at_work(opened, name) as (node, _):
        yield from _take_from_others(node, go_on, now)
        let_follow(node.log, begun, node.write)
        yield from _make_known(node, begun.mark, go_on, now)
        _let_nobody_in(node)
        return node.write(lambda group: finish(group, node))


@contextmanager
def _at_work(opened: Callable[[], Host], name: str) -> Iterator[tuple[Node, Restoring]]:
    host = opened()
    host.start()
    node = host.nodes[name]
    assert node.restoring is not None
    try:
        yield node, node.restoring
    finally:
        host.stop()


def _collect(node: Node, restoring: Restoring, go_on: bool, now: Callable[[], float]) -> Steps[None]:
    """Ask until everything is here, or, going on, until nothing new comes any more."""
    before, since = None, now()
    while not (progress := restoring.look(now())).done:
        if progress != before:
            before, since = progress, now()
            line(progress_told(progress, node.directory))
        if go_on and now() - since > QUIET:
            _require_somebody(node, progress)
            return
        yield
    line(progress_told(progress, node.directory))


def _take_from_others(node: Node, go_on: bool, now: Callable[[], float]) -> Steps[None]:
    """Wait until what others had sent is here again; going on, until nothing new comes any more."""
    before, since = None, now()
    while gaps := gaps_of(node.positions):
        held = sum(progress.held for progress in node.positions.gaps().values())
        if (gaps, held) != before:
            before, since = (gaps, held), now()
            line(gaps_told(gaps, node.directory))
        if go_on and now() - since > QUIET:
            return
        yield


def _make_known(node: Node, restore_token: str, go_on: bool, now: Callable[[], float]) -> Steps[None]:
    """Tell the new incarnation to all who answered, until each has said that it knows; going on, until one has.

    So a later restore from the same old backup cannot take this incarnation for one that never was. Whoever answered has
    forgotten what this node holds, and is told so anew.
    """
    node.receipts.touch_all()
    answered, name = set(node.ask(answers_of)), route_in_incarnation(UP, node.incarnation)
    asked_at = -ASK_AGAIN
    while not (answered <= (knows := node.outbox.holders_who_know(name)) or (go_on and knows & answered)):
        if now() - asked_at >= ASK_AGAIN:
            asked_at = now()
            node.sending.tell_incarnation(sorted(answered - knows), restore_token)
            node.outgoing.has_news()
        yield


def _let_nobody_in(node: Node) -> None:
    """End every session and token: those that were ended after the backup came back with it."""
    for account in node.accounts.list_accounts():
        node.accounts.revoke_all(account.id, by=RESTORE, at=node.now())


def _require_somebody(node: Node, progress: RestoreProgress) -> None:
    """Nobody may go on who has heard from none of those who would know of an earlier incarnation. Errors: NobodyAnswers."""
    above = set(node.holders_of(UP)) or set(node.ask(answers_of)) | set(progress.silent)
    if not above - set(progress.silent) or not progress.knows_itself:
        raise NobodyAnswers(
            f"{node.name}: none of {nodes_told(sorted(above), node.directory)} has answered, so it is not known what this node had "
            "sent; let one of them run, or name one that runs with --ask"
        )


def _pause(stop: Event) -> None:
    if stop.wait(LOOK_EVERY):
        raise Ended("ended; the same command goes on from here")
