"""Signed notes (c2sp.org/signed-note): a text, a blank line, and lines that sign it.

A signature line is `— NAME BASE64(key id || signature)`. The key id binds name, kind of signature and
key. Two kinds are used: 1, Ed25519 over the text; 4, a witness's cosignature with its time
(c2sp.org/tlog-cosignature), over the time and the text.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.event_log.node_keys import NodeKeys, b64, signed_by, unb64

SIGNS, COSIGNS = 1, 4
_ID_BYTES, _TIME_BYTES, _KEY_BYTES = 4, 8, 32
_VERIFIER_KEY = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+(\S+)")
_SIGNATURE = re.compile(r"— ([^+\s]+) (\S+)")
LONGEST_NOTE = 64 * 1024
"""Longest note that is read. Unit: characters; a checkpoint with a signature of each of 350 nodes is 60,000."""


class NotANote(ValueError):
    """Text that is no signed note, or not one of ours."""


@dataclass(frozen=True)
class Note:
    """A text with its signature lines, as (name, bytes with the key id in front)."""

    text: str
    lines: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, said: str) -> "Note":
        """The note of a text; carriage returns and spaces that copying adds are left out. Errors: NotANote."""
        clean = "\n".join(line.rstrip() for line in said.strip().splitlines()) + "\n"
        text, blank, tail = clean.rpartition("\n\n")
        if not blank or len(said) > LONGEST_NOTE:
            raise NotANote("no text with signature lines after a blank line")
        return cls(text + "\n", tuple(_line(line) for line in tail.splitlines()))

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(f"— {name} {b64(raw)}\n" for name, raw in self.lines)

    def signed(self, name: str, keys: NodeKeys) -> "Note":
        """The note with one more signature, of the log itself."""
        raw = key_id(name, SIGNS, keys.public_signing()) + unb64(keys.sign(self.text.encode()))
        return Note(self.text, (*self.lines, (name, raw)))

    def cosigned(self, name: str, keys: NodeKeys, at: datetime) -> "Note":
        """The note with one more cosignature, of a witness who saw it at that moment."""
        seconds = int(at.timestamp())
        raw = key_id(name, COSIGNS, keys.public_signing()) + seconds.to_bytes(_TIME_BYTES, "big")
        return Note(self.text, (*self.lines, (name, raw + unb64(keys.sign(_cosigned(self.text, seconds))))))

    def is_signed(self, name: str, public: str) -> bool:
        """Whether the log of that name signed the text."""
        found = self._by(name, SIGNS, public)
        return any(signed_by(public, self.text.encode(), b64(raw)) for raw in found)

    def cosigned_at(self, name: str, public: str) -> datetime | None:
        """When the witness of that name cosigned the text; none when it did not."""
        for raw in self._by(name, COSIGNS, public):
            seconds = int.from_bytes(raw[:_TIME_BYTES], "big")
            if signed_by(public, _cosigned(self.text, seconds), b64(raw[_TIME_BYTES:])):
                return _moment(seconds)
        return None

    def only(self, *names: str) -> "Note":
        """The note with the lines of these names alone."""
        return Note(self.text, tuple(line for line in self.lines if line[0] in names))

    def _by(self, name: str, kind: int, public: str) -> list[bytes]:
        wanted = key_id(name, kind, public)
        return [raw[_ID_BYTES:] for named, raw in self.lines if named == name and raw[:_ID_BYTES] == wanted]


def key_id(name: str, kind: int, public: str) -> bytes:
    """Four bytes that bind a name, a kind of signature and a key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + unb64(public)).digest()[:_ID_BYTES]


def verifier_key(name: str, kind: int, public: str) -> str:
    """A public key as other people's tools take it: NAME+ID+BASE64(kind || key)."""
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(bytes([kind]) + unb64(public))}"


def public_of(key: str) -> str:
    """The public key, base64, of a verifier key or of plain base64. Errors: NotANote."""
    long = _VERIFIER_KEY.fullmatch(key.strip())
    try:
        raw = unb64(long[1] if long else key.strip())
    except ValueError as error:
        raise NotANote(f"no public key: {error}") from error
    if len(raw) != _KEY_BYTES + bool(long):
        raise NotANote(f"a public key has {_KEY_BYTES} bytes")
    return b64(raw[-_KEY_BYTES:])


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _line(line: str) -> tuple[str, bytes]:
    found = _SIGNATURE.fullmatch(line)
    try:
        raw = unb64(found[2]) if found else b""
    except ValueError:
        raw = b""
    if found is None or len(raw) <= _ID_BYTES or b64(raw) != found[2]:
        raise NotANote(f"not a signature line: {line[:80]}")
    return found[1], raw


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
