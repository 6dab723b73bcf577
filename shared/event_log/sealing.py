"""Sealing and opening single fields: AES-256-GCM, bound to the fact and the field."""

import base64
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.event_log.key_ring import KeyRing
from shared.work.common.order_refusals import KeyNotHere, TextNotStorable, TextTooLong
from shared.work.common.sealed import Sealed, person_key, text_key

ALGORITHM = "AES-256-GCM"
NONCE_BYTES = 12
LONGEST_TEXT = 20_000
"""Longest text of one field. Unit: characters; ten written pages, far below a message's limit."""


def checked_text(field: str, text: str) -> str:
    """A text fit to be kept. Errors: TextTooLong, TextNotStorable."""
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(field=field, length=len(text), most=LONGEST_TEXT)
    if any(0xD800 <= ord(sign) <= 0xDFFF or (ord(sign) < 32 and sign not in "\n\r\t") for sign in text):
        raise TextNotStorable(field=field)
    return text


class Seals:
    """Seals the fields of one fact that is about to be recorded.

    `subject` is the case or letter whose keys are used; `making` says that this node begins the
    subject and may make keys, otherwise a missing key refuses the order.
    """

    def __init__(self, ring: KeyRing, fact: UUID, subject: UUID, *, making: bool) -> None:
        self._ring = ring
        self._fact = fact
        self._subject = subject
        self._making = making

    def text(self, field: str, text: str) -> Sealed:
        """Seal a text. Errors: KeyNotHere, TextTooLong, TextNotStorable."""
        return self._seal(text_key(self._subject), field, text)

    def identity(self, person: int, field: str, text: str) -> Sealed:
        """Seal an identity field of the numbered person. Errors as for `text`."""
        return self._seal(person_key(self._subject, person), f"{field}-{person}", text)

    def _seal(self, name: str, field: str, text: str) -> Sealed:
        key = self._ring.make(name) if self._making else self._ring.find(name)
        if key is None:
            raise KeyNotHere()
        nonce = os.urandom(NONCE_BYTES)
        bound = f"{self._fact}|{field}".encode()
        cipher = AESGCM(key).encrypt(nonce, checked_text(field, text).encode(), bound)
        return Sealed(
            algorithm=ALGORITHM, key=name, nonce=_b64(nonce), text=_b64(cipher), fact=self._fact, field=field
        )


def open_sealed(ring: KeyRing, sealed: Sealed) -> str | None:
    """The text of a sealed field; none when its key is not held, or when it does not belong there."""
    key = ring.find(sealed.key)
    return None if key is None else opened(key, sealed)


def opened(key: bytes, sealed: Sealed) -> str | None:
    """The text of a sealed field; none when this is not its key, or when it does not belong there."""
    if sealed.algorithm != ALGORITHM:
        return None
    bound = f"{sealed.fact}|{sealed.field}".encode()
    try:
        return AESGCM(key).decrypt(_unb64(sealed.nonce), _unb64(sealed.text), bound).decode()
    except (InvalidTag, ValueError):
        return None


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text)
