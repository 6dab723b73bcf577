"""Checkpoints (c2sp.org/tlog-checkpoint): what a node says its log is at one moment.

    NETWORK/NODE/INCARNATION       origin: the log's name, also the name of its key
    1729                           size: facts in the log
    CsUYapGGPo4dkMgIAUqom/Xajj...  root of the Merkle tree over them, base64
    time 2026-03-27T16:00:00.0...  extension: when it was made, by the node's clock

Each incarnation of a node has a log of its own: a node that was restored from a backup may have lost
facts that its witnesses saw, so it begins a new log and cannot pass the new one off as the old.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from shared.envelope import moment_of, moment_text
from shared.event_log.node_keys import NodeKeys, b64, unb64
from shared.proof.merkle import HASH_BYTES
from shared.proof.notes import NotANote, Note

_SIZE = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)
_ORIGIN = re.compile(r"([^/+\s]+)/([^/+\s]+)/([1-9]\d{0,8})", re.ASCII)


@dataclass(frozen=True)
class LogName:
    """Which log: a network, a node, and which incarnation of it."""

    network: str
    node: str
    incarnation: int

    @classmethod
    def read(cls, origin: str) -> "LogName":
        """The log of an origin line. Errors: NotANote."""
        found = _ORIGIN.fullmatch(origin)
        if found is None:
            raise NotANote(f"not the name of a log: {origin[:80]!r}")
        return cls(found[1], found[2], int(found[3]))

    def __str__(self) -> str:
        return f"{self.network}/{self.node}/{self.incarnation}"


def witness_name(network: str, node: str) -> str:
    """The name under which a node cosigns other nodes' checkpoints."""
    return f"{network}/{node}"


@dataclass(frozen=True)
class Checkpoint:
    """Origin, size, root and time of a log."""

    log: LogName
    size: int
    root: bytes
    time: datetime

    @classmethod
    def of(cls, note: Note) -> "Checkpoint":
        """The checkpoint in a note, whoever signed it. Errors: NotANote."""
        lines = note.text.split("\n")
        try:
            origin, size, root, time, end = lines
            made = cls(LogName.read(origin), _size(size), unb64(root), moment_of(time.removeprefix("time ")))
        except ValueError as error:
            raise NotANote(f"not a checkpoint: {error}") from error
        if end or not time.startswith("time ") or len(made.root) != HASH_BYTES:
            raise NotANote("not a checkpoint of this release")
        return made

    @classmethod
    def read(cls, said: str, public: str) -> tuple["Checkpoint", Note]:
        """A checkpoint that its log signed, and its note. Errors: NotANote."""
        note = Note.read(said)
        made = cls.of(note)
        if not note.is_signed(str(made.log), public):
            raise NotANote(f"{made.log} did not sign this checkpoint")
        return made, note

    def note(self, keys: NodeKeys) -> Note:
        """The checkpoint as its log signs it."""
        text = f"{self.log}\n{self.size}\n{b64(self.root)}\ntime {moment_text(self.time)}\n"
        return Note(text, ()).signed(str(self.log), keys)


def _size(text: str) -> int:
    if not _SIZE.fullmatch(text):
        raise NotANote(f"not a size: {text[:40]!r}")
    return int(text)
