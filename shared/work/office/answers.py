"""What questions about a node answer as JSON."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Hole(BaseModel):
    """Numbers of another node's route that are missing here and do not come; `since` none: unknown."""

    source: str
    incarnation: int
    route: str
    first: int
    last: int
    since: datetime | None
    discarded: bool


class NodeState(BaseModel):
    """What a node says of itself; numbers only, nothing about any matter."""

    model_config = ConfigDict(extra="allow")

    node: str
    release: str
    incarnation: int
    facts: int
    wire: str
    awaited_keys: int
    parked: int
    discarded: int
    holes: list[Hole]


class Ready(BaseModel):
    """Whether a node, or every node of a process, can work (`ready`, `degraded`, `not-ready`), and why not simply `ready`.

    `why` has stable words; `nodes` has them for each node that is not simply ready, where a process is asked.
    """

    state: str
    why: list[str] = []
    nodes: dict[str, list[str]] = {}


class CheckpointAnswer(BaseModel):
    """What a node signed of its log last: its name, facts in it, root (hexadecimal), and the signed note."""

    log: str
    size: int
    root: str
    made_at: datetime | None
    witnessed: dict[str, int]
    note: str


class InclusionAnswer(BaseModel):
    """The proof that a fact is in a witnessed log, as one text (c2sp.org/tlog-proof@v1)."""

    fact: UUID
    proof: str


class ConsistencyAnswer(BaseModel):
    """The hashes (base64, RFC 6962) that prove that the log of the second size begins with the first."""

    log: str
    first: int
    second: int
    proof: list[str]
