"""A node that runs can be looked at and checked by another process: one moment of it, and nothing is held up."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from services.nodes import open_node
from shared.audit.verify import verify_node
from shared.event_log.recorder import STORED_EVENTS
from shared.node.node import Node
from shared.work.catalogue import PROJECTIONS
from tests.parts.terminal import huiyin
from tests.parts.tiny_fixtures import (  # noqa: F401
    founded_on_files,
    founded_on_server,
    tiny,
    tiny_on_files,
    tiny_on_server,
)
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork


@pytest.fixture
def running(tiny: TinyNetwork) -> Node:  # noqa: F811
    """A node at work, with a matter."""
    (node,) = tiny.open(ALONE)
    tiny.register(node, VILLAGE_2)
    return node


@pytest.fixture
def onlooker(running: Node) -> Iterator[Node]:
    """The same node as somebody who only looks opens it."""
    made = open_node(running.settings, upgrading=False)
    yield made
    made.stop()


def test_status_and_verify_answer_beside_a_running_node(running: Node, tiny: TinyNetwork):  # noqa: F811
    status = huiyin("status", "--data", tiny.data, "--name", ALONE)
    verdict = huiyin("verify", "--data", tiny.data, "--name", ALONE)
    assert (status.code, verdict.code) == (0, 0), status.err + verdict.err
    assert ALONE in status.out and "county" not in status.out
    assert "every chain, tree, signature and projection is right" in verdict.out
    # And the node goes on
    tiny.register(running, VILLAGE_2)


def test_whoever_looks_sees_one_moment_whatever_is_written_meanwhile(
    running: Node,
    onlooker: Node,
    tiny: TinyNetwork,  # noqa: F811
):
    before = onlooker.ask(PROJECTIONS.dump)
    tiny.register(running, VILLAGE_2)
    assert onlooker.ask(PROJECTIONS.dump) == before != running.ask(PROJECTIONS.dump)
    assert verify_node(onlooker).findings == ()


def test_a_check_replays_beside_the_lists_and_leaves_them_to_whoever_writes(
    running: Node,
    onlooker: Node,
    tiny: TinyNetwork,  # noqa: F811
):
    # Given a check that has replayed the log and has not ended
    before = running.ask(PROJECTIONS.dump)
    with onlooker.engine.connect():
        verify_node(onlooker)
        # Then the node writes as before, and its lists are its own
        assert running.ask(PROJECTIONS.dump) == before
        tiny.register(running, VILLAGE_2)
    assert running.rebuild()


def test_whoever_looks_can_commit_nothing(running: Node, onlooker: Node):
    facts = running.log.last_position()
    with onlooker.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {_place(onlooker)}"))
    onlooker.engine.dispose()
    assert running.log.last_position() == facts
    with running.engine.connect() as connection:
        assert connection.execute(select(STORED_EVENTS)).all()


def _place(node: Node) -> str:
    table = STORED_EVENTS.name
    return f'"{node.settings.schema}".{table}' if node.settings.schema else table


def test_a_list_that_somebody_changed_is_found_beside_the_running_node(running: Node):
    with running.engine.begin() as connection:
        schema = f'"{running.settings.schema}".' if running.settings.schema else ""
        connection.execute(text(f"UPDATE {schema}cases SET number = 'x'"))
    onlooker = open_node(running.settings, upgrading=False)
    found = verify_node(onlooker).findings
    onlooker.stop()
    assert [finding.what for finding in found] == ["projections differ from their replay"]
