"""Whether a log only grew between two of its checkpoints, by the text of RFC 9162, section 2.1.4.2.

Written from the standard and not from the program, whose proofs it is to judge.
"""

import base64
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Head:
    """Of a signed note (c2sp.org/tlog-checkpoint): how many facts the log had, and their root."""

    log: str
    size: int
    root: bytes

    @classmethod
    def of(cls, note: str) -> "Head":
        """What a note says."""
        log, size, root, *_ = note.splitlines()
        return cls(log, int(size), base64.b64decode(root))


def only_grew(old: Head, new: Head, proof: list[str]) -> bool:
    """Whether the proof (base64) leads from the older root to both."""
    path = [base64.b64decode(one) for one in proof]
    if old.log != new.log or not 0 < old.size <= new.size:
        return False
    if old.size == new.size:
        return old.root == new.root and not path
    if old.size & (old.size - 1) == 0:
        path.insert(0, old.root)
    return bool(path) and _roots(old.size - 1, new.size - 1, path) == (old.root, new.root)


def _roots(first: int, second: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots as the path makes them; none when it is too short or too long."""
    while first & 1:
        first, second = first >> 1, second >> 1
    ours = theirs = path[0]
    for node in path[1:]:
        if second == 0:
            return None
        if first & 1 or first == second:
            ours, theirs = _over(node, ours), _over(node, theirs)
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            theirs = _over(theirs, node)
        first, second = first >> 1, second >> 1
    return (ours, theirs) if second == 0 else None


def _over(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
