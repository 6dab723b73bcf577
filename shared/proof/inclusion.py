"""The proof that one fact is in a witnessed log (c2sp.org/tlog-proof): one file, checked offline.

c2sp.org/tlog-proof@v1
index 1728
(hashes, base64, one a line)

(the checkpoint with its signatures)
"""

import re
from dataclasses import dataclass

from shared.event_log.node_keys import b64, unb64
from shared.proof.checkpoint import Checkpoint
from shared.proof.merkle import HASH_BYTES, is_included
from shared.proof.notes import NotANote, Note

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,14})", re.ASCII)


@dataclass(frozen=True)
class Inclusion:
    """Where a leaf stands in a log, the hashes beside its way to the root, and the signed checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note

    @classmethod
    def read(cls, said: str) -> "Inclusion":
        """The proof of a text. Errors: NotANote."""
        head, blank, note = said.replace("\r\n", "\n").lstrip().partition("\n\n")
        first, index, *hashes = [*head.split("\n"), ""][:-1] if blank else ["", ""]
        found = _INDEX.fullmatch(index)
        if first != _FIRST_LINE or found is None:
            raise NotANote("not a proof of this form")
        try:
            raw = tuple(unb64(line) for line in hashes)
        except ValueError as error:
            raise NotANote(f"not a hash: {error}") from error
        if any(len(one) != HASH_BYTES for one in raw):
            raise NotANote("not a hash")
        return cls(int(found[1]), raw, Note.read(note))

    def __str__(self) -> str:
        lines = [_FIRST_LINE, f"index {self.index}", *map(b64, self.hashes)]
        return "\n".join(lines) + f"\n\n{self.note}"

    @property
    def checkpoint(self) -> Checkpoint:
        """What the proof leads to. Errors: NotANote."""
        return Checkpoint.of(self.note)

    def holds(self, leaf: bytes) -> bool:
        """Whether it shows that the leaf with this hash is in the checkpoint's log. Errors: NotANote."""
        to = self.checkpoint
        return is_included(leaf, self.index, to.size, self.hashes, to.root)
