"""What a restore brought back and what nobody held: kept in the node's database, for its clerks to go by."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine, func, select

from shared.database.writes import upsert
from shared.envelope import Envelope, moment_text
from shared.event_log.group import Group
from shared.event_log.key_ring import KeyRing
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import HANDED_OVER, NODE_STATE
from shared.restore.session import Begun, answers_of, begun_of, end_restore, reached_by
from shared.work.common.calendar import day_of
from shared.work.common.numbering import life_of, numbers_before
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory
from shared.work.matters.case import Case
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.registers import last_register_no

_KEPT = "restored"

GIVEN_UP_AFTER = 100
"""Register numbers without a key in a row after which none is looked for. Unit: numbers; orders that were refused
leave no key, and a crash leaves at most those of one group."""


@dataclass(frozen=True)
class LostNumbers:
    """Numbers of a route that some office saw and none holds."""

    route: str
    first: int
    last: int


@dataclass(frozen=True)
class Register:
    """One office's register of a year: the last number that is here, those that were given and are lost, the next."""

    unit: str
    year: int
    last: int
    lost: tuple[int, ...]
    next: int


@dataclass(frozen=True)
class Report:
    """What came of a restore; moments as text in UTC.

    `known_until`: when the last fact that is here from earlier lives was recorded. What was entered
    between it and `begun_at`, and is not in the log, has to be entered again from paper. `torn`: streams
    of which a fact is missing, as kind and number or id; no order is taken on them.
    """

    life: int
    begun_at: str
    finished_at: str
    taken_back: int
    known_until: str
    answered: tuple[str, ...]
    silent: tuple[str, ...]
    lost: tuple[LostNumbers, ...]
    registers: tuple[Register, ...]
    torn: tuple[str, ...]
    awaited_keys: int


class Reported(Protocol):
    """What a report needs of its node."""

    engine: Engine
    ring: KeyRing
    name: str

    @property
    def directory(self) -> Directory: ...
    @property
    def incarnation(self) -> int: ...
    def now(self) -> datetime: ...
    def units(self) -> list[UnitInfo]: ...
    def want_missing_keys(self, group: Group) -> int: ...


def finish(group: Group, node: Reported) -> Report:
    """End the restore and keep its report."""
    begun = begun_of(group.connection)
    if begun is None:
        raise LookupError("nothing is being restored")
    made = _report(group, node, begun)
    end_restore(group.connection)
    kept = [*reports(group.connection), asdict(made)]
    upsert(group.connection, NODE_STATE, [{"name": _KEPT, "value": json.dumps(kept)}])
    return made


def reports(connection: Connection) -> list[dict[str, Any]]:
    """The reports of every restore of this node, the oldest first, as plain values."""
    said = connection.scalar(select(NODE_STATE.c.value).where(NODE_STATE.c.name == _KEPT))
    return json.loads(said) if said else []


def _report(group: Group, node: Reported, begun: Begun) -> Report:
    connection = group.connection
    answers = answers_of(connection)
    return Report(
        life=node.incarnation,
        begun_at=begun.begun_at,
        finished_at=moment_text(node.now()),
        taken_back=begun.taken_back,
        known_until=_known_until(connection, node.incarnation),
        answered=tuple(sorted(answers)),
        silent=tuple(sorted(node.directory.nodes.keys() - answers.keys() - {node.name})),
        lost=tuple(_lost(connection)),
        registers=tuple(_registers(connection, node)),
        torn=tuple(_torn(connection)),
        awaited_keys=node.want_missing_keys(group),
    )


def _known_until(connection: Connection, life: int) -> str:
    for row in connection.execute(select(STORED_EVENTS.c.state).order_by(STORED_EVENTS.c.id.desc())):
        envelope = Envelope.read(bytes(row.state))
        if envelope.incarnation < life:
            return moment_text(envelope.recorded)
    return ""


def _lost(connection: Connection) -> Iterator[LostNumbers]:
    reached, seen = reached_by(connection), dict[str, int]()
    for answer in answers_of(connection).values():
        for name, holding in answer.holdings.items():
            seen[name] = max(holding.highest, seen.get(name, 0))
    for name, highest in sorted(seen.items()):
        if highest > reached.get(name, 0):
            yield LostNumbers(name, reached.get(name, 0) + 1, highest)


def _registers(connection: Connection, node: Reported) -> Iterator[Register]:
    today = day_of(node.now())
    for unit in map(node.directory.units.__getitem__, sorted(node.directory.kept_ever(node.name))):
        for year in _years(connection, unit.unit, today):
            last = last_register_no(connection, unit.unit, year)
            homes = [home for home, keeper in enumerate(unit.homes, 1) if keeper == node.name]
            lives = [life_of(home, of) for home in homes for of in range(1, node.incarnation + 1)]
            lost = tuple(_given(node.ring, unit.unit, year, last, lives[:-1]))
            if last or lost or year == today.year:
                following = max(last, numbers_before(lives[-1])) + 1
                yield Register(str(unit.unit), year, last, lost, following)


def _years(connection: Connection, unit: UUID, today: date) -> Iterable[int]:
    known = connection.scalars(select(CASES.c.year).where(CASES.c.unit == unit, CASES.c.year.is_not(None)))
    return sorted({*known, today.year})


def _given(ring: KeyRing, unit: UUID, year: int, last: int, lives: Iterable[int]) -> Iterator[int]:
    """Numbers after the last known one that a key was made for: the ring is apart from the log, and may know more.

    Each life began at a number of its own, so that each is looked through from there.
    """
    for earlier in lives:
        first, end = max(last, numbers_before(earlier)), numbers_before(earlier + 1)
        yield from _given_between(ring, unit, year, first, end)


def _given_between(ring: KeyRing, unit: UUID, year: int, last: int, end: int) -> Iterator[int]:
    number, missed = last, 0
    while missed < GIVEN_UP_AFTER and number < end:
        number, missed = number + 1, missed + 1
        if ring.of_subject(Case.id_for(unit, year, number)):
            missed = 0
            yield number


def _torn(connection: Connection) -> Iterator[str]:
    columns = STORED_EVENTS.c
    elsewhere = (
        select(func.count(HANDED_OVER.c.fact))
        .where(HANDED_OVER.c.stream == columns.originator_id)
        .correlate(STORED_EVENTS)
        .scalar_subquery()
    )
    query = (
        select(columns.originator_id, func.min(columns.topic))
        .group_by(columns.originator_id)
        .having(func.count() + elsewhere < func.max(columns.originator_version))
    )
    for stream, topic in connection.execute(query).all():
        number = connection.scalar(select(CASES.c.number).where(CASES.c.case == stream))
        yield f"{topic.split('.')[0]} {number or stream}"
