"""An admitted node that lies: it signs with its own key what is not for it to say, and asks for what is not its.

It has a village of its own, for which it says nothing. What it sends continues its own routes without a gap, so that
nothing but what it says is wrong. It answers receipts and requests to send again, since its lies must arrive.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.envelope import CHAIN_START, Envelope, UnreadableEnvelope, fact_id, next_chain
from shared.event_log.node_keys import NodeKeys, ReceivingKey
from shared.settings.network import NodeSettings
from shared.transport import topics
from shared.transport.messages import (
    OnRoute,
    chain_statement,
    control_message,
    fact_message,
    is_control,
    read_fact,
)
from shared.transport.routes import UP, mailbox_route
from shared.transport.wire import Message
from shared.work.common.fact import derived_id
from shared.work.directory.node_entry import NodeEntry
from shared.work.matters.case import Case
from shared.work.matters.handling_facts import referral_id
from shared.work.reports.reporting_day import ReportingDay
from tests.simulator.broker import Broker
from tests.simulator.ledger import Ledger, Seen

FLOOD = 30
"""Messages of a flood. Unit: messages; more of them show nothing else."""


@dataclass
class Liar:
    """One evil node; `tried` counts what it set out to do by kind, `told` the lies that were sent."""

    settings: NodeSettings
    broker: Broker
    ledger: Ledger
    chance: random.Random
    now: Callable[[], datetime]
    tried: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    keys_received: int = 0
    _sent: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _chains: dict[str, bytes] = field(default_factory=dict)
    _held: dict[str, int] = field(default_factory=dict)
    _read: int = 0
    _seen: dict[tuple[str, int, str], int] = field(default_factory=dict)
    _places: set[tuple[UUID, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.name = self.settings.name
        self.network = self.settings.network.name
        self.keys = NodeKeys.load(self.settings.folder / "keys.json")

    @property
    def unit(self) -> UUID:
        """The village that it really keeps."""
        return next(unit.id for unit in self.ledger.units.values() if unit.node == self.name)

    def lie(self) -> None:
        """Say one thing that is not its to say."""
        kind, deed = self.chance.choice(DEEDS)
        self.tried[kind] += 1
        if deed(self):
            self.told[kind] += 1

    def answer(self) -> None:
        """Read the mailbox: say what was received, send again what is asked for, keep keys that come."""
        topic = self.broker.topics.get(topics.mailbox(self.network, self.name))
        fresh = topic.messages[max(0, self._read - topic.first) :] if topic else []
        self._read = topic.end if topic else 0
        for message in fresh:
            self._take(message)
        if fresh:
            self._send_receipts()

    def send_everything_again(self) -> None:
        """So that its lies and receipts arrive in the end, whatever the weather was."""
        for route in sorted(self._sent):
            self._post(self._sent[route])
        self._send_receipts()

    def _send_receipts(self) -> None:
        for (source, incarnation, route), number in sorted(self._seen.items()):
            body = {"of": source, "incarnation": incarnation, "held": {route: number}}
            self._control("receipt", source, body)

    def _take(self, message: Message) -> None:
        if is_control(message.headers):
            kind, body = message.headers["ce_type"], json.loads(message.value)
            if "key-parcel" in kind:
                self.keys_received += 1
            if "receipt" in kind and UP in body["held"]:
                self._held[message.headers["ce_source"]] = int(body["held"][UP])
            if "resend" in kind:
                self._post(self._sent.get(str(body["route"]), [])[int(body["after"]) :])
            if "evidence-request" in kind:
                told = {"about": body["about"], "has": 0}
                self._control("evidence-told", message.headers["ce_source"], told)
            return
        try:
            on = read_fact(message)
        except UnreadableEnvelope:
            return
        self._seen[on.source_route] = max(on.number, self._seen.get(on.source_route, 0))

    def say(
        self, like: dict[str, Any], *, to: str | None = None, beside: bool = False, twice: bool = False
    ) -> bool:
        """Send a fact upward, or to the mailbox of one node.

        `beside` its log, in place of what comes next there; `twice`, under a number that all above hold.
        """
        route = mailbox_route(to) if to else UP
        beside = beside or twice
        while (like["stream"], like["stream_version"]) in self._places and not beside:
            like = like | {"stream_version": like["stream_version"] + 1}  # a log has one fact in a place
        self._places.add((like["stream"], like["stream_version"]))
        envelope = Envelope.make(
            **{
                "id": fact_id(self.name, 1, like["stream"], like["stream_version"]),
                "source": self.name,
                "incarnation": 1,
                "version": 1,
                "recorded": self.now(),
                "occurred": self.now(),
                "actor": "liar",
                **like,
            }
        )
        sent = self._sent[route]
        number = self.held_above() if twice else len(sent) + 1
        chain = next_chain(self._chains.get(route, CHAIN_START), number, envelope.digest)
        signature = self.keys.sign(chain_statement(envelope, route, number, chain))
        topic = topics.topic_of_route(self.network, route, self.settings.tier, self.settings.area)
        message = fact_message(topic, OnRoute(envelope, route, number, chain, signature))
        if not beside:
            self._chains[route] = chain
            sent.append(message)
        self._post([message])
        return True

    def _control(self, kind: str, to: str, body: dict[str, Any]) -> None:
        topic = topics.mailbox(self.network, to)
        self._post([control_message(topic, kind, self.name, self.now(), self.keys, body)])

    def _post(self, messages: list[Message]) -> None:
        for message in messages:
            self.broker.take(message)

    def held_above(self) -> int:
        """The last number upward that its township and the county have both said to hold."""
        return min(self._held.values()) if len(self._held) > 1 else 0

    def seen(self, *names: str) -> Seen | None:
        """Something that another node recorded."""
        others = [seen for seen in self.ledger.facts if seen.envelope.name in names]
        return self.chance.choice(others) if others else None

    def of_another(self) -> UUID:
        """A unit that another node keeps."""
        units = [unit for unit in self.ledger.units.values() if unit.node != self.name]
        return self.chance.choice(sorted(units, key=lambda unit: unit.code)).id

    def a_node(self) -> str | None:
        """Where a lie goes: up, or into the mailbox of somebody."""
        others = sorted(name for name in self.ledger.folders if name != self.name)
        return self.chance.choice([None, *others])

    def copied(self, seen: Seen, **changed: Any) -> dict[str, Any]:
        """A fact of another node as if it went on: the next version of the same record, or as said."""
        envelope = seen.envelope
        return {
            "kind": envelope.kind,
            "stream": envelope.stream,
            "stream_version": envelope.stream_version + self.chance.choice((0, 1, 2)),
            "type": envelope.name,
            "version": envelope.version,
            "unit": envelope.unit,
            "addressees": envelope.addressees,
            "correlation": envelope.correlation,
            "data": seen.data,
        } | changed


def _states(liar: Liar) -> bool:
    """A report for the village of another node."""
    seen = liar.seen("report.filed")
    if seen is None:
        return False
    day = liar.now().date()
    unit = liar.of_another()
    data = seen.data | {"day": day.isoformat(), "until": day.isoformat()}
    stream = ReportingDay.id_for(unit, day)
    return liar.say(liar.copied(seen, unit=unit, stream=stream, stream_version=1, data=data))


def _takes_a_record(liar: Liar) -> bool:
    """A report of its own under the record of another's."""
    seen = liar.seen("report.filed", "case.registered")
    return seen is not None and liar.say(liar.copied(seen, unit=liar.unit, stream_version=1))


def _takes_an_id(liar: Liar) -> bool:
    """A fact under the id that another node's next fact will have."""
    seen = liar.seen("case.registered", "case.classified", "referral.received")
    if seen is None:
        return False
    version = seen.envelope.stream_version + 1
    theirs = fact_id(seen.node, seen.envelope.incarnation, seen.envelope.stream, version)
    liar.say(liar.copied(seen, id=theirs, stream_version=version), to=liar.a_node(), beside=True)
    return False


def _says_two_things(liar: Liar) -> bool:
    """Another fact under a number that all above hold."""
    seen = liar.seen("unit.opened")
    if seen is None or not liar.held_above():
        return False
    stream = derived_id("another log", liar.chance.random())
    liar.say(liar.copied(seen, type="unit.closed", stream=stream, stream_version=2), twice=True)
    return False


def _moves(liar: Liar) -> bool:
    """What another office did with a matter, once more in another way."""
    seen = liar.seen(
        *("case.referred", "case.classified", "referral.received", "referral.accepted", "referral.completed"),
        *("referral.passed_on", "referral.released", "case.concluded", "supervision_answer.given"),
    )
    return seen is not None and liar.say(liar.copied(seen), to=liar.a_node())


def _handles(liar: Liar) -> bool:
    """It says that a matter of others was offered to its own village."""
    seen = liar.seen("referral.received", "referral.accepted", "referral.completed")
    if seen is None:
        return False
    offer = derived_id("an offer", liar.chance.random())
    handover = seen.data.get("handover")
    data = seen.data | {"offer": str(offer)}
    data |= {"handover": handover | {"offer": str(offer)}} if handover else {}
    version = 1 if handover else 2
    changed = {"stream": referral_id(offer), "stream_version": version, "unit": liar.unit, "data": data}
    return liar.say(liar.copied(seen, **changed), to=liar.a_node())


def _withdraws(liar: Liar) -> bool:
    """A matter of another node is withdrawn."""
    cases = sorted(liar.ledger.cases.values(), key=lambda case: str(case.id))
    if not cases:
        return False
    case = liar.chance.choice(cases)
    return liar.say(
        {
            "kind": "case",
            "stream": case.id,
            "stream_version": case.version + 1,
            "type": "case.withdrawn",
            "unit": liar.chance.choice((case.unit, liar.unit)),
            "correlation": case.id,
            "data": {"confirmed_by": "second_call", "handled_by": None, "offer": None},
        },
        to=liar.a_node(),
    )


def _admits(liar: Liar) -> bool:
    """The county's node once more, with a key of its own."""
    name = liar.chance.choice(("county", "town-100", "nobody"))
    data = {"name": name, "tier": "county", "area": "430321", "receiving_key": ""}
    data |= {"signing_key": liar.keys.public_signing()}
    root = next(unit.id for unit in liar.ledger.units.values() if unit.parent is None)
    kind = liar.chance.choice(("node.admitted", "node.rekeyed"))
    version = 1 if kind == "node.admitted" else 2
    stream = NodeEntry.id_for(name)
    like = {"kind": "node", "stream": stream, "stream_version": version, "type": kind, "unit": root}
    return liar.say(like | {"data": data}, to=liar.a_node())


def _closes(liar: Liar) -> bool:
    """The county bureau is closed, or a village is kept by the liar from now on."""
    seen = liar.seen("unit.opened")
    if seen is None:
        return False
    entry = seen.data["entry"] | {"node": liar.name}
    kind = liar.chance.choice(("unit.closed", "unit.rehosted"))
    return liar.say(liar.copied(seen, type=kind, stream_version=2, data={"entry": entry}), to=liar.a_node())


def _refers(liar: Liar) -> bool:
    """It offers a matter of others to itself, so that it has a claim to the keys; then it asks for them."""
    seen = liar.seen("case.referred", "referral.passed_on")
    if seen is None:
        return False
    stream = derived_id("case of the liar", liar.chance.random())
    offer = fact_id(liar.name, 1, stream, 1)
    handover = seen.data["handover"] | {"offer": str(offer), "came_by": None}
    data = seen.data | {"to": str(liar.unit), "through": None, "handover": handover}
    mine = {"kind": "case", "type": "case.referred", "stream": stream, "stream_version": 1}
    to = liar.chance.choice((seen.node, None, "county"))
    said = liar.say(liar.copied(seen, **mine, unit=liar.unit, data=data), to=to)
    return said and _asks(liar)


def _asks(liar: Liar) -> bool:
    """It asks everybody for the keys of a matter, and for routes and evidence that are not its."""
    subjects = sorted([*liar.ledger.cases, *liar.ledger.letters], key=str)
    if not subjects:
        return False
    subject = liar.chance.choice(subjects)
    key = ReceivingKey.of(liar.chance.randbytes(96)).public()
    for node in sorted(liar.ledger.folders.keys() - {liar.name}):
        liar._control("key-request", node, {"subject": str(subject), "key": key})  # pyright: ignore[reportPrivateUsage]
        liar._control("resend", node, {"incarnation": 1, "route": "up", "after": 0})  # pyright: ignore[reportPrivateUsage]
        about = f"stream:{subject}"
        liar._control("evidence-request", node, {"about": about})  # pyright: ignore[reportPrivateUsage]
        told = {"about": about, "has": 1}
        liar._control("evidence-told", node, told)  # pyright: ignore[reportPrivateUsage]
    return False


def _poisons(liar: Liar) -> bool:
    """It sends keys that nobody asked it for."""
    for node in sorted(liar.ledger.folders.keys() - {liar.name}):
        for subject in sorted(liar.ledger.cases, key=str)[:3]:
            liar._control("key-parcel", node, {"subject": str(subject), "parcel": "AAAA"})  # pyright: ignore[reportPrivateUsage]
    return False


def _files_wrongly(liar: Liar) -> bool:
    """A report of its own village, filed under the case of others and addressed to others."""
    seen, cases = liar.seen("report.filed"), sorted(liar.ledger.cases, key=str)
    if seen is None or not cases:
        return False
    day = liar.now().date()
    data = seen.data | {"day": day.isoformat(), "until": day.isoformat()}
    mine = {"unit": liar.unit, "stream": ReportingDay.id_for(liar.unit, day), "stream_version": 1}
    case = liar.chance.choice(cases)
    return liar.say(liar.copied(seen, **mine, data=data, correlation=case))


def _copies_texts(liar: Liar) -> bool:
    """A matter in its own register, with the sealed texts of another's: whoever opens them would open those."""
    seen = liar.seen("case.registered")
    if seen is None:
        return False
    stream = Case.id_for(liar.unit, seen.data["year"], seen.data["register_no"])
    mine = {"unit": liar.unit, "stream": stream, "stream_version": 1, "correlation": stream}
    return liar.say(liar.copied(seen, **mine))


def _overrides(liar: Liar) -> bool:
    """What only the county may order."""
    seen = liar.seen("override.ordered", "supervision.issued", "excuse.granted", "supervision.lifted")
    return seen is not None and liar.say(liar.copied(seen), to=liar.a_node())


def _floods(liar: Liar) -> bool:
    """Facts of a future version, and words without sense."""
    for _ in range(FLOOD):
        stream = derived_id("flood", liar.chance.random())
        like = {"kind": "flood", "stream": stream, "stream_version": 1, "type": "flood.came"}
        liar.say(like | {"unit": liar.unit, "data": {"text": "x" * 200}})
        liar._control("nonsense", "county", {})  # pyright: ignore[reportPrivateUsage]
    return False


DEEDS: tuple[tuple[str, Callable[[Liar], bool]], ...] = (
    ("states", _states),
    ("takes a record", _takes_a_record),
    ("takes an id", _takes_an_id),
    ("moves", _moves),
    ("handles", _handles),
    ("withdraws", _withdraws),
    ("admits", _admits),
    ("closes", _closes),
    ("refers", _refers),
    ("asks", _asks),
    ("poisons", _poisons),
    ("files wrongly", _files_wrongly),
    ("copies texts", _copies_texts),
    ("overrides", _overrides),
    ("floods", _floods),
    ("says two things", _says_two_things),
)
"""What it does. Those that send no fact count as no lie: nothing of them could be parked."""


def what_a_liar_said_is_believed_nowhere(liar: Liar, ledger: Ledger, nodes: list[str]) -> Iterator[str]:
    """Nothing of it is in a journal, no key came to it, and who was lied to has told it, and nobody else."""
    if liar.keys_received:
        yield f"{liar.keys_received} parcels of keys went to {liar.name}"
    for name in nodes:
        journal = (
            "SELECT count(*) FROM journal j JOIN received_places p ON p.fact = j.fact WHERE p.source = ?"
        )
        for (count,) in ledger.rows(name, journal.replace("?", f"'{liar.name}'")):
            if count:
                yield f"{name} believes {count} facts of {liar.name}: {_believed(ledger, name, liar.name)}"
        yield from _told_by(ledger, name, liar.name)
        others = f"SELECT count(*) FROM authority_alarms WHERE node <> '{liar.name}'"
        for (count,) in ledger.rows(name, others):
            if count:
                yield f"{name} raised {count} alarms about honest nodes"
        left = f"SELECT reason, type FROM parked WHERE source <> '{liar.name}'"
        yield from (f"{name}: {row}" for row in ledger.rows(name, left))
    if any(liar.told.values()):
        county = f"SELECT count(*) FROM authority_alarms WHERE node = '{liar.name}'"
        if not next(iter(ledger.rows("county", county)))[0]:
            yield f"the county has no alarm about {liar.name}, which lied: {dict(liar.told)}"


def _told_by(ledger: Ledger, name: str, liar: str) -> Iterator[str]:
    """Whoever speaks for an office and was lied to has told it, with the code of each kind of lie."""
    speaks = any(unit.node == name and unit.open for unit in ledger.units.values())
    for code in ("not-theirs", "two-facts", "id-of-another") if speaks else ():
        parked = f"SELECT count(*) FROM parked WHERE source = '{liar}' AND reason = '{code}'"
        told = f"SELECT count(*) FROM authority_alarms WHERE node = '{liar}' AND code = '{code}'"
        ((lies,), (alarms,)) = (*ledger.rows(name, parked), *ledger.rows(name, told))
        if lies and not alarms:
            yield f"{name} parked {lies} messages as {code} and raised no alarm"


def _believed(ledger: Ledger, node: str, liar: str) -> list[str]:
    query = (
        "SELECT r.body FROM journal j JOIN received_places p ON p.fact = j.fact JOIN received r ON r.fact = j.fact"
        f" WHERE p.source = '{liar}'"
    )
    return [Envelope.read(bytes(body)).body.decode()[:400] for (body,) in ledger.rows(node, query)]
