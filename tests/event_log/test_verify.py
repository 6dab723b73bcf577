"""Checking a node names what is not as it must be, whose it is and where; a clean node has nothing to say."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, update

from shared.audit.verify import verify_node
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import PLACES, RECEIVED, RECEIVED_PLACES, ROUTES, SOURCES
from shared.node.node import Node
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.postman import hand, letters

MATTERS = 12
TABLES: dict[str, tuple[Table, Any, str]] = {
    "own log": (STORED_EVENTS, STORED_EVENTS.c.id, "state"),
    "received facts": (RECEIVED, RECEIVED.c.fact, "body"),
    "own places": (PLACES, PLACES.c.number, "chain"),
    "received places": (RECEIVED_PLACES, RECEIVED_PLACES.c.number, "chain"),
}


class Pair:
    """A village and its township, which holds the village's twelve facts."""

    def __init__(self, tiny: TinyNetwork) -> None:
        self.village, self.town = tiny.open(ALONE, "town-100")
        for _ in range(MATTERS):
            tiny.register(self.village, VILLAGE_2)
        hand(self.town, letters(self.village))

    def owner(self, part: str) -> Node:
        """The node at which a part is looked at: own things at the village, received ones at the township."""
        return self.village if part.startswith("own") else self.town


@pytest.fixture
def pair(tiny_on_files: TinyNetwork) -> Pair:
    return Pair(tiny_on_files)


def rows_of(node: Node, part: str) -> list[Any]:
    """The rows about the village's facts, in order."""
    table, key, _ = TABLES[part]
    query = select(table).order_by(key)
    if table is RECEIVED:
        query = select(RECEIVED).join(RECEIVED_PLACES, RECEIVED_PLACES.c.fact == RECEIVED.c.fact)
        query = query.where(RECEIVED_PLACES.c.source == ALONE).order_by(RECEIVED_PLACES.c.number)
    elif table is RECEIVED_PLACES:
        query = query.where(RECEIVED_PLACES.c.source == ALONE)
    with node.engine.connect() as connection:
        return list(connection.execute(query).mappings())


def write(node: Node, *statements: Any) -> None:
    with node.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def same(table: Table, row: Any) -> Any:
    """The condition that finds a row again."""
    conditions = [table.c[column.name] == row[column.name] for column in table.primary_key]
    found = conditions[0]
    for condition in conditions[1:]:
        found = found & condition
    return found


def flip(node: Node, part: str, random: Random) -> None:
    table, _, content = TABLES[part]
    row = random.choice(rows_of(node, part))
    said = bytearray(row[content])
    said[random.randrange(len(said))] ^= 1 << random.randrange(8)
    write(node, update(table).where(same(table, row)).values({content: bytes(said)}))


def remove(node: Node, part: str, random: Random) -> None:
    table = TABLES[part][0]
    write(node, delete(table).where(same(table, random.choice(rows_of(node, part)[:-1]))))


def swap(node: Node, part: str, random: Random) -> None:
    table, _, content = TABLES[part]
    one, other = random.sample(rows_of(node, part), 2)
    first = update(table).where(same(table, one)).values({content: other[content]})
    second = update(table).where(same(table, other)).values({content: one[content]})
    write(node, first, second)


def cut(node: Node, part: str, random: Random) -> None:
    table = TABLES[part][0]
    gone = rows_of(node, part)[-random.randint(1, MATTERS - 1) :]
    write(node, *(delete(table).where(same(table, row)) for row in gone))


Damage = Callable[[Node, str, Random], None]
DAMAGES: list[Damage] = [flip, remove, swap, cut]
CASES = [(part, damage, seed) for part in TABLES for damage in DAMAGES for seed in range(3)]


@pytest.mark.parametrize(("part", "damage", "seed"), CASES)
def test_whatever_was_changed_is_named_with_its_node_and_place(
    pair: Pair, part: str, damage: Damage, seed: int
):
    # Given a clean node of which something is flipped, deleted, swapped or cut off
    node = pair.owner(part)
    damage(node, part, Random(seed))
    # When it is checked
    verdict = verify_node(node)
    # Then the finding says at which node, whose it is and where
    assert verdict.findings, "nothing was found"
    first = verdict.findings[0]
    assert (first.node, first.whose) == (node.name, ALONE)
    assert first.what and first.where


@pytest.mark.parametrize("part", ["own places", "received places"])
def test_a_place_that_was_put_in_is_named(pair: Pair, part: str):
    # Given a place after the last one that no fact was given
    node, table = pair.owner(part), TABLES[part][0]
    last = dict(rows_of(node, part)[-1]) | {"number": MATTERS + 1}
    write(node, insert(table).values(last))
    # When the node is checked, then it is found
    (finding,) = verify_node(node).findings
    assert finding.where == f"number {MATTERS + 1}"


def test_a_fact_that_was_put_into_the_log_is_named(pair: Pair):
    # Given a fact that somebody wrote behind the last one of a stream
    last = {k: v for k, v in rows_of(pair.village, "own log")[-1].items() if k != "id"}
    write(pair.village, insert(STORED_EVENTS).values(last | {"originator_version": 2}))
    # When the node is checked, then it is found
    assert "journal does not know" in verify_node(pair.village).findings[0].what


@pytest.mark.parametrize(("table", "column"), [(ROUTES, "last"), (SOURCES, "held")])
def test_an_end_that_was_moved_is_named(pair: Pair, table: Table, column: str):
    # Given a node that says of a route that it is longer than it is
    node = pair.village if table is ROUTES else pair.town
    write(node, update(table).values({column: table.c[column] + 1}))
    # When it is checked, then the place where it really ends is named
    assert any("ends early" in finding.what for finding in verify_node(node).findings)


def test_a_clean_network_has_no_finding(tiny: TinyNetwork):
    # Given nodes that worked with each other, on each database
    pair = Pair(tiny)
    tiny.open("county", "town-101", "villages-100", "villages-101")
    # When all of them are checked
    verdicts = [verify_node(node) for node in tiny.nodes.values()]
    # Then there is nothing to say, and everything was looked at
    assert [verdict.findings for verdict in verdicts] == [()] * 6
    assert verdicts[0].facts == MATTERS
    assert verdicts[1].received == len(all_received(pair.town))


def all_received(node: Node) -> range:
    with node.engine.connect() as connection:
        return range(connection.scalar(select(func.count()).select_from(RECEIVED)) or 0)
