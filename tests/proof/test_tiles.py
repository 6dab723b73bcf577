"""A tree in the database: what is read for a proof, how it grows, and where a fact is found again."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from shared.database.engines import engine_for
from shared.proof.merkle import is_consistent, is_included
from shared.proof.tables import PROOF, TILES
from shared.proof.tiles import WIDTH, Leaf, Tree, index_of
from tests.parts.counted import counted

FACTS = 70_000
"""Enough for a third level of tiles, as in a log of a million."""


def leaf(number: int) -> Leaf:
    """The leaf of a made-up fact; received facts of others stand between them in the journal."""
    return Leaf(hashlib.sha256(str(number).encode()).digest(), 3 * number)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = engine_for(f"sqlite:///{tmp_path_factory.mktemp('tiles')}/log.sqlite", None)
    PROOF.create_all(engine)
    tree = Tree("log")
    for number in range(FACTS):
        tree.add(leaf(number))
    with engine.begin() as connection:
        tree.save(connection)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("index", [0, 1, 255, 256, 65_535, 65_536, FACTS - 1])
def test_a_proof_reads_a_few_rows_however_long_the_log_is(engine: Engine, index: int):
    with engine.connect() as connection, counted(engine) as seen:
        tree = Tree.stored(connection, "log")
        proof = tree.inclusion(index, FACTS)
    assert len(seen) <= 1 + 2 * 3
    with engine.connect() as connection:
        root = Tree.stored(connection, "log").root(FACTS)
    assert is_included(leaf(index).hash, index, FACTS, proof, root)


def test_a_log_of_256_facts_a_row_has_few_rows(engine: Engine):
    with engine.connect() as connection:
        rows = connection.scalar(select(func.count()).select_from(TILES))
    assert rows == FACTS // WIDTH + 1 + 2 + 1


def test_a_tree_that_grew_in_steps_is_the_one_that_grew_at_once(engine: Engine, tmp_path: Path):
    # Given a tree that is written and read again after each step, across the ends of tiles
    steps = engine_for(f"sqlite:///{tmp_path}/steps.sqlite", None)
    PROOF.create_all(steps)
    for end in (1, 255, 256, 257, 511, 513, 1_500):
        with steps.begin() as connection:
            tree = Tree.stored(connection, "log")
            for number in range(tree.size, end):
                tree.add(leaf(number))
            tree.save(connection)
    # Then its root is that of the other one at the same size, and the longer one continues it
    with engine.connect() as connection, steps.connect() as other:
        long, grown = Tree.stored(connection, "log"), Tree.stored(other, "log")
        assert grown.root(1_500) == long.root(1_500)
        proof = long.consistency(1_500, FACTS)
        assert is_consistent(1_500, grown.root(1_500), FACTS, long.root(FACTS), proof)
    steps.dispose()


def test_given_a_commit_that_failed_when_its_tree_is_saved_again_then_every_row_is_there(tmp_path: Path):
    # Given a tree whose first commit is rolled back
    engine = engine_for(f"sqlite:///{tmp_path}/again.sqlite", None)
    PROOF.create_all(engine)
    tree = Tree("log")
    for number in range(WIDTH + 1):
        tree.add(leaf(number))
    with engine.connect() as connection:
        tree.save(connection)
        connection.rollback()
    # When the same work is done again
    with engine.begin() as connection:
        tree.save(connection)
    # Then the stored tree is whole
    with engine.connect() as connection:
        assert Tree.stored(connection, "log").root(WIDTH + 1) == tree.root(WIDTH + 1)
    engine.dispose()


def test_a_fact_is_found_by_its_journal_position_and_a_late_one_by_its_hash(engine: Engine):
    with engine.connect() as connection:
        found = [index_of(connection, "log", leaf(number)) for number in (0, 300, FACTS - 1)]
        late = Leaf(leaf(300).hash, 10 * FACTS)
        assert found == [0, 300, FACTS - 1]
        assert index_of(connection, "log", late) is None
        assert index_of(connection, "log", late, anywhere=True) == 300
        assert index_of(connection, "log", Leaf(bytes(32), 5), anywhere=True) is None


def test_a_row_that_is_gone_is_told_and_not_guessed(engine: Engine):
    with engine.connect() as connection:
        tree = Tree.stored(connection, "log")
        with pytest.raises(LookupError, match="log: tile"):
            tree.subtree(0, FACTS)
        with pytest.raises(LookupError, match="is gone"):
            tree.subtree(0, 10 * FACTS)
