"""Lines to a broker break in every way: nothing acknowledged is lost or double, and nobody has to act.

Three nodes, a process each, whose way to the broker leads through one link. All faults come to the
same network, one after the other; their sizes are in tests/parts/sizes.py.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from threading import Event
from uuid import UUID

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import NullPool, create_engine

from shared.event_log.tables import WIRE_PLACES
from shared.work.common.calendar import day_of
from tests.journeys.conftest import make_servers
from tests.journeys.county import VILLAGE, fresh_county
from tests.journeys.network import Network
from tests.journeys.orders import petition
from tests.journeys.pulling import HOLDERS, assert_verified, work_through
from tests.journeys.waiting import until
from tests.parts.backups import of_owner
from tests.parts.kafka import KafkaBroker
from tests.parts.link import Link
from tests.parts.sizes import FREEZES, LINK_LOST, THIN_LINE, TIMES

NODES = HOLDERS[VILLAGE]
LONG_TEXT = "自上月起三组路灯不亮。" * 1_818
"""A text of 19,998 characters; a form takes 20,000. What is sealed cannot be packed any more."""


class Line:
    """A network, its broker, and the link between them."""

    def __init__(self, network: Network, broker: KafkaBroker, link: Link) -> None:
        self.network, self.broker, self.link = network, broker, link

    def admin(self) -> KafkaAdminClient:
        """A client that does not go through the link."""
        return KafkaAdminClient(bootstrap_servers=self.broker.bootstrap)


@pytest.fixture(scope="module")
def line(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A real network of three nodes, a process each, behind a link to a broker of its own."""
    broker = KafkaBroker(tmp_path_factory.mktemp("broker"))
    link = Link(broker.port)
    broker.advertise(link.port)
    broker.start()
    county = fresh_county(towns=("101",))
    servers = make_servers(county, postgres, broker)
    network = Network(tmp_path_factory.mktemp("line"), county, servers=servers, rehearsal=False)
    network.run_alone(*NODES)
    network.settle()
    yield Line(network, broker, link)
    network.stop()
    broker.stop()
    link.close()


def last(seconds: float) -> None:
    """The time for which a fault lasts."""
    Event().wait(seconds)


@pytest.mark.parametrize("seconds", FREEZES)
def test_a_broker_that_freezes_for_a_while(line: Line, seconds: float):
    def freeze() -> None:
        line.broker.freeze()
        last(seconds)
        line.broker.thaw()

    work_through(line.network, freeze, TIMES)


def down(line: Line) -> None:
    """Nothing passes for longer than the wire's deadline."""
    line.link.down()
    last(LINK_LOST)
    line.link.mend()


def thin(line: Line) -> None:
    """A line of 64 kbit/s while the clerks work and their facts travel."""
    line.link.slow(THIN_LINE)


def half_open(line: Line) -> None:
    """Connections that nobody closes and nobody answers."""
    line.link.half_open()


def reset(line: Line) -> None:
    """Every connection is torn."""
    line.link.reset()


def delete_topics(line: Line) -> None:
    """Every topic is gone; who needs it makes it again."""
    with closing(line.admin()) as admin:
        admin.delete_topics(topics_of(line, admin))


def make_topics_anew(line: Line) -> None:
    """Every topic is another one of the same name, made by somebody else."""
    with closing(line.admin()) as admin:
        topics = topics_of(line, admin)
        admin.delete_topics(topics)
        admin.create_topics({topic: {"num_partitions": 1} for topic in topics}, raise_errors=False)


def topics_of(line: Line, admin: KafkaAdminClient) -> list[str]:
    """The topics of the network, a mailbox a node and those of the tiers, once all that a fault before took are back."""

    def here() -> list[str]:
        return [topic for topic in admin.list_topics() if topic.startswith(line.network.county.network)]

    until(lambda: len(here()) > len(NODES), "the topics")
    return here()


@pytest.mark.parametrize("fault", [down, thin, half_open, reset, delete_topics, make_topics_anew])
def test_a_line_or_its_topics_that_fail_at_work(line: Line, fault: Callable[[Line], None]):
    work_through(line.network, lambda: fault(line), TIMES)
    line.link.mend()


def test_a_matter_with_the_longest_text_passes_a_thin_line(line: Line):
    # Given a line of 64 kbit/s
    clerk = line.network.person(VILLAGE, "information_officer")
    thin(line)
    # When a matter with a text as long as a form takes is registered, whose fact needs longer than a usual answer
    body = petition(line.network.unit(VILLAGE), day_of(datetime.now(UTC)), account=LONG_TEXT)
    fact = UUID(clerk.order("register-matter", **body)["facts"][0])
    # Then every holder gets it
    until(
        lambda: all(fact in line.network.facts(node) for node in NODES),
        "the long fact's arrival",
    )
    line.link.mend()


def test_everything_that_stands_on_the_road_is_read_again_from_its_start(line: Line):
    def replay() -> None:
        line.network.stop()
        for node in NODES:
            read_from_the_start(line.network, node)
        line.network.start()

    work_through(line.network, replay, TIMES)


def read_from_the_start(network: Network, node: str) -> None:
    """Let a node that stands still forget how far it read."""
    settings = of_owner(network.data, node)
    engine = create_engine(settings.database, poolclass=NullPool)
    with engine.execution_options(schema_translate_map={None: settings.schema}).begin() as connection:
        connection.execute(WIRE_PLACES.update().values(offset=0))


def test_after_all_of_that_every_chain_signature_and_projection_is_right(line: Line):
    assert_verified(line.network)
