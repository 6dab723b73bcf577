"""Damage to a node's database file, by SQL that knows nothing of our code."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any


@dataclass(frozen=True)
class Part:
    """Rows that matter: a table, the columns whose content is vouched for, and which rows are looked at."""

    table: str
    columns: tuple[str, ...]
    rows: str = "1"
    whole: bool = True
    """Whether the rows themselves are counted; of rows that are kept as evidence only the content is."""


OWN = (
    Part("stored_events", ("state", "topic", "originator_id", "originator_version")),
    Part("journal", ("fact", "stream", "stream_version"), "own"),
    Part("places", ("chain", "number", "position")),
    Part("routes", ("chain", "last"), whole=False),
    Part("tiles", ("hashes",)),
    Part("trees", ("size",), whole=False),
    Part("checkpoints", ("note",), whole=False),
    Part("cosignatures", ("note",), whole=False),
)
"""What a village's node has of its own log."""

RECEIVED = (
    Part(
        "received",
        ("body",),
        "fact IN (SELECT fact FROM received_places WHERE source LIKE 'village-100-202')",
    ),
    Part("received_places", ("chain", "number", "fact"), "source = 'village-100-202'"),
    Part("sources", ("chain", "held"), "source = 'village-100-202'", whole=False),
    Part("witnessed", ("note",), "source = 'village-100-202'", whole=False),
)
"""What the offices above have of it."""


@dataclass(frozen=True)
class Deed:
    """One damage that was done."""

    kind: str
    table: str
    detail: str


def open_file(folder: Path, node: str) -> sqlite3.Connection:
    """The database file of a node."""
    return sqlite3.connect(folder / "nodes" / node / "log.sqlite")


def _ids(db: sqlite3.Connection, part: Part) -> list[int]:
    return [row[0] for row in db.execute(f"SELECT rowid FROM {part.table} WHERE {part.rows} ORDER BY rowid")]


def flip(db: sqlite3.Connection, part: Part, random: Random) -> Deed:
    """Change one bit of one value."""
    column, row = random.choice(part.columns), random.choice(_ids(db, part))
    (old,) = db.execute(f"SELECT {column} FROM {part.table} WHERE rowid = ?", (row,)).fetchone()
    try:
        new = _flipped(old, random)
        db.execute(f"UPDATE {part.table} SET {column} = ? WHERE rowid = ?", (new, row))
    except sqlite3.IntegrityError:
        return flip(db, part, random)  # the table holds that value already
    return Deed("flip", part.table, f"{column} of row {row}")


def _flipped(old: Any, random: Random) -> Any:
    if isinstance(old, int):
        return old ^ (1 << random.randrange(6))
    raw = bytearray(old.encode() if isinstance(old, str) else old)
    at = random.randrange(len(raw))
    # In text a letter changes into another one that every encoding can keep.
    raw[at] = raw[at] ^ (1 << random.randrange(8)) if isinstance(old, bytes) else (raw[at] & 0x40) | 0x31
    new = raw.decode(errors="replace") if isinstance(old, str) else bytes(raw)
    return new if new != old else _flipped(old, random)


def remove(db: sqlite3.Connection, part: Part, random: Random) -> Deed:
    """Delete one row."""
    row = random.choice(_ids(db, part))
    db.execute(f"DELETE FROM {part.table} WHERE rowid = ?", (row,))
    return Deed("delete", part.table, f"row {row}")


def swap(db: sqlite3.Connection, part: Part, random: Random) -> Deed:
    """Let two rows change their content."""
    column, ids = part.columns[0], _ids(db, part)
    one, other = random.sample(ids, 2)
    values = {
        row: db.execute(f"SELECT {column} FROM {part.table} WHERE rowid = ?", (row,)).fetchone()[0]
        for row in (one, other)
    }
    # One of them is laid aside first, since the column may hold no value twice.
    db.execute(f"UPDATE {part.table} SET {column} = ? WHERE rowid = ?", (b"aside", one))
    db.execute(f"UPDATE {part.table} SET {column} = ? WHERE rowid = ?", (values[one], other))
    db.execute(f"UPDATE {part.table} SET {column} = ? WHERE rowid = ?", (values[other], one))
    return Deed("swap", part.table, f"{column} of rows {one} and {other}")


KEYS = {
    "stored_events": {"id": 1_000_000, "originator_version": 1_000},
    "journal": {"position": 1_000_000, "fact": "f" * 32, "stream_version": 1_000},
    "places": {"number": 1_000},
    "received_places": {"number": 1_000},
    "received": {"fact": "f" * 32},
    "tiles": {"place": 1_000},
}
"""How a copied row is told from the one it was copied of: new values, or what is added to the old ones."""


def insert(db: sqlite3.Connection, part: Part, random: Random) -> Deed:
    """Put in a copy of a row, in another place."""
    row = random.choice(_ids(db, part))
    found = db.execute(f"SELECT * FROM {part.table} WHERE rowid = ?", (row,))
    names = [column[0] for column in found.description]
    values = dict(zip(names, found.fetchone(), strict=True))
    for name, change in KEYS[part.table].items():
        values[name] = change if isinstance(change, str) else values[name] + random.randint(1, change)
    places = ", ".join("?" for _ in names)
    try:
        db.execute(f"INSERT INTO {part.table} VALUES ({places})", [values[name] for name in names])
    except sqlite3.IntegrityError:
        return insert(db, part, random)  # the place is taken already
    return Deed("insert", part.table, f"a copy of row {row}")


def truncate(db: sqlite3.Connection, part: Part, random: Random) -> Deed:
    """Delete the last rows."""
    ids = _ids(db, part)
    count = random.randint(1, max(1, len(ids) - 1))
    db.executemany(f"DELETE FROM {part.table} WHERE rowid = ?", [(row,) for row in ids[-count:]])
    return Deed("truncate", part.table, f"the last {count} rows")


Damage = Callable[[sqlite3.Connection, Part, Random], Deed]
OF_CONTENT: tuple[Damage, ...] = (flip, swap)
OF_ROWS: tuple[Damage, ...] = (remove, insert, truncate)


def choose(parts: tuple[Part, ...], random: Random) -> tuple[Part, Damage]:
    """A part and a damage that makes sense for it."""
    damage = random.choice((*OF_CONTENT, *OF_ROWS))
    able = [part for part in parts if part.whole or damage is flip]
    if damage is insert:
        able = [part for part in able if part.table in KEYS]
    return random.choice([part for part in able if damage is not swap or part.table != "tiles"]), damage
