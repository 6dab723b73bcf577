"""Networks on servers that earlier releases made: a dump of PostgreSQL, a broker's messages, folders with keys."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import psycopg2
import pytest

from tests.parts.kafka import KafkaBroker
from tests.parts.postgres import database_on, drop
from tests.upgrade import keeping
from tests.upgrade.county import NETWORK
from tests.upgrade.kept_network import *  # noqa: F403
from tests.upgrade.kept_network import Kept
from tests.upgrade.network import Network, move_to
from tests.upgrade.roads import KafkaRoad


@pytest.fixture(scope="module", params=keeping.releases())
def kept(
    request: pytest.FixtureRequest,
    postgres: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kept]:
    """The network of a release on fresh servers that hold what the old ones held."""
    folder, work = keeping.HERE / request.param, tmp_path_factory.mktemp("kept")
    data = keeping.unpack(folder / keeping.NODES, work / "network")
    # A broker of its own: networks of two releases have the same topics.
    broker = KafkaBroker(work / "kafka")
    database = database_on(postgres, f"{NETWORK}-{request.param}")
    with ExitStack() as ending:
        ending.callback(drop, postgres, database)
        ending.callback(broker.stop)
        broker.start()
        load(database, keeping.read_text(folder / keeping.POSTGRES))
        KafkaRoad(broker.bootstrap, NETWORK).fill(keeping.read_messages(folder / keeping.MESSAGES))
        move_to(data, postgres=database, kafka=broker.bootstrap)
        network = ending.enter_context(Network(data))
        made = Kept(request.param, network, keeping.read_expected(request.param)["postgres"])
        made.begin()
        yield made


def load(database: str, dump: str) -> None:
    """Run a dump against an empty database."""
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(dump)
