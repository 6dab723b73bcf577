"""What a node signs has the forms that other people's tools read, and nothing else passes for it."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.event_log.node_keys import NodeKeys, signed_by
from shared.proof.checkpoint import Checkpoint, LogName, witness_name
from shared.proof.inclusion import Inclusion
from shared.proof.merkle import EMPTY_ROOT, leaf_hash
from shared.proof.notes import COSIGNS, SIGNS, NotANote, Note, public_of, verifier_key
from shared.proof.promise import Promise

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
"""The example of golang.org/x/mod/sumdb/note, where the form comes from."""

NINE = datetime(2026, 3, 2, 1, 0, 0, 5, tzinfo=UTC)
LOG = LogName("huiyin-430321", "village-100-202", 1)
KEYS, WITNESS, STRANGER = NodeKeys.make(), NodeKeys.make(), NodeKeys.make()
MADE = Checkpoint(LOG, 5, leaf_hash(b"x"), NINE)
PROMISE = Promise(LOG, UUID(int=7), leaf_hash(b"x"), NINE)


def test_a_note_that_others_signed_is_read_and_checked():
    note, key = Note.read(GO_NOTE), public_of(GO_KEY)
    assert note.is_signed("PeterNeumann", key)
    assert str(note) == GO_NOTE
    assert verifier_key("PeterNeumann", SIGNS, key) == GO_KEY
    assert not Note.read(GO_NOTE.replace("don't", "do")).is_signed("PeterNeumann", key)


def test_a_checkpoint_has_the_lines_of_the_specification():
    note = MADE.note(KEYS)
    root = base64.b64encode(leaf_hash(b"x")).decode()
    assert note.text == f"huiyin-430321/village-100-202/1\n5\n{root}\ntime 2026-03-02T01:00:00.000005Z\n"
    assert str(note).startswith(note.text + "\n— huiyin-430321/village-100-202/1 ")
    assert Checkpoint.read(str(note), KEYS.public_signing()) == (MADE, note)


def test_a_cosignature_is_over_its_time_and_the_text():
    """c2sp.org/tlog-cosignature, written out: the key id has algorithm 4, the message two header lines."""
    name = witness_name("huiyin-430321", "town-100")
    note = MADE.note(KEYS).cosigned(name, WITNESS, NINE)
    raw, key = note.lines[1][1], base64.b64decode(WITNESS.public_signing())
    assert raw[:4] == hashlib.sha256(b"huiyin-430321/town-100\n\x04" + key).digest()[:4]
    seconds = int.from_bytes(raw[4:12], "big")
    message = f"cosignature/v1\ntime {seconds}\n{note.text}".encode()
    assert signed_by(WITNESS.public_signing(), message, base64.b64encode(raw[12:]).decode())
    assert note.cosigned_at(name, WITNESS.public_signing()) == NINE.replace(microsecond=0)
    assert note.cosigned_at(name, STRANGER.public_signing()) is None
    assert verifier_key(name, COSIGNS, WITNESS.public_signing()).startswith(f"{name}+{raw[:4].hex()}+B")


def test_a_witness_signature_is_no_signature_of_the_log_and_the_other_way_round():
    name, public = str(LOG), KEYS.public_signing()
    assert not MADE.note(KEYS).only().cosigned(name, KEYS, NINE).is_signed(name, public)
    assert MADE.note(KEYS).cosigned_at(name, public) is None


def test_a_promise_is_read_back_from_what_a_phone_copied():
    copied = str(PROMISE.note(KEYS)).replace("\n", " \r\n") + "\r\n\r\n"
    assert Promise.read(copied, KEYS.public_signing()) == PROMISE


def test_what_another_key_signed_or_somebody_changed_is_refused():
    for form, said in ((Checkpoint, MADE.note(KEYS)), (Promise, PROMISE.note(KEYS))):
        with pytest.raises(NotANote, match="did not sign"):
            form.read(str(said), STRANGER.public_signing())
        with pytest.raises(NotANote, match="did not sign"):
            form.read(str(said).replace("village-100-202", "village-100-203"), KEYS.public_signing())


def test_a_checkpoint_is_no_promise_and_a_promise_no_checkpoint():
    with pytest.raises(NotANote):
        Promise.read(str(MADE.note(KEYS)), KEYS.public_signing())
    with pytest.raises(NotANote):
        Checkpoint.read(str(PROMISE.note(KEYS)), KEYS.public_signing())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("huiyin-430321/village-100-202/1\n5", "huiyin 430321\n5"),
        ("/1\n5", "/0\n5"),
        ("\n5\n", "\n05\n"),
        ("\n5\n", "\n-5\n"),
        ("\n5\n", "\n" + "9" * 16 + "\n"),
        ("time 2026-03-02T01:00:00.000005Z", "time 2026-03-02"),
        ("time 2026-03-02T01:00:00.000005Z", "2026-03-02T01:00:00.000005Z"),
        ("Z\n", "Z\nmore\n"),
    ],
)
def test_a_checkpoint_of_another_form_is_refused(old: str, new: str):
    text = MADE.note(KEYS).text.replace(old, new, 1)
    assert text != MADE.note(KEYS).text
    with pytest.raises(NotANote):
        Checkpoint.of(Note(text, ()))


@pytest.mark.parametrize(
    "damage", ["", "no signature\n", "a\n\nb\n", "a\n\n— b c\n", "a\n\n— b Zm9v\n", "x" * 70_000]
)
def test_what_is_no_note_is_refused(damage: str):
    with pytest.raises(NotANote):
        Note.read(damage)


@pytest.mark.parametrize("key", ["", "short", "a+b+c", "x+00000000+AAAA", GO_KEY + "AA"])
def test_what_is_no_public_key_is_refused(key: str):
    with pytest.raises(NotANote):
        public_of(key)


def test_a_proof_is_a_file_of_the_specification():
    proof = Inclusion(0, (), replace(MADE, size=1).note(KEYS))
    assert str(proof).startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nhuiyin-430321/village-100-202/1\n1\n")
    assert Inclusion.read(str(proof)) == proof
    assert proof.holds(leaf_hash(b"x")) and not proof.holds(EMPTY_ROOT)
    assert PROMISE.is_kept_by(proof)
    assert not replace(PROMISE, log=replace(LOG, incarnation=2)).is_kept_by(proof)


@pytest.mark.parametrize(
    "damage",
    ["", "c2sp.org/tlog-proof@v1\nindex x\n\n", "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\na\n\n— b c\n"],
)
def test_what_is_no_proof_is_refused(damage: str):
    with pytest.raises(NotANote):
        Inclusion.read(damage)
