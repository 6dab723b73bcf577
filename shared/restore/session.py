"""A node that was restored from a backup, or begins with an empty database, takes back what it had sent.

    ask      every node of the directory: what do you hold of me beyond what I have, how far do you go for me?
    take     its own facts as they come, checked with its own key; what others had sent, as always
    put back once all is here: its facts with their old places into the log, and a new incarnation begun
    follow   reactions to all that came since; the others told of the new incarnation, and one of them says so

Until the end it takes no order and does not react, so that nothing is decided on half a memory. Each step
can be done again: a command that was ended goes on where it stood.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from shared.database.writes import upsert
from shared.envelope import CHAIN_START, Envelope
from shared.event_log.group import Group
from shared.event_log.journal import incarnation_of
from shared.event_log.known import end_of_journal
from shared.event_log.node_keys import NodeKeys, signed_by
from shared.event_log.tables import HOLDINGS, NODE_STATE, PLACES, RESTORE_ANSWERS, RETURNED, ROUTES
from shared.restore.messages import LATEST_INCARNATION, Answer, Reached, request_body
from shared.transport.continuity import Pair, Progress, accept_contiguous
from shared.transport.messages import Control, OnRoute, chain_statement
from shared.transport.outbox import holding_rows
from shared.transport.parking import Reason
from shared.transport.positions import Positions
from shared.transport.route_names import route_and_incarnation, route_in_incarnation
from shared.transport.routes import UP, mailbox_route, way_of
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.unit_tree import Directory

log = logging.getLogger(__name__)

ASK_AGAIN = 5.0
"""Seconds before a node that did not answer is asked again; an answer takes well under one."""

_STATE = "restore"


class RestoreUnfinished(CannotGoOn):
    """A node that has not yet taken back what it had sent must not work."""

    code = "restore-unfinished"


class OtherHistory(CannotGoOn):
    """The log holds facts of its own in the place of those that had been sent."""

    code = "other-history"


@dataclass(frozen=True)
class Begun:
    """Where a restore stands: the incarnation and journal position it found, and whether all is put back.

    `mark` is chance: whoever answers repeats it, since answers to an earlier restore may still lie on the wire.
    """

    life: int
    since: int
    begun_at: str
    mark: str
    put_back: bool = False
    taken_back: int = 0


@dataclass(frozen=True)
class RestoreProgress:
    """How far it is: who was asked and has not answered, what is on its way, how many facts came back."""

    silent: tuple[str, ...]
    on_the_way: Reached
    gaps: tuple[str, ...]
    returned: int
    knows_itself: bool

    @property
    def done(self) -> bool:
        """Whether everything that anybody holds is here."""
        return self.knows_itself and not (self.silent or self.on_the_way or self.gaps)


@dataclass
class Restoring:
    """The talk of one restored node with the others.

    `send_control` sends a control message, `write` lets the node's writer do something and waits for it; `seeds` are the
    nodes to ask while the directory is not here; `keys_of_others` are signing keys that the node's own returned
    facts tell of.
    """

    name: str
    engine: Engine
    keys: NodeKeys
    positions: Positions
    directory: Callable[[], Directory]
    send_control: Callable[[str, str, dict[str, Any]], None]
    write: Callable[[Callable[[Group], Any]], Any]
    seeds: frozenset[str]
    keys_of_others: dict[str, str] = field(default_factory=dict)
    other_history: set[str] = field(default_factory=set)
    _asked: dict[str, tuple[float, Reached]] = field(default_factory=dict)
    _restore_token: str = ""

    def begin(self, at: str, restore_token: str) -> Begun:
        """Note where the log stood when it was restored; once."""
        with self.engine.connect() as connection:
            for row in connection.execute(select(RETURNED.c.body)):
                self._learn(Envelope.read(bytes(row.body)))
            known = begun_of(connection)
            begun = known or Begun(incarnation_of(connection), end_of_journal(connection), at, restore_token)
        if known is None:
            self.write(lambda group: keep_begun(group.connection, begun))
        self._restore_token = begun.mark
        return begun

    def look(self, now: float) -> RestoreProgress:
        """Ask whoever has not answered, or holds more; `now` counts seconds. Errors: OtherHistory."""
        with self.engine.connect() as connection:
            reached, answers = reached_by(connection), answers_of(connection)
            self._refuse_other_history(connection, answers)
            returned = connection.scalar(select(func.count()).select_from(RETURNED)) or 0
        ahead = {node: _beyond(answer, reached) for node, answer in answers.items()}
        silent = self._everybody() - answers.keys()
        for name in sorted(silent | {node for node, more in ahead.items() if more}):
            self._ask(name, reached, now)
        gaps = gaps_of(self.positions) if self._takes_from_others() else ()
        on_the_way = {name: held for more in ahead.values() for name, held in more.items()}
        return RestoreProgress(tuple(sorted(silent)), on_the_way, gaps, returned, self._knows_itself())

    def take_back(self, group: Group, pairs: list[Pair]) -> None:
        """Own facts came back: keep what continues each route and was signed here."""
        for name in dict.fromkeys(_name_of(on) for _, on in pairs):
            of_route = [pair for pair in pairs if _name_of(pair[1]) == name]
            batch = accept_contiguous(_held(group.connection, name), of_route, self._is_mine)
            for arrived, reason, detail in batch.wrong:
                log.warning("%s: %s came back and does not fit: %s", self.name, name, detail)
                if reason is Reason.WRONG_HASH and any(self._is_mine(on) for a, on in pairs if a is arrived):
                    group.on_commit.append(lambda name=name: self.other_history.add(name))
            rows = [_row(on) for _, on in batch.taken]
            if rows:
                group.connection.execute(RETURNED.insert(), rows)
            for _, on in batch.taken:
                self._learn(on.envelope)

    def take_answer(self, group: Group, control: Control) -> None:
        """Another node said what it holds, and how far its routes to this one go. Errors: ValueError and its like."""
        if not self._restore_token or control.body["mark"] != self._restore_token:
            return
        answer = Answer.read(control.body)
        upsert(
            group.connection, RESTORE_ANSWERS, [{"node": control.source, "said": json.dumps(control.body)}]
        )
        held = {name: holding.held for name, holding in answer.holdings.items()}
        upsert(group.connection, HOLDINGS, holding_rows(control.source, held, control.sent_at))
        for name, last in answer.lasts.items():
            route, incarnation = route_and_incarnation(name)
            if way_of(route) in (UP, mailbox_route(self.name)):
                self.positions.expect(group, (control.source, incarnation, route), last)

    def _refuse_other_history(self, connection: Connection, answers: dict[str, Answer]) -> None:
        """Stop where others hold another fact in the place of one that is here."""
        for node, answer in answers.items():
            for name, holding in answer.holdings.items():
                here = _chain_at(connection, name, holding.held)
                if name in self.other_history or here not in (None, holding.chain):
                    raise OtherHistory(
                        f"{self.name}: {node} holds other facts on {name}, up to number {holding.held}: "
                        "something was recorded here after the backup was put back. "
                        "Put the backup back once more and restore before the node is started"
                    )

    def _ask(self, name: str, reached: Reached, now: float) -> None:
        before = self._asked.get(name)
        if before is None or now - before[0] >= ASK_AGAIN or before[1] != reached:
            self._asked[name] = now, reached
            self.send_control("return-request", name, request_body(reached, self._restore_token))

    def _everybody(self) -> set[str]:
        known = self.directory().nodes.keys() | self.keys_of_others.keys()
        return (known or set(self.seeds)) - {self.name}

    def _knows_itself(self) -> bool:
        return self.name in self.directory().nodes or self.name in self.keys_of_others

    def _takes_from_others(self) -> bool:
        """The county with an empty database knows nobody's key before its own directory is put back."""
        return bool(self.directory().nodes) or not self.keys_of_others

    def _is_mine(self, on: OnRoute) -> bool:
        """Whether this node signed it, with its present key or with one that the county has replaced since."""
        known = self.directory().nodes.get(self.name)
        earlier = known.earlier_keys if known else ()
        keys = (self.keys.public_signing(), *earlier)
        return on.envelope.incarnation <= LATEST_INCARNATION and any(_has_signed(key, on) for key in keys)

    def _learn(self, envelope: Envelope) -> None:
        """The county's own directory facts say who else there is, before they are put back."""
        if envelope.name == "node.admitted":
            data = json.loads(envelope.data)
            self.keys_of_others[data["name"]] = data["signing_key"]


def gaps_of(positions: Positions) -> tuple[str, ...]:
    """Routes of others that are known to go further than they are held here."""
    return tuple(sorted(f"{source} {route}" for source, _, route in positions.gaps()))


def shows_more(connection: Connection, keys: NodeKeys, incarnation: int, pairs: list[Pair]) -> bool:
    """Whether facts show that this node has signed more in its present incarnation than is in its log."""
    reached, mine = reached_by(connection), keys.public_signing()
    beyond = (on for _, on in pairs if on.number > reached.get(_name_of(on), 0))
    return any(on.envelope.incarnation == incarnation and _has_signed(mine, on) for on in beyond)


def begun_of(connection: Connection) -> Begun | None:
    """The restore that is not finished; none when there is none."""
    said = connection.scalar(select(NODE_STATE.c.value).where(NODE_STATE.c.name == _STATE))
    return Begun(**json.loads(said)) if said else None


def keep_begun(connection: Connection, begun: Begun) -> None:
    """Remember where a restore stands."""
    upsert(connection, NODE_STATE, [{"name": _STATE, "value": json.dumps(vars(begun))}])


def end_restore(connection: Connection) -> None:
    """The node may work again."""
    connection.execute(NODE_STATE.delete().where(NODE_STATE.c.name == _STATE))
    connection.execute(RESTORE_ANSWERS.delete())


def answers_of(connection: Connection) -> dict[str, Answer]:
    """What each node answered."""
    rows = connection.execute(select(RESTORE_ANSWERS)).all()
    return {row.node: Answer.read(json.loads(row.said)) for row in rows}


def reached_by(connection: Connection) -> Reached:
    """How far every own route is here, with what has come back."""
    reached = {row.route: row.last for row in connection.execute(select(ROUTES.c.route, ROUTES.c.last))}
    columns = RETURNED.c
    ends = select(columns.route, columns.incarnation, func.max(columns.number))
    for route, incarnation, number in connection.execute(ends.group_by(columns.route, columns.incarnation)):
        name = route_in_incarnation(route, incarnation)
        reached[name] = max(number, reached.get(name, 0))
    return reached


def _beyond(answer: Answer, reached: Reached) -> Reached:
    return {
        name: holding.held for name, holding in answer.holdings.items() if holding.held > reached.get(name, 0)
    }


def _held(connection: Connection, name: str) -> Progress:
    number = reached_by(connection).get(name, 0)
    return Progress(number, _chain_at(connection, name, number) or CHAIN_START)


def _chain_at(connection: Connection, name: str, number: int) -> bytes | None:
    """The chain of an own route at a number; none when this node does not have it."""
    route, incarnation = route_and_incarnation(name)
    here = (RETURNED.c.route == route, RETURNED.c.incarnation == incarnation, RETURNED.c.number == number)
    back = connection.scalar(select(RETURNED.c.chain).where(*here))
    own = (PLACES.c.route == name, PLACES.c.number == number)
    chain = back or connection.scalar(select(PLACES.c.chain).where(*own))
    return bytes(chain) if chain else None


def _has_signed(key: str, on: OnRoute) -> bool:
    statement = chain_statement(on.envelope, on.route, on.number, on.chain)
    return signed_by(key, statement, on.signature)


def _name_of(on: OnRoute) -> str:
    return route_in_incarnation(on.route, on.envelope.incarnation)


def _row(on: OnRoute) -> dict[str, Any]:
    return {
        "incarnation": on.envelope.incarnation,
        "route": on.route,
        "number": on.number,
        "chain": on.chain,
        "body": on.envelope.body,
    }
