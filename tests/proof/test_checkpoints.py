"""A node makes checkpoints when they are due, and never one that breaks with what it signed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL
from shared.node.node import Node
from shared.proof.checkpoint import Checkpoint, LogName
from shared.proof.making import FACTS_A_CHECKPOINT, REST, is_due
from shared.proof.merkle import EMPTY_ROOT
from shared.proof.tables import CHECKPOINTS, TILES
from shared.proof.tiles import Tree
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_2, TinyNetwork
from tests.proof.exchange import LATER, look

LAST = Checkpoint(LogName("network", "node", 1), 5, EMPTY_ROOT, NINE)
MIDNIGHT = datetime.fromisoformat("2026-03-03T00:00:00+08:00")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last", "waiting", "now", "due"),
    [
        (None, 0, NINE, True),
        (LAST, 0, NINE + REST, False),
        (LAST, 1, NINE + REST - SECOND, False),
        (LAST, 1, NINE + REST, True),
        (LAST, FACTS_A_CHECKPOINT - 1, NINE, False),
        (LAST, FACTS_A_CHECKPOINT, NINE, True),
        (LAST, 0, MIDNIGHT - SECOND, False),
        (LAST, 0, MIDNIGHT, True),
        (LAST, 1, NINE - timedelta(hours=2), False),
    ],
)
def test_a_checkpoint_is_due_after_many_facts_some_minutes_or_at_midnight(
    last: Checkpoint | None, waiting: int, now: datetime, due: bool
):
    assert is_due(last, waiting, now) is due


def signed(node: Node) -> list[tuple[int, str]]:
    """Size and time of every checkpoint of a node, in order."""
    with node.engine.connect() as connection:
        rows = connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.made_at))
        return [(row.size, row.made_at) for row in rows]


@pytest.fixture
def village(tiny: TinyNetwork) -> Node:
    """A village's node with three facts, that has looked at its log once."""
    (node,) = tiny.open(ALONE)
    for _ in range(3):
        tiny.register(node, VILLAGE_2)
    look(node)
    return node


def test_given_a_start_when_the_node_looks_then_it_signs_what_it_has(village: Node):
    assert [size for size, _ in signed(village)][-1] == 3
    assert village.proofs.state()["size"] == 3


def test_given_nothing_due_when_the_node_looks_again_then_it_signs_nothing(tiny: TinyNetwork, village: Node):
    before = signed(village)
    tiny.register(village, VILLAGE_2)
    look(village)
    assert signed(village) == before


def test_given_facts_that_waited_when_the_node_looks_then_the_tree_grew_by_them(
    tiny: TinyNetwork, village: Node
):
    tiny.register(village, VILLAGE_2)
    tiny.clock.at += LATER
    look(village)
    assert signed(village)[-1][0] == 4
    with village.engine.connect() as connection:
        bodies = connection.scalars(select(STORED_EVENTS.c.state).order_by(STORED_EVENTS.c.id)).all()
        tree = Tree.stored(connection, str(village.log_name))
    assert (tree.size, len(bodies)) == (4, 4)


def test_given_a_clock_that_went_back_when_a_checkpoint_is_made_then_its_time_still_rises(
    tiny: TinyNetwork, village: Node
):
    before = village.proofs.state()["made_at"]
    tiny.register(village, VILLAGE_2)
    tiny.clock.at -= timedelta(hours=2)
    tiny.close(ALONE)
    (again,) = tiny.open(ALONE)
    look(again)
    after = again.proofs.state()
    assert after["size"] == 4
    assert after["made_at"] > before


def test_given_lost_rows_of_the_tree_when_a_checkpoint_is_made_then_the_tree_is_grown_anew(
    tiny: TinyNetwork, village: Node
):
    with village.engine.begin() as connection:
        connection.execute(delete(TILES))
    tiny.register(village, VILLAGE_2)
    tiny.clock.at += LATER
    look(village)
    assert signed(village)[-1][0] == 4
    assert village.proofs.state()["alarms"] == []


@pytest.mark.parametrize(("damage", "kind"), [("changed", "forked"), ("deleted", "rolled-back")])
def test_given_other_facts_than_were_signed_when_a_checkpoint_is_due_then_none_is_made_but_an_alarm(
    tiny: TinyNetwork, village: Node, damage: str, kind: str
):
    with village.engine.begin() as connection:
        connection.execute(delete(TILES))
        last = connection.scalar(select(STORED_EVENTS.c.id).order_by(STORED_EVENTS.c.id.desc()).limit(1))
        if damage == "changed":
            first = connection.execute(select(STORED_EVENTS).order_by(STORED_EVENTS.c.id)).first()
            assert first
            change = update(STORED_EVENTS).where(STORED_EVENTS.c.id == last)
            connection.execute(change.values(state=first.state))
        else:
            position = select(JOURNAL.c.position).where(JOURNAL.c.own).order_by(JOURNAL.c.position.desc())
            end = connection.scalar(position.limit(1))
            connection.execute(delete(JOURNAL).where(JOURNAL.c.position == end))
            connection.execute(delete(STORED_EVENTS).where(STORED_EVENTS.c.id == last))
    before = signed(village)
    tiny.clock.at += timedelta(days=1)
    look(village)
    assert signed(village) == before
    assert [alarm["kind"] for alarm in village.proofs.state()["alarms"]] == [kind]
