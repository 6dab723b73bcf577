"""A tree's hashes, 256 a row, as c2sp.org/tlog-tiles lays them out.

A row a hash would double the number of rows of a log; tiles take 32 bytes a fact, and a proof in a log of
a million facts reads at most three levels of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from shared.database.writes import upsert
from shared.proof import merkle
from shared.proof.merkle import HASH_BYTES, fold
from shared.proof.tables import TILES, TREES

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile, as the C2SP specification has it."""


@dataclass(frozen=True)
class Leaf:
    """One fact in a tree: its hash, and the journal position at which this node came to know it."""

    hash: bytes
    position: int


@dataclass
class Tile:
    """Up to 256 hashes of one level; `first` is the journal position of its first leaf."""

    first: int
    hashes: bytearray


Load = Callable[[int, int], Tile | None]


class Tree:
    """One log's tree: reads its tiles as they are needed, grows at its right edge."""

    def __init__(self, log: str, size: int = 0, reached: int = 0, load: Load = lambda *_: None) -> None:
        self.log, self.size, self.reached = log, size, reached
        self._load = load
        self._tiles: dict[tuple[int, int], Tile] = {}
        self._changed: set[tuple[int, int]] = set()

    @classmethod
    def stored(cls, connection: Connection, log: str) -> "Tree":
        """The tree as the database has it; empty when there is none yet."""
        row = connection.execute(select(TREES).where(TREES.c.log == log)).first()
        return cls(log, row.size, row.reached, _loader(connection, log)) if row else cls(log)

    def add(self, leaf: Leaf) -> None:
        """Put a leaf at the end."""
        self.size += 1
        hash_, level, more = leaf.hash, 0, True
        while more:
            place, within = divmod((self.size >> (HEIGHT * level)) - 1, WIDTH)
            tile = self._tile(level, place) if within else Tile(leaf.position, bytearray())
            tile.hashes += hash_
            self._tiles[level, place] = tile
            self._changed.add((level, place))
            more = within == WIDTH - 1
            hash_, level = (fold(bytes(tile.hashes)), level + 1) if more else (b"", level)

    def save(self, connection: Connection) -> None:
        """Write what was added, in the caller's transaction.

        May be called again: a commit can fail and be tried once more, and then all of it must be written again.
        """
        upsert(connection, TILES, [self._row(key) for key in sorted(self._changed)])
        upsert(connection, TREES, [{"log": self.log, "size": self.size, "reached": self.reached}])

    def subtree(self, level: int, place: int) -> bytes:
        """The hash of a complete subtree, as the arithmetic asks for it. Errors: LookupError."""
        below, above = divmod(level, HEIGHT)
        count = 1 << above
        tile, within = divmod(place << above, WIDTH)
        part = bytes(self._tile(below, tile).hashes[within * HASH_BYTES : (within + count) * HASH_BYTES])
        if len(part) != count * HASH_BYTES:
            raise LookupError(f"{self.log}: tile {below}/{tile} is too short")
        return fold(part)

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves. Errors: LookupError."""
        return merkle.root(size, self.subtree)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The inclusion proof of a leaf. Errors: LookupError, ValueError."""
        return merkle.inclusion(index, size, self.subtree)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes. Errors: LookupError, ValueError."""
        return merkle.consistency(old, new, self.subtree)

    def tiles(self) -> Iterator[tuple[tuple[int, int], Tile]]:
        """The tiles that are in memory, in order."""
        for key in sorted(self._tiles):
            yield key, self._tiles[key]

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf. Errors: LookupError."""
        return self.subtree(0, index)

    def _tile(self, level: int, place: int) -> Tile:
        found = self._tiles.get((level, place)) or self._load(level, place)
        if found is None:
            raise LookupError(f"{self.log}: tile {level}/{place} is gone")
        self._tiles[level, place] = found
        return found

    def _row(self, key: tuple[int, int]) -> dict[str, Any]:
        tile = self._tiles[key]
        place = {"log": self.log, "level": key[0], "place": key[1]}
        return place | {"first": tile.first, "hashes": bytes(tile.hashes)}


def index_of(connection: Connection, log: str, leaf: Leaf, *, anywhere: bool = False) -> int | None:
    """The number of a leaf in its tree, found by its journal position; none when it is not there yet.

    `anywhere` looks through all tiles: a fact that was parked has a later position than its neighbours.
    """
    by_place = select(TILES.c.place, TILES.c.hashes).where(TILES.c.log == log, TILES.c.level == 0)
    near = by_place.where(TILES.c.first <= leaf.position).order_by(TILES.c.first.desc()).limit(1)
    for query in (near, by_place.order_by(TILES.c.place))[: 2 if anywhere else 1]:
        for row in connection.execute(query):
            found = _within(bytes(row.hashes), leaf.hash)
            if found is not None:
                return row.place * WIDTH + found
    return None


def _within(hashes: bytes, wanted: bytes) -> int | None:
    at = hashes.find(wanted)
    while at >= 0 and at % HASH_BYTES:
        at = hashes.find(wanted, at + 1)
    return at // HASH_BYTES if at >= 0 else None


def _loader(connection: Connection, log: str) -> Load:
    def load(level: int, place: int) -> Tile | None:
        wanted = (TILES.c.log == log, TILES.c.level == level, TILES.c.place == place)
        row = connection.execute(select(TILES.c.first, TILES.c.hashes).where(*wanted)).first()
        return Tile(row.first, bytearray(row.hashes)) if row else None

    return load
