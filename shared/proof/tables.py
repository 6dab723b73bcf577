"""Tables of the proof, in each node's schema; written in transactions of their own, never with an order.

| table | holds |
| --- | --- |
| trees | per log: leaves in its tree, and how far its source was read (journal position, number of a route) |
| tiles | hashes of a tree, 256 a row: level 0 are leaves, each level above stands for 256 of the one below |
| checkpoints | what this node signed, oldest first |
| cosignatures | who cosigned them |
| witnessed | checkpoints of other nodes that this one cosigned; `compared` with its own copy of the facts |
| alarms | logs that are not what was witnessed of them, found here or told by a witness |
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

PROOF = MetaData()
_Big = BigInteger().with_variant(Integer(), "sqlite")

TREES = Table(
    "trees",
    PROOF,
    Column("log", String, primary_key=True),
    Column("size", _Big, nullable=False),
    Column("reached", _Big, nullable=False),
)
TILES = Table(
    "tiles",
    PROOF,
    Column("log", String, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("place", _Big, primary_key=True),
    Column("first", _Big, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    Index("tiles_by_first", "log", "level", "first"),
)
CHECKPOINTS = Table(
    "checkpoints",
    PROOF,
    Column("log", String, primary_key=True),
    Column("made_at", String, primary_key=True),
    Column("size", _Big, nullable=False),
    Column("note", Text, nullable=False),
)
COSIGNATURES = Table(
    "cosignatures",
    PROOF,
    Column("log", String, primary_key=True),
    Column("witness", String, primary_key=True),
    Column("made_at", String, primary_key=True),
    Column("size", _Big, nullable=False),
    Column("note", Text, nullable=False),
    Index("cosignatures_by_size", "log", "size", "made_at"),
)
WITNESSED = Table(
    "witnessed",
    PROOF,
    Column("log", String, primary_key=True),
    Column("made_at", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("size", _Big, nullable=False),
    Column("note", Text, nullable=False),
    Column("compared", String, nullable=False),
    Index("witnessed_by_compared", "compared"),
    Index("witnessed_by_size", "log", "size", "made_at"),
)
ALARMS = Table(
    "alarms",
    PROOF,
    Column("log", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("found_by", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("found_at", String, nullable=False),
    Column("size", _Big, nullable=False),
    Column("witnessed_size", _Big, nullable=False),
    Column("note", Text, nullable=False),
)
