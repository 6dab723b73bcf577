"""A small county for the tests: real aggregates write facts, sources put them into envelopes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, StaticPool, create_engine

from shared.database.writes import Writes
from shared.envelope import Envelope, fact_id
from shared.projections.rows import RecordedFact
from shared.work.catalogue import PROJECTIONS
from shared.work.common.calendar import day_of
from shared.work.common.fact import Stream
from shared.work.common.words import (
    ReferralReason,
    ReportKind,
    UnitKind,
)
from shared.work.directory.unit import Unit, UnitEntry
from shared.work.matters.case import Case
from shared.work.matters.content import Content
from shared.work.matters.offering import NewOffer
from shared.work.matters.referral import Referral
from shared.work.reports.register import RegisterState
from shared.work.reports.reporting_day import ReportingDay
from tests.work import reporting
from tests.work.scene import COUNTY, START, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2, at, content, text
from tests.work.scene import DAY as DAY

PORTION = 7
"""Facts that a replay reads together, so that it takes several portions. Unit: facts."""

_OUTSIDE = {"originator_id", "originator_version", "timestamp", "unit", "originator_topic"}


UNITS = {
    COUNTY: ("430321000000", UnitKind.COUNTY, None, "county"),
    TOWN_A: ("430321100000", UnitKind.TOWNSHIP, COUNTY, "town-100"),
    TOWN_B: ("430321101000", UnitKind.TOWNSHIP, COUNTY, "town-101"),
    VILLAGE_1: ("430321100201", UnitKind.VILLAGE, TOWN_A, "villages-100"),
    VILLAGE_2: ("430321100202", UnitKind.VILLAGE, TOWN_A, "villages-100"),
}


@dataclass
class Source:
    """One node: what it records goes into envelopes, in order."""

    node: str
    written: list[Envelope] = field(default_factory=list[Envelope])

    def keep(self, stream: Stream) -> list[Envelope]:
        """Take the stream's new facts."""
        made = [self._envelope(fact, stream.STREAM) for fact in stream.collect_events()]
        self.written += made
        return made

    def next_fact(self, stream: Stream) -> UUID:
        return fact_id(self.node, 1, stream.id, stream.version + 1)

    def _envelope(self, fact: Any, kind: str) -> Envelope:
        data = TypeAdapter(type(fact)).dump_python(fact, mode="json", exclude=_OUTSIDE)
        return Envelope.make(
            id=fact_id(self.node, 1, fact.originator_id, fact.originator_version),
            source=self.node,
            incarnation=1,
            kind=kind,
            stream=fact.originator_id,
            stream_version=fact.originator_version,
            type=fact.TOPIC,
            version=fact.class_version,
            recorded=fact.timestamp,
            occurred=fact.timestamp,
            unit=fact.unit,
            actor="clerk",
            addressees=fact.addressees(),
            correlation=fact.concerns(),
            data=data,
        )


class World:
    """The sources of the small county; `facts` are all facts in the order in which they were made."""

    def __init__(self) -> None:
        self.sources = {node: Source(node) for _, _, _, node in UNITS.values()}
        self.facts: list[Envelope] = []
        self.registered: dict[UUID, int] = {}
        self.year = 2026

    def keep(self, unit: UUID, stream: Stream) -> None:
        self.facts += self.source(unit).keep(stream)

    def source(self, unit: UUID) -> Source:
        return self.sources[UNITS[unit][3]]

    def open_units(self) -> "World":
        for unit, (code, kind, parent, node) in UNITS.items():
            entry = UnitEntry(code, code[6:], f"name {code}", "", kind, parent, node, "", date(2020, 1, 1))
            self.keep(COUNTY, Unit.open(unit_id=unit, county=COUNTY, entry=entry, at=at(-30)))
        return self

    def case(
        self,
        unit: UUID = VILLAGE_1,
        when: datetime = START,
        what: Content | None = None,
        received_time: time | None = None,
    ) -> Case:
        number = self.registered[unit] = self.registered.get(unit, 0) + 1
        case = Case.register(
            unit=unit,
            mark=UNITS[unit][0][6:],
            year=self.year,
            register_no=number,
            content=what or content(),
            query_check=f"check-{number}",
            query_code=text(unit, "query_code"),
            received_time=received_time,
            today=date(2027, 1, 1),
            at=when,
        )
        self.keep(unit, case)
        return case

    def refer(
        self, case: Case, to: UUID, when: datetime, *, received: datetime | None = None, **more: Any
    ) -> Referral:
        """Offer a case (the registering unit does) and let the receiver take note of it."""
        return self._offered(case, case.unit, case.refer, to, when, received, more)

    def pass_on(self, referral: Referral, to: UUID, when: datetime, **more: Any) -> Referral:
        return self._offered(referral, referral.unit, referral.pass_on, to, when, None, more)

    def _offered(
        self,
        stream: Case | Referral,
        unit: UUID,
        offer: Any,
        to: UUID,
        when: datetime,
        received: datetime | None,
        more: dict[str, Any],
    ) -> Referral:
        own = {"reason": ReferralReason.OWN_MATTER} if to == unit else {}
        words = {"to": to, "reason": ReferralReason.COMPETENT_BODY, "today": when.date(), "at": when} | own
        offer(NewOffer(offer=self.source(unit).next_fact(stream), **words | more))
        handover = stream.pending_events[-1].handover
        self.keep(unit, stream)
        receiver = more.get("through") or to
        referral = Referral.receive(unit=receiver, sender=unit, handover=handover, at=received or when)
        self.keep(receiver, referral)
        return referral

    def report(
        self,
        unit: UUID,
        day: date,
        when: datetime,
        kind: ReportKind = ReportKind.ZERO,
        register: RegisterState | None = None,
    ) -> ReportingDay:
        """Send a report of what its register says; of an empty one when none is named."""
        state, said = register or reporting.register(), reporting.statement(kind)
        report = reporting.file(said, state, unit=unit, day=day, today=day_of(when), at=when)
        self.keep(unit, report)
        return report


@dataclass
class Reader:
    """One node's projections: takes facts in the order given; `own` are the nodes that it is."""

    connection: Connection
    own: frozenset[str] = frozenset()
    position: int = 0
    delay: timedelta = timedelta(minutes=1)

    def take(self, facts: list[Envelope], arrived: datetime | None = None) -> "Reader":
        """Let facts become known: own ones at once, others at `arrived` or a delay after recording."""
        writes = Writes(self.connection)
        PROJECTIONS.apply(writes, [self.happening(fact, arrived) for fact in facts])
        writes.send()
        return self

    def happening(self, fact: Envelope, arrived: datetime | None = None) -> RecordedFact:
        self.position += 1
        came = None if fact.source in self.own else arrived or fact.recorded + self.delay
        return RecordedFact(fact, json.loads(fact.data), came, self.position)


def replay(connection: Connection, journal: Sequence[RecordedFact]) -> None:
    """Rebuild every projection from a journal, read in portions as a node reads its own."""
    PROJECTIONS.rebuild(
        connection,
        lambda after: list(islice((one for one in journal if one.position > after), PORTION)),
        lambda happening: happening,
    )


def tables_in_memory() -> Engine:
    """Empty projection tables; a replay uses their one connection from a thread of its own, never both at once."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    PROJECTIONS.create_tables(engine)
    return engine
