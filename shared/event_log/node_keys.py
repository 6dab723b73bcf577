"""A node's keys: Ed25519 to sign what departs, HPKE to receive parcels.

Parcels use HPKE (RFC 9180) with the hybrid ML-KEM-768 + X25519, since what is sealed today must
stay closed for decades. Keys are kept raw in `keys.json` of the node's folder, readable by its
owner only.
"""

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_LATTICE_SEED = 64
_LATTICE_PUBLIC = 1184
"""Sizes in bytes of an ML-KEM-768 seed and public key (FIPS 203)."""


@dataclass(frozen=True)
class ReceivingKey:
    """A hybrid key to receive parcels with: a lattice half and a curve half."""

    lattice: MLKEM768PrivateKey
    curve: X25519PrivateKey

    @classmethod
    def make(cls) -> "ReceivingKey":
        """A new key."""
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def of(cls, raw: bytes) -> "ReceivingKey":
        """The key that `raw` wrote. Errors: ValueError."""
        return cls(
            MLKEM768PrivateKey.from_seed_bytes(raw[:_LATTICE_SEED]),
            X25519PrivateKey.from_private_bytes(raw[_LATTICE_SEED:]),
        )

    def raw(self) -> bytes:
        """The private key as bytes."""
        return self.lattice.private_bytes_raw() + self.curve.private_bytes_raw()

    def public(self) -> str:
        """The public half, base64."""
        lattice, curve = self.lattice.public_key(), self.curve.public_key()
        return b64(lattice.public_bytes_raw() + curve.public_bytes_raw())

    def open(self, parcel: str, bound: bytes) -> bytes | None:
        """The content of a parcel; none when it was not sealed for this key or this purpose."""
        try:
            return _SUITE.decrypt(unb64(parcel), MLKEM768X25519PrivateKey(self.lattice, self.curve), bound)
        except (InvalidTag, ValueError):
            return None


@dataclass(frozen=True)
class NodeKeys:
    """The private halves of a node's keys."""

    signing: Ed25519PrivateKey
    receiving: ReceivingKey

    @classmethod
    def make(cls) -> "NodeKeys":
        """New keys."""
        return cls(Ed25519PrivateKey.generate(), ReceivingKey.make())

    @classmethod
    def load(cls, path: Path) -> "NodeKeys":
        """Keys that `save` wrote. Errors: OSError, ValueError."""
        raw = json.loads(path.read_text())
        return cls(
            Ed25519PrivateKey.from_private_bytes(unb64(raw["signing"])),
            ReceivingKey.of(unb64(raw["receiving"])),
        )

    def save(self, path: Path) -> None:
        """Write the keys for their owner's eyes only."""
        raw = {
            "signing": b64(self.signing.private_bytes_raw()),
            "receiving": b64(self.receiving.raw()),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(raw, file)

    def public_signing(self) -> str:
        """The public half for checking signatures, base64."""
        return b64(self.signing.public_key().public_bytes_raw())

    def public_receiving(self) -> str:
        """The public half for sealing parcels, base64."""
        return self.receiving.public()

    def sign(self, content: bytes) -> str:
        """A signature, base64."""
        return b64(self.signing.sign(content))


def signed_by(public: str, content: bytes, signature: str) -> bool:
    """Whether the holder of `public` signed the content."""
    try:
        Ed25519PublicKey.from_public_bytes(unb64(public)).verify(unb64(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal_parcel(public: str, content: bytes, bound: bytes) -> str:
    """Seal a parcel to a public key; `bound` must be the same when it is opened. Errors: ValueError."""
    raw = unb64(public)
    lattice = MLKEM768PublicKey.from_public_bytes(raw[:_LATTICE_PUBLIC])
    curve = X25519PublicKey.from_public_bytes(raw[_LATTICE_PUBLIC:])
    return b64(_SUITE.encrypt(content, MLKEM768X25519PublicKey(lattice, curve), bound))


def b64(raw: bytes) -> str:
    """Base64 text."""
    return base64.b64encode(raw).decode()


def unb64(text: str) -> bytes:
    """Bytes of base64 text. Errors: ValueError."""
    return base64.b64decode(text, validate=True)
