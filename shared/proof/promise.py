"""The promise on a petitioner's receipt: the node has recorded this and will show it in its log.

    huiyin-promise-1
    NETWORK/NODE/INCARNATION
    fact 4f0c...                   id of the fact, to ask for its proof by
    leaf 9tfV...                   hash of the fact, as it stands in the log's tree, base64
    time 2026-03-27T01:00:00.0...  when it was recorded
    within 864000                  seconds until a witnessed checkpoint holds it, at the longest

The node signs it at the counter, with no other office at hand. If the log of a witnessed checkpoint made
after that time does not hold the leaf, the paper shows that the node broke its word.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.envelope import moment_of, moment_text
from shared.event_log.node_keys import NodeKeys, b64, unb64
from shared.proof.checkpoint import LogName
from shared.proof.inclusion import Inclusion
from shared.proof.merkle import HASH_BYTES
from shared.proof.notes import NotANote, Note

LONGEST_MERGE_DELAY = timedelta(days=10)
"""Longest time until a witnessed checkpoint holds a fact. The longest public holidays are eight days, in
which a village's or its township's computer may be off; one working day on each side."""

_FIRST_LINE = "huiyin-promise-1"
_TEXT = re.compile(
    rf"{_FIRST_LINE}\n(?P<log>\S+)\nfact (?P<fact>[0-9a-f-]{{36}})\nleaf (?P<leaf>\S+)"
    r"\ntime (?P<time>\S+)\nwithin (?P<within>\d{1,9})\n",
    re.ASCII,
)


@dataclass(frozen=True)
class Promise:
    """What a node promised: this leaf, recorded at that time, in its log within that delay."""

    log: LogName
    fact: UUID
    leaf: bytes
    time: datetime
    within: timedelta = LONGEST_MERGE_DELAY

    @classmethod
    def of(cls, note: Note) -> "Promise":
        """The promise in a note, whoever signed it. Errors: NotANote."""
        found = _TEXT.fullmatch(note.text)
        if found is None:
            raise NotANote("not a promise of this form")
        try:
            leaf, within = unb64(found["leaf"]), timedelta(seconds=int(found["within"]))
            made = cls(
                LogName.read(found["log"]), UUID(found["fact"]), leaf, moment_of(found["time"]), within
            )
        except ValueError as error:
            raise NotANote(f"not a promise: {error}") from error
        if len(leaf) != HASH_BYTES:
            raise NotANote("not a promise: the leaf is no hash")
        return made

    @classmethod
    def read(cls, said: str, public: str) -> "Promise":
        """A promise that the log with this public key signed. Errors: NotANote."""
        note = Note.read(said)
        made = cls.of(note)
        if not note.is_signed(str(made.log), public):
            raise NotANote(f"{made.log} did not sign this promise")
        return made

    def note(self, keys: NodeKeys) -> Note:
        """The promise as its log signs it."""
        text = (
            f"{_FIRST_LINE}\n{self.log}\nfact {self.fact}\nleaf {b64(self.leaf)}\n"
            f"time {moment_text(self.time)}\nwithin {int(self.within.total_seconds())}\n"
        )
        return Note(text, ()).signed(str(self.log), keys)

    def is_kept_by(self, proof: Inclusion) -> bool:
        """Whether a proof shows the promised leaf in the same log. Errors: NotANote."""
        return proof.checkpoint.log == self.log and proof.holds(self.leaf)
