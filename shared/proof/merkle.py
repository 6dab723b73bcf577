"""The Merkle tree of RFC 6962, section 2: pure arithmetic over hashes of complete subtrees.

A tree is given as a function that knows the hash of every complete subtree: `subtree(level, place)` is
the hash over the 2**level leaves from leaf `place * 2**level` on; level 0 are the leaves. All hashes
are 32 bytes. Roots and proofs ask for O(log n) of them. Verification follows RFC 9162, sections
2.1.3.2 and 2.1.4.2, and needs no tree.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import reduce

Subtree = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256 of 0x00 and its data."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node: SHA-256 of 0x01 and the hashes below it."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """The hash over a complete subtree, from the joined hashes of a power of two of nodes."""
    while len(hashes) > HASH_BYTES:
        step = 2 * HASH_BYTES
        pairs = (hashes[at : at + step] for at in range(0, len(hashes), step))
        hashes = b"".join(hashlib.sha256(b"\x01" + pair).digest() for pair in pairs)
    return hashes


def root(size: int, subtree: Subtree) -> bytes:
    """The root over the first `size` leaves."""
    return _over(0, size, subtree) if size else EMPTY_ROOT


def inclusion(leaf: int, size: int, subtree: Subtree) -> list[bytes]:
    """The proof that leaf number `leaf` (from 0) is in the tree of `size` leaves, lowest hash first."""
    _require(0 <= leaf < size)
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf < middle:
            proof.append(_over(middle, end, subtree))
            end = middle
        else:
            proof.append(_over(start, middle, subtree))
            start = middle
    return proof[::-1]


def consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with the tree of `old` leaves; empty from 0."""
    _require(0 <= old <= new)
    proof: list[bytes] = []
    start, end = 0, new
    while old not in (0, end):
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_over(middle, end, subtree))
            end = middle
        else:
            proof.append(_over(start, middle, subtree))
            start = middle
    if start:
        proof.append(_over(start, end, subtree))
    return proof[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof shows that the leaf with this hash is number `index` of the tree with that root."""
    if not 0 <= index < size:
        return False
    hash_, at, last = leaf, index, size - 1
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            hash_ = node_hash(other, hash_)
            at, last = _up_to_odd(at, last)
        else:
            hash_ = node_hash(hash_, other)
        at, last = at >> 1, last >> 1
    return last == 0 and hash_ == expected


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the tree of the new root begins with the tree of the old one."""
    if not 0 <= old <= new:
        return False
    if old == 0 or old == new:
        return not proof and old_root == (new_root if old else EMPTY_ROOT)
    hashes = list(proof) if old & (old - 1) else [old_root, *proof]
    return bool(hashes) and _grown(old, new, hashes) == (old_root, new_root)


def _grown(old: int, new: int, hashes: list[bytes]) -> tuple[bytes, bytes] | None:
    """The old and the new root that a consistency proof leads to; none when it has another length."""
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_hash = new_hash = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            old_hash, new_hash = node_hash(other, old_hash), node_hash(other, new_hash)
            at, last = _up_to_odd(at, last)
        else:
            new_hash = node_hash(new_hash, other)
        at, last = at >> 1, last >> 1
    return (old_hash, new_hash) if last == 0 else None


def _up_to_odd(at: int, last: int) -> tuple[int, int]:
    """Climb while the node is a left one without a sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _over(start: int, end: int, subtree: Subtree) -> bytes:
    """The hash over leaves `start` to `end`, where `start` is a multiple of the power of two above."""
    return reduce(lambda right, left: node_hash(left, right), [subtree(*p) for p in _parts(start, end)][::-1])


def _parts(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees of a range, largest first, as level and place."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _split(count: int) -> int:
    """The largest power of two below `count`: where RFC 6962 divides a list."""
    return 1 << ((count - 1).bit_length() - 1)


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError("no such place in a tree of this size")
