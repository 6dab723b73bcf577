"""The tree is RFC 6962's: its published roots, its own example, and proofs that only the truth passes."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.proof import merkle
from shared.proof.tiles import Leaf, Tree

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots over the first 0 to 8 of the leaves, as Certificate Transparency's own tests have them."""


def tree_of(data: list[bytes]) -> Tree:
    tree = Tree("a log")
    for position, one in enumerate(data):
        tree.add(Leaf(merkle.leaf_hash(one), position))
    return tree


def by_definition(data: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = 1
    while 2 * k < len(data):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(data[:k]) + by_definition(data[k:])).digest()


def facts(count: int) -> list[bytes]:
    return [f"fact {number}".encode() for number in range(count)]


def test_the_published_roots_come_out():
    tree = tree_of([bytes.fromhex(leaf) for leaf in LEAVES])
    assert [tree.root(size).hex() for size in range(9)] == ROOTS


def test_the_example_of_the_rfc_comes_out():
    """Section 2.1.3: seven leaves d0 to d6; the nodes are called a to l there."""
    tree = tree_of(facts(7))
    a, b, c, d, _, f, j = (tree.leaf(at) for at in range(7))
    g, h, i = merkle.node_hash(a, b), merkle.node_hash(c, d), merkle.node_hash(tree.leaf(4), f)
    k, l = merkle.node_hash(g, h), merkle.node_hash(i, j)  # noqa: E741
    assert tree.root(7) == merkle.node_hash(k, l)
    assert [tree.inclusion(leaf, 7) for leaf in (0, 3, 4, 6)] == [[b, h, l], [c, g, l], [f, j, k], [i, k]]
    assert [tree.consistency(old, 7) for old in (3, 4, 6)] == [[c, d, g, l], [l], [i, j, k]]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 700])
def test_the_root_is_that_of_the_definition_across_tiles(size: int):
    data = facts(size)
    assert tree_of(data).root(size) == by_definition(data)


def test_a_third_level_of_tiles_is_right():
    """65,536 leaves fill 256 tiles and begin the third level."""
    data = facts(65_537)
    tree = tree_of(data)
    assert tree.root(65_537) == by_definition(data)
    assert merkle.is_included(tree.leaf(1), 1, 65_537, tree.inclusion(1, 65_537), tree.root(65_537))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_true_proof_passes_and_a_changed_one_does_not(data: st.DataObject):
    size = data.draw(st.integers(1, 600))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root, leaf = LONG.root(size), LONG.leaf(index)
    included, continued = LONG.inclusion(index, size), LONG.consistency(old, size)
    assert merkle.is_included(leaf, index, size, included, root)
    assert merkle.is_consistent(old, LONG.root(old), size, root, continued)
    for wrong in mistakes(included):
        assert not merkle.is_included(leaf, index, size, wrong, root)
    for wrong in mistakes(continued):
        assert not merkle.is_consistent(old, LONG.root(old), size, root, wrong)
    other = data.draw(st.integers(0, 600))
    if other != index:
        assert not merkle.is_included(leaf, other, size, included, root)
    if LONG.root(other) != LONG.root(old) and other:
        assert not merkle.is_consistent(old, LONG.root(other), size, root, continued)


LONG = tree_of(facts(600))


def mistakes(proof: list[bytes]) -> list[list[bytes]]:
    """A proof with a hash too many, one missing, two swapped, a bit flipped."""
    flipped = [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]] if proof else [merkle.EMPTY_ROOT]
    swapped = [[*proof[:at], b, a, *proof[at + 2 :]] for at, (a, b) in enumerate(pairwise(proof))]
    return [[*proof, merkle.EMPTY_ROOT], flipped, *([proof[:-1]] if proof else []), *swapped]


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (7, 3)])
def test_no_proof_is_made_or_believed_outside_the_tree(index: int, size: int):
    with pytest.raises(ValueError, match="no such place"):
        LONG.inclusion(index, size)
    assert not merkle.is_included(LONG.leaf(0), index, size, [], LONG.root(max(size, 0)))


def test_a_shorter_log_never_continues_a_longer_one():
    with pytest.raises(ValueError, match="no such place"):
        LONG.consistency(4, 3)
    assert not merkle.is_consistent(4, LONG.root(4), 3, LONG.root(3), [])


def test_from_nothing_every_log_follows_but_only_with_an_empty_proof():
    assert merkle.is_consistent(0, merkle.EMPTY_ROOT, 5, LONG.root(5), [])
    assert not merkle.is_consistent(0, merkle.EMPTY_ROOT, 5, LONG.root(5), [LONG.leaf(0)])
    assert not merkle.is_consistent(0, LONG.root(1), 5, LONG.root(5), [])
