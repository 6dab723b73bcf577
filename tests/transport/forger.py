"""A county in which one node lies: it signs with its own key, and whatever else is said reaches everybody at once."""

from typing import Any
from uuid import UUID

from shared.envelope import CHAIN_START, Envelope, fact_id, next_chain
from shared.event_log.known import JournaledFact
from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.settings.network import read_node
from shared.transport import topics
from shared.transport.messages import OnRoute, chain_statement, control_message, fact_message
from shared.transport.routes import UP, mailbox_route
from shared.transport.wire import Message
from shared.work.alarms.questions import AlarmRow, newest_alarms
from shared.work.common.words import CheckedSource, ReportKind
from shared.work.reports.orders import FileReport
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_1, VILLAGE_2, TinyNetwork
from tests.proof.exchange import said
from tests.transport.postman import hand_round, letters


class Forger:
    """Continues the routes of a node without a gap, so that nothing but what it says is wrong."""

    def __init__(self, tiny: TinyNetwork, name: str = ALONE, keys: NodeKeys | None = None) -> None:
        self.settings = read_node(tiny.data, ALONE)
        self.name, self.unit = name, tiny.units[VILLAGE_2]
        self.keys = keys or NodeKeys.load(self.settings.folder / "keys.json")
        self._ends: dict[str, tuple[int, bytes]] = {}
        self._before: dict[str, tuple[int, bytes]] = {}

    def say(self, *, to: str = "", **changed: Any) -> Message:
        """A fact on its way upward, or to the mailbox of another node."""
        route = mailbox_route(to) if to else UP
        made = {
            "version": 1,
            "recorded": NINE,
            "occurred": NINE,
            "actor": "forger",
            "stream_version": 1,
        } | changed
        id = fact_id(self.name, 1, made["stream"], made["stream_version"])
        envelope = Envelope.make(**{"id": id, "source": self.name, "incarnation": 1, **made})
        number, chain = self._before[route] = self._ends.get(route, (0, CHAIN_START))
        chain = next_chain(chain, number + 1, envelope.digest)
        self._ends[route] = number + 1, chain
        signature = self.keys.sign(chain_statement(envelope, route, number + 1, chain))
        network = self.settings.network.name
        topic = topics.topic_of_route(network, route, self.settings.tier, self.settings.area)
        return fact_message(topic, OnRoute(envelope, route, number + 1, chain, signature))

    def take_back(self) -> None:
        """Go on as if what was said last upward had not been said."""
        self._ends[UP] = self._before[UP]

    def ask(self, kind: str, to: str, **body: Any) -> Message:
        """A control message to another node."""
        mailbox = topics.mailbox(self.settings.network.name, to)
        return control_message(mailbox, kind, self.name, NINE, self.keys, body)


class County:
    """Every node but the forger's own, a village that works, and what each has heard."""

    def __init__(self, tiny: TinyNetwork, *, at_work: bool = True) -> None:
        self.tiny, self.forger = tiny, Forger(tiny)
        self.nodes = tiny.open(*(node.name for node in tiny.plan.nodes if node.name != ALONE))
        self.village = self.node("villages-100")
        self.controls: list[Message] = []
        if at_work:
            self.case = tiny.register(self.village, VILLAGE_1)
            self.file_report()
            self.carry()

    def node(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def unit(self, code: str) -> UUID:
        return self.tiny.units[code]

    def file_report(self) -> None:
        """The village's report of the day."""
        checked = [CheckedSource.RECEPTION_BOOK]
        order = FileReport(
            unit=self.unit(VILLAGE_1), day=NINE.date(), kind=ReportKind.DAILY, checked=checked, new=1
        )
        self.tiny.give(self.village, VILLAGE_1, order)

    def fact(self, name: str, by: str = "villages-100", stream: UUID | None = None) -> JournaledFact:
        """The last fact of a name that a node knows, of any record or of one."""
        node = self.node(by)
        with node.engine.connect() as connection:
            known = [known for known in node.log.since(connection) if known.envelope.name == name]
            return next(one for one in reversed(known) if stream in (None, one.envelope.stream))

    def like(self, known: JournaledFact, **changed: Any) -> dict[str, Any]:
        """A fact as somebody else would say it, with some of it changed."""
        fact = known.envelope
        return {
            "kind": fact.kind,
            "stream": fact.stream,
            "stream_version": fact.stream_version,
            "type": fact.name,
            "version": fact.version,
            "unit": fact.unit,
            "addressees": fact.addressees,
            "correlation": fact.correlation,
            "data": dict(known.data),
            **changed,
        }

    def hear(self, *messages: Message) -> None:
        """Let everybody take what stands on his topics, and answer each other until nobody has more to say."""
        hand_round(self.nodes, messages)
        self.carry()

    def carry(self) -> None:
        """Carry what the nodes have to say until nobody has more; `controls` keeps what was no fact."""
        is_over = False
        while not is_over:
            for node in self.nodes:
                node.write(lambda _: None)  # what was begun before is done
            facts = [message for node in self.nodes for message in letters(node)]
            controls = [message for node in self.nodes for _, message in said(node)]
            self.controls += controls
            hand_round(self.nodes, facts + controls)
            is_over = not facts + controls

    def told(self, kind: str) -> list[Message]:
        """What the nodes have said of a kind of control message."""
        return [message for message in self.controls if message.headers["ce_type"] == f"control.{kind}.v1"]

    def alarms(self, name: str) -> list[tuple[str, str]]:
        """Who is named in the alarms that a node has heard of, and what he said."""
        return [(row.node, row.said) for row in self.alarm_rows(name)]

    def alarm_rows(self, name: str) -> list[AlarmRow]:
        """The alarms that a node has heard of, the last first."""
        return self.node(name).ask(newest_alarms)

    def works(self) -> bool:
        """Whether what the village registers now reaches those above."""
        case = self.tiny.register(self.village, VILLAGE_1)
        self.carry()
        return all(knows(self.node(name), case) for name in ("town-100", "county"))


def knows(node: Node, stream: UUID) -> bool:
    """Whether a fact of a record is in a node's journal."""
    with node.engine.connect() as connection:
        return any(known.envelope.stream == stream for known in node.log.since(connection))


def believes(node: Node, source: str) -> list[str]:
    """Names of the facts of a source that are in a node's journal."""
    with node.engine.connect() as connection:
        facts = [known.envelope for known in node.log.since(connection)]
        return [fact.name for fact in facts if fact.source == source]
