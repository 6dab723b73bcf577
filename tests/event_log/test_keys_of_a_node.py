"""A node's own keys and the files they lie in: who may read them, what they prove, what is missing without them."""

import shutil
from pathlib import Path

import pytest

from shared.event_log.key_ring import KeyRingGone
from shared.event_log.node_keys import NodeKeys, ReceivingKey, seal_parcel, signed_by
from shared.settings.network import SettingsMissing
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork


@pytest.fixture(scope="module")
def keys() -> NodeKeys:
    return NodeKeys.make()


def test_keys_are_for_their_owners_eyes_only_and_come_back(keys: NodeKeys, tmp_path: Path):
    # Given keys that were written
    path = tmp_path / "keys.json"
    keys.save(path)
    # Then nobody else may read them, they are the same again, and they are never written over
    assert path.stat().st_mode & 0o777 == 0o600
    assert NodeKeys.load(path).public_signing() == keys.public_signing()
    assert NodeKeys.load(path).public_receiving() == keys.public_receiving()
    with pytest.raises(FileExistsError):
        NodeKeys.make().save(path)


def test_a_signature_is_of_one_key_and_one_content(keys: NodeKeys):
    # Given a signature
    signature = keys.sign(b"1 to 57")
    # Then it stands for that content by that key, and for nothing else
    assert signed_by(keys.public_signing(), b"1 to 57", signature)
    assert not signed_by(keys.public_signing(), b"1 to 58", signature)
    assert not signed_by(NodeKeys.make().public_signing(), b"1 to 57", signature)


@pytest.mark.parametrize("signature", ["", "AAAA", "no base64!", "é", "A" * 10_000])
def test_what_is_no_signature_is_refused_without_an_error(keys: NodeKeys, signature: str):
    # Given anything in place of a signature or a key, then the answer is no
    assert not signed_by(keys.public_signing(), b"1 to 57", signature)
    assert not signed_by(signature, b"1 to 57", keys.sign(b"1 to 57"))


def test_a_parcel_opens_only_for_its_receiver_and_its_purpose():
    # Given a parcel sealed to a one-time key
    key, other = ReceivingKey.make(), ReceivingKey.make()
    parcel = seal_parcel(key.public(), b"keys of a case", b"case 1")
    # Then it opens for that key and purpose, also after the key was stored
    assert ReceivingKey.of(key.raw()).open(parcel, b"case 1") == b"keys of a case"
    # And for nobody and nothing else
    assert key.open(parcel, b"case 2") is None
    assert other.open(parcel, b"case 1") is None
    assert key.open(parcel[:-8] + "AAAAAAA=", b"case 1") is None
    assert key.open("no parcel", b"case 1") is None
    assert b"keys of a case" not in parcel.encode()


def test_a_log_without_its_key_ring_refuses_to_start(tiny: TinyNetwork):
    # Given a node with facts whose key ring is gone
    (village,) = tiny.open(ALONE)
    case = tiny.register(village, VILLAGE_2)
    tiny.close(ALONE)
    ring = tiny.data / "nodes" / ALONE / "keyring.sqlite"
    kept = shutil.move(ring, tiny.data / "elsewhere")
    # When it starts, then it says which file is to be put back
    with pytest.raises(KeyRingGone, match=r"keyring\.sqlite"):
        tiny.open(ALONE)
    assert not ring.exists()
    # And with the ring in its place it goes on
    shutil.move(kept, ring)
    (village,) = tiny.open(ALONE)
    assert village.ring.of_subject(case)


def test_a_key_ring_that_is_no_key_ring_refuses_to_start(tiny_on_files: TinyNetwork):
    # Given something else in the place of the ring
    ring = tiny_on_files.data / "nodes" / ALONE / "keyring.sqlite"
    ring.write_bytes(b"not a database" * 1_000)
    # When the node starts, then it says so
    with pytest.raises(KeyRingGone, match="cannot be used"):
        tiny_on_files.open(ALONE)


def test_a_node_without_its_keys_refuses_to_start(tiny_on_files: TinyNetwork):
    # Given a folder without the keys, and one with half of them
    path = tiny_on_files.data / "nodes" / ALONE / "keys.json"
    for damage in (path.unlink, lambda: path.write_text('{"signing": "AAAA"}')):
        damage()
        # When the node starts, then it says which file
        with pytest.raises(SettingsMissing, match=r"keys\.json"):
            tiny_on_files.open(ALONE)
