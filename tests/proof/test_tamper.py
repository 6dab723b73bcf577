"""Whoever changes what had departed is found: by the check of the file, or by the offices above."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select, update

from shared.audit.verify import verify_node
from shared.event_log.recorder import STORED_EVENTS
from shared.node.node import Node
from shared.proof.witness import all_witnessed
from tests.parts.tiny_fixtures import Founded
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.proof.exchange import send, witness
from tests.tamper.careful import rewrite
from tests.tamper.cases import play
from tests.tamper.ground import Ground, build

CASES, TURNS = 200, 10
"""Cases of a run; `python -m tests.tamper --count 5000` plays the long set."""


@pytest.fixture(scope="module")
def ground(founded_on_files: Founded, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The network that every case tampers with a copy of."""
    return build(*founded_on_files, tmp_path_factory.mktemp("tamper"))


@pytest.mark.parametrize("turn", range(TURNS))
def test_whatever_is_done_to_the_files_is_found(ground: Ground, tmp_path: Path, turn: int):
    # Given, by its number: a bit flipped, rows deleted, swapped, put in or cut off, a log rewritten with
    # care, the whole file rolled back, or rolled back and written on
    first = 1 + turn * CASES // TURNS
    outcomes = [play(ground, seed, tmp_path / "case") for seed in range(first, first + CASES // TURNS)]
    # When the node is checked and meets the offices above, then each is found, with whose it is
    assert [outcome for outcome in outcomes if not outcome.found] == []


def test_without_the_offices_above_a_careful_thief_is_not_found_which_is_the_stated_limit(
    ground: Ground, tmp_path: Path
):
    network = ground.copy(tmp_path / "case")
    rewrite(network, Random(1))
    (village,) = network.open(ALONE)
    assert verify_node(village).findings == ()
    network.close()


@pytest.fixture
def village(tiny: TinyNetwork) -> tuple[Node, Node]:
    """A village with witnessed facts, and its township, on each database."""
    village, town, county = tiny.open(ALONE, "town-100", "county")
    for _ in range(5):
        tiny.register(village, VILLAGE_2)
    send(village, town, county)
    witness(village, town, county)
    return village, town


def ids(node: Node) -> list[int]:
    with node.engine.connect() as connection:
        return list(connection.scalars(select(STORED_EVENTS.c.id).order_by(STORED_EVENTS.c.id)))


@pytest.mark.parametrize("damage", ["change", "delete", "swap", "truncate"])
def test_on_each_database_the_first_bad_fact_is_named_with_its_node(village: tuple[Node, Node], damage: str):
    node, town = village
    rows, table = ids(node), STORED_EVENTS
    with node.engine.begin() as connection:
        bodies = [connection.scalar(select(table.c.state).where(table.c.id == row)) for row in rows]
        at = {row: table.c.id == row for row in rows}
        statements = {
            "change": [update(table).where(at[rows[2]]).values(state=bytes(bodies[2]) + b" ")],
            "delete": [delete(table).where(at[rows[2]])],
            "swap": [
                update(table).where(at[rows[2]]).values(state=bodies[3]),
                update(table).where(at[rows[3]]).values(state=bodies[2]),
            ],
            "truncate": [delete(table).where(table.c.id >= rows[2])],
        }[damage]
        for statement in statements:
            connection.execute(statement)
    findings = verify_node(node, witnessed=town.ask(all_witnessed)).findings
    assert findings[0].whose == ALONE
    assert "version 1 (journal " in findings[0].where
    assert any("a witness holds a checkpoint of 5 facts" in finding.what for finding in findings)
