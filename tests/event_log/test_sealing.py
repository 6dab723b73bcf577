"""Sealed fields and the key ring: what opens, what never opens again, and that nothing is in plain."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect, text

from shared.audit.verify import verify_node
from shared.event_log.key_ring import KeyRing
from shared.event_log.sealing import Seals, open_sealed
from shared.node.node import Node
from shared.work.common.order_refusals import KeyNotHere, TextNotStorable, TextTooLong
from shared.work.common.sealed import Sealed, person_key, text_key
from shared.work.matters.orders.petition_input import PetitionerInput
from shared.work.matters.orders.referring import ReferMatter
from shared.work.matters.questions import matter as matters
from tests.parts.tiny_network import ALONE, TOWN_A, VILLAGE_2, TinyNetwork
from tests.transport.wire_tools import until

CASE, FACT = uuid4(), uuid4()
NAME, PHONE, STORY = "欧阳沐晨Xq7", "13899887766", "水渠改道淹了三亩稻田Zk9"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keyring.sqlite")


def seals(ring: KeyRing, *, fact: UUID = FACT, making: bool = True) -> Seals:
    return Seals(ring, fact, CASE, making=making)


def sealed_text(ring: KeyRing, said: str = STORY) -> Sealed:
    return seals(ring).text("account", said)


def test_a_sealed_text_opens_with_its_key(ring: KeyRing):
    # Given texts with rare characters, then they come back as they were
    for said in (STORY, "𠮷野家 · é", "", "two\nlines\tand a tab"):
        assert open_sealed(ring, sealed_text(ring, said)) == said


def test_the_same_text_twice_looks_different(ring: KeyRing):
    # Given the same words in two facts, then nobody sees that they are the same
    assert sealed_text(ring).text != sealed_text(ring).text


@pytest.mark.parametrize("moved", [{"fact": uuid4()}, {"field": "request"}, {"key": f"{uuid4()}/text"}])
def test_a_text_that_was_moved_to_another_place_does_not_open(ring: KeyRing, moved: dict[str, object]):
    # Given a ciphertext that somebody put into another fact, field or case, then it does not open
    assert open_sealed(ring, replace(sealed_text(ring), **moved)) is None


@pytest.mark.parametrize("part", ["text", "nonce"])
def test_a_text_that_was_changed_does_not_open(ring: KeyRing, part: str):
    # Given a ciphertext of which one sign was changed
    sealed = sealed_text(ring)
    said = getattr(sealed, part)
    changed = ("B" if said[0] == "A" else "A") + said[1:]
    # Then it does not open, and neither do signs that are no ciphertext at all
    assert open_sealed(ring, replace(sealed, **{part: changed})) is None
    assert open_sealed(ring, replace(sealed, **{part: "no base64!"})) is None


def test_each_person_and_the_texts_of_a_case_have_keys_of_their_own(ring: KeyRing):
    # Given a case with two persons and a text
    first, second = (seals(ring).identity(no, "name", NAME) for no in (1, 2))
    story = sealed_text(ring)
    # When one person is erased
    ring.destroy([person_key(CASE, 1)])
    # Then only that person's name is gone
    assert open_sealed(ring, first) is None
    assert (open_sealed(ring, second), open_sealed(ring, story)) == (NAME, STORY)


def test_without_the_key_of_a_case_an_order_is_refused(ring: KeyRing):
    # Given an office that did not begin the case and has no key, then it cannot seal for it
    with pytest.raises(KeyNotHere):
        seals(ring, making=False).text("account", STORY)


def test_a_text_that_no_form_can_hold_is_refused(ring: KeyRing):
    # Given a megabyte, half a character or a control sign, then the refusal names the field
    for said, refusal in (
        ("x" * 20_001, TextTooLong),
        ("\ud800", TextNotStorable),
        ("\x00", TextNotStorable),
    ):
        with pytest.raises(refusal) as refused:
            sealed_text(ring, said)
        assert refused.value.facts["field"] == "account"


def test_a_key_outlives_the_process_once_it_is_kept(ring: KeyRing, tmp_path: Path):
    # Given a new key that was kept, and one that was not
    kept = sealed_text(ring)
    ring.keep()
    lost = Seals(ring, FACT, uuid4(), making=True).text("account", STORY)
    # When the ring is opened again
    again = KeyRing(tmp_path / "keyring.sqlite")
    # Then the kept one is there
    assert open_sealed(again, kept) == STORY
    assert open_sealed(again, lost) is None


def test_a_destroyed_key_is_nowhere_on_the_disk(ring: KeyRing, tmp_path: Path):
    # Given a key that was kept beside others
    keys = [ring.make(text_key(case)) for case in (CASE, uuid4())]
    ring.keep()
    # When it is destroyed
    ring.destroy([text_key(CASE)])
    # Then no file holds it any more, and the other key is untouched
    written = _on_the_disk(tmp_path)
    assert keys[0] not in written
    assert keys[1] in written


def test_a_one_time_key_never_comes_to_the_disk(ring: KeyRing, tmp_path: Path):
    # Given a one-time key whose parcel is awaited
    ring.keep_one_time(CASE, b"the private half of a one-time key")
    ring.keep()
    # When it waits, and when it has served, then no file holds it
    assert b"the private half" not in _on_the_disk(tmp_path)
    ring.drop_one_time(CASE)
    assert ring.one_time(CASE) is None


def test_a_key_of_a_parcel_opens_at_once_and_outlives_the_process_once_it_is_kept(
    ring: KeyRing, tmp_path: Path
):
    # Given a key that came in a parcel
    given = {text_key(CASE): b"x" * 32}
    ring.take(given)
    # Then it is here, and after the commit with which it came it is durable
    assert ring.of_subject(CASE) == given
    assert ring.find(text_key(CASE)) == b"x" * 32
    ring.keep()
    assert KeyRing(tmp_path / "keyring.sqlite").of_subject(CASE) == given


def _on_the_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_key_that_is_here_is_not_replaced_by_a_parcel(ring: KeyRing):
    # Given a case whose key is here
    sealed = sealed_text(ring)
    ring.keep()
    # When a parcel brings another key under its name
    ring.take({text_key(CASE): b"x" * 32})
    # Then the text still opens
    assert open_sealed(ring, sealed) == STORY


def test_a_ring_that_could_not_write_goes_on_when_it_can(ring: KeyRing):
    # Given a ring whose disk is full
    sealed = sealed_text(ring)
    fill_up(ring)
    with pytest.raises(sqlite3.Error):
        for _ in range(2_000):
            ring.make(text_key(uuid4()))
            ring.keep()
    # When there is room again
    make_room(ring)
    # Then every key that waited is kept
    ring.keep()
    assert open_sealed(ring, sealed) == STORY
    assert ring.of_subject(CASE)


def fill_up(ring: KeyRing) -> None:
    ring._db.execute("PRAGMA max_page_count = 12")


def make_room(ring: KeyRing) -> None:
    ring._db.execute("PRAGMA max_page_count = 100000")


def test_the_ring_is_readable_by_its_owner_only(ring: KeyRing, tmp_path: Path):
    # Given a ring with keys, then nobody else may read its files
    sealed_text(ring)
    ring.keep()
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_nothing_personal_is_in_plain_anywhere(tiny: TinyNetwork):
    # Given a matter with a name, a number and a story that nobody else has
    with tiny.host() as host:
        village = host.nodes[ALONE]
        people = [PetitionerInput(name=NAME, contact=PHONE)]
        case = tiny.register(village, VILLAGE_2, petitioners=people, summary=STORY, account=STORY)
        # When it is referred, and everything has travelled
        tiny.give(village, VILLAGE_2, ReferMatter(case=case, to=tiny.units[TOWN_A]))
        until(lambda: all(node.is_settled() for node in host.nodes.values()))
        # Then no table, file or message of any node holds them
        for node in host.nodes.values():
            for place, kept in stored_bytes(node):
                assert not found(kept), f"{node.name}: {place}"
        # Though the office that has the matter can read it
        assert readable_at(host.nodes["town-100"], case) == STORY
    for path in tiny.data.rglob("*"):
        if path.is_file():
            assert not found(path.read_bytes()), path


def test_a_person_can_be_erased_and_every_chain_still_holds(tiny: TinyNetwork):
    # Given a matter that was registered
    (village,) = tiny.open(ALONE)
    case = tiny.register(village, VILLAGE_2, account=STORY)
    before = village.ask(matters.matter, case, as_of=tiny.clock.now())
    assert before
    # When the keys of its person are destroyed
    village.ring.destroy([person_key(case, 1)])
    # Then the name cannot be read, the text can, and the check finds nothing
    assert village.open(before.content.petitioners[0].name) is None
    assert readable_at(village, case) == STORY
    assert verify_node(village).findings == ()


def readable_at(node: Node, case: UUID) -> str | None:
    shown = node.ask(matters.matter, case, as_of=node.now())
    return node.open(shown.content.account) if shown else None


def stored_bytes(node: Node) -> Iterable[tuple[str, bytes]]:
    """Every row of every table of a node, as the database writes it."""
    schema = node.settings.schema
    with node.engine.connect() as connection:
        for table in inspect(connection).get_table_names(schema=schema):
            place = f'"{schema}"."{table}"' if schema else table
            for row in connection.execute(text(f"SELECT * FROM {place}")):
                values = [bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for v in row]
                yield table, b"|".join(values)


def found(kept: bytes) -> bool:
    """Whether a secret stands there, as it is or as JSON may write it."""
    return any(
        form in kept
        for said in (NAME, PHONE, STORY)
        for form in (said.encode(), said.encode("unicode_escape"), said.encode().hex().encode())
    )
