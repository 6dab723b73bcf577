"""What a machine's supervisor is told: ready, degraded while something stands still, or not ready, and why."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from services.network import serve
from shared.node import readiness
from shared.process.host import Host
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, TinyNetwork


class Watched:
    """A process as its supervisor sees it."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.door = TestClient(serve(host.nodes.values()))

    def ask(self) -> Response:
        return self.door.get("/readyz")

    def of(self, node: str) -> Response:
        return self.door.get(f"/n/{node}/readyz")


@pytest.fixture
def watched(tiny_on_files: TinyNetwork) -> Iterator[Watched]:  # noqa: F811
    """The small county, whose threads do not run: the test calls the steps."""
    host = tiny_on_files.open_host()
    host.start_nodes()
    yield Watched(host)
    for node in host.nodes.values():
        node.stop()
    host.wire.close()


def test_given_a_process_that_is_well_then_it_and_each_node_are_ready(watched: Watched):
    for answer in (watched.ask(), watched.of(ALONE)):
        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["why"]) == ("ready", [])


def test_given_a_disk_without_room_then_the_process_is_not_ready(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(readiness, "ROOM", 10**18)
    for answer in (watched.ask(), watched.of(ALONE)):
        assert answer.status_code == 503
        assert answer.json()["state"] == "not-ready"
        assert answer.json()["why"] == ["disk-full"]


def test_given_one_node_with_tables_of_another_release_then_it_is_named(watched: Watched):
    with watched.host.nodes[ALONE].engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '7777'"))
    answer = watched.ask()
    assert answer.status_code == 503
    assert answer.json()["nodes"] == {ALONE: ["other-release"]}
    assert watched.of("county").status_code == 200


def test_given_a_database_that_does_not_answer_then_only_its_node_says_so(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
):
    gone, connect = watched.host.nodes[ALONE].status.engine, Engine.connect

    def away(engine: Engine) -> Connection:
        if engine is gone:
            raise OperationalError("SELECT", {}, Exception("gone"))
        return connect(engine)

    monkeypatch.setattr(Engine, "connect", away)
    assert watched.of(ALONE).json()["why"] == ["database"]
    assert watched.ask().json()["nodes"] == {ALONE: ["database"]}


@pytest.mark.parametrize("road", ["relay", "reader"])
def test_given_a_road_that_stands_still_then_the_process_is_degraded_until_it_goes(
    watched: Watched, road: str
):
    carrier = watched.host.nodes[ALONE].outgoing._carrier
    carrier.stands(road)
    answer = watched.ask()
    assert (answer.status_code, answer.json()["state"], answer.json()["why"]) == (200, "degraded", [road])
    carrier.goes(road)
    assert watched.ask().json()["state"] == "ready"
