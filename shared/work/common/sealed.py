"""A sealed field: text that only a holder of its key can read, wherever the fact travels."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Sealed:
    """Ciphertext bound to the fact and field it was written for.

    `key` names the key in a key ring, never the key itself; `fact` and `field` are authenticated
    with the text, so a ciphertext moved to another fact does not open. Nonce and text are base64.
    """

    algorithm: str
    key: str
    nonce: str
    text: str
    fact: UUID
    field: str


def text_key(subject: UUID) -> str:
    """Name of the key for the texts of one case, letter or other subject."""
    return f"{subject}/text"


def person_key(case: UUID, person: int) -> str:
    """Name of the key for the identity of one person in one case."""
    return f"{case}/person-{person}"


def subject_of(key: str) -> UUID:
    """The case or letter a key belongs to; raises ValueError for a foreign name."""
    return UUID(key.split("/", 1)[0])
