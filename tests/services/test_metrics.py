"""The numbers of a process: complete, in Prometheus text, on the loopback address alone, and nothing personal."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from services.listening import PortTaken
from services.running import measured
from shared.node.node import Node
from shared.process.host import Host
from shared.process.metrics import GAUGES
from shared.transport.wire import Arrived, Message, Place
from tests.journeys.processes import Host as Process
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.services.network import TOWN, VILLAGE, Stage, petition

SECRET = "somebody-wrote-this"


def read(address: str) -> dict[str, Metric]:
    """All metrics at an address, by name."""
    answer = httpx.get(address)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    assert SECRET not in answer.text
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def values(found: dict[str, Metric], name: str, **labels: str) -> list[float]:
    """Values of a metric's samples that have these labels."""
    samples = found[f"huiyin_{name}"].samples
    return [sample.value for sample in samples if labels.items() <= sample.labels.items()]


@pytest.fixture
def tiny_host(tiny_on_files: TinyNetwork) -> Iterator[Host]:  # noqa: F811
    """A county of its own, all in one process."""
    with tiny_on_files.host() as host:
        yield host


def numbers_of(host: Host) -> dict[str, Metric]:
    with measured(host, 0) as port:
        return read(f"http://127.0.0.1:{port}/metrics")


def park_a_strangers_message(node: Node) -> None:
    topic = node.ways.topics()[0]
    stranger = Message(topic, SECRET, {"ce_source": SECRET, "ce_type": SECRET}, b"{}")
    node.take([Arrived(stranger, Place("by hand", 1))]).result()


def test_what_happens_in_a_process_is_counted(stage: Stage):
    # Given orders that are done and refused, and a message that cannot be read
    clerk = stage.person(VILLAGE)
    body = petition(unit=str(stage.unit(VILLAGE)))
    clerk.done("register-matter", body)
    assert clerk.order("keep-matter", {"case": "00000000-0000-0000-0000-000000000000"}).status_code == 404
    park_a_strangers_message(stage.host.nodes["town-101"])
    stage.settle()
    # When the numbers are read
    found = numbers_of(stage.host)
    # Then they say so
    assert values(found, "orders", node="villages-101", code="done")[0] >= 1
    assert values(found, "orders", node="villages-101", code="not-found")[0] >= 1
    assert values(found, "parked", node="town-101", reason="unreadable")[0] >= 1
    up = {"node": "villages-101", "route": "up"}
    last = values(found, "route_last", **up)
    assert values(found, "route_sent", **up) == last
    assert values(found, "route_held", **up, holder="county") == last
    assert values(found, "receipt_age_seconds", **up, holder="town-101")
    assert values(found, "wire_up") == values(found, "database_up", node="county") == [1]
    assert values(found, "queue_length", node="county") == [0]
    assert values(found, "gaps", node="county") == values(found, "holes", node="county") == [0]
    size = found["huiyin_group_size"].samples
    assert max(sample.value for sample in size if sample.name.endswith("_count")) > 0
    assert {f"huiyin_{name}" for name in GAUGES} <= found.keys()


def test_labels_are_words_of_ours(stage: Stage):
    # Given everything that a county's process has to say
    park_a_strangers_message(stage.host.nodes["town-101"])
    found = numbers_of(stage.host)
    # Then each label is one of a few, and names of nodes are names of nodes
    samples = [sample for family in found.values() for sample in family.samples]
    names = {name for sample in samples for name in sample.labels}
    assert names == {"node", "route", "holder", "witness", "code", "reason", "pool", "le"}
    whose = ("node", "holder", "witness")
    told = {sample.labels[name] for sample in samples for name in whose if name in sample.labels}
    assert told <= stage.host.nodes["county"].directory.nodes.keys()


def test_a_node_whose_database_does_not_answer_says_only_that(tiny_host: Host):
    # Given a database in which somebody dropped a table
    with tiny_host.nodes["town-101"].engine.begin() as connection:
        connection.execute(text("DROP TABLE gaps"))
    # When the numbers are read
    found = numbers_of(tiny_host)
    # Then the node says so, and the others say everything
    assert values(found, "database_up", node="town-101") == [0]
    assert values(found, "facts", node="town-101") == []
    assert values(found, "database_up", node="county") == [1]
    assert values(found, "facts", node="county")[0] > 0


def test_a_node_without_a_connection_says_how_far_it_got(tiny_on_files: TinyNetwork):  # noqa: F811
    # Given a village whose readers are down
    with tiny_on_files.host(ALONE) as host:
        tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
        found = numbers_of(host)
    # Then its route has a last number that nobody holds, and there is no receipt to tell the age of
    assert values(found, "route_last", node=ALONE, route="up") == [1]
    assert values(found, "route_held", node=ALONE, route="up") == [0, 0]
    assert values(found, "receipt_age_seconds") == []


def test_they_are_not_on_the_port_of_the_pages_and_not_without_being_asked_for(stage: Stage):
    # Given the pages of all nodes, when somebody asks them for numbers, then there are none
    for path in ("/metrics", "/n/county/metrics"):
        assert httpx.get(stage.address + path).status_code == 404
    with measured(stage.host, None) as port:
        assert port is None


def test_they_are_on_the_loopback_address_alone(stage: Stage):
    # Given a port on which the numbers are served
    with measured(stage.host, 0) as port:
        assert port
        # Then the same port is free on every other address of this machine
        with socket.create_server(("127.0.0.2", port)):
            pass
        # And a second process that wants it is told so in words
        with pytest.raises(PortTaken, match="--metrics"), measured(stage.host, port):
            pass


def test_the_command_says_where_they_are(tiny_on_files: TinyNetwork):  # noqa: F811
    # Given a process that is asked for numbers
    log = tiny_on_files.data.parent / "log"
    process = Process("node", "--data", tiny_on_files.data, "--name", ALONE, "--metrics", 0, log=log).start()
    # When it says where they are, then they are there
    try:
        assert values(read(process.next_line()), "database_up", node=ALONE) == [1]
    finally:
        process.end()


def test_a_clerk_of_a_township_has_no_page_of_numbers(stage: Stage):
    assert stage.person(TOWN).get("/metrics").status_code == 404
