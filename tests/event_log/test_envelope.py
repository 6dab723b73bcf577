"""What travels around a fact: canonical bytes, attributes, and what is no envelope at all."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
import rfc8785
from cloudevents.core.v1.event import CloudEvent
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.envelope import (
    ATTRIBUTES,
    CHAIN_START,
    Envelope,
    UnreadableEnvelope,
    canonical,
    fact_id,
    moment_of,
    moment_text,
    next_chain,
)

EXACT = 2**53 - 1
plain = st.none() | st.booleans() | st.integers(-EXACT, EXACT) | st.text()
names = st.text(st.characters(max_codepoint=127), max_size=12)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=5)
)


def an_envelope(data: object = None, **changes) -> Envelope:
    moment = datetime(2026, 3, 2, 1, 0, 0, 7, tzinfo=UTC)
    words = {"id": uuid4(), "source": "town-100", "incarnation": 2, "kind": "case", "stream": uuid4()}
    words |= {"stream_version": 3, "type": "case.classified", "version": 1, "recorded": moment}
    words |= {"occurred": moment - timedelta(hours=1), "unit": uuid4(), "actor": '王,"data":'}
    return Envelope.make(**words | {"data": data} | changes)


@given(values)
def test_canonical_bytes_are_those_of_the_reference(value):
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("wrong", [1.5, 1.0, float("nan"), float("inf"), EXACT + 1, -EXACT - 1, "\ud83d"])
@pytest.mark.parametrize("within", [lambda it: it, lambda it: [it], lambda it: {"a": {"b": (it,)}}])
def test_what_two_readers_might_keep_differently_is_refused(wrong, within: Callable):
    with pytest.raises(ValueError):
        canonical(within(wrong))


@pytest.mark.parametrize("name", ["名", "é", 1, None])
def test_names_are_ascii(name):
    with pytest.raises(ValueError, match="not ASCII"):
        canonical({name: 1})


@given(values)
def test_an_envelope_read_from_its_bytes_is_the_same_envelope(value):
    made = an_envelope(value)
    read = Envelope.read(made.body)
    assert (read.attributes, read.data, read.body, read.digest) == (
        made.attributes,
        made.data,
        made.body,
        made.digest,
    )


@given(values)
def test_the_bytes_of_an_envelope_are_canonical_as_a_whole(value):
    made = an_envelope(value)
    assert made.body == rfc8785.dumps({**made.attributes, "data": value})


def test_every_attribute_is_read_as_what_was_put_in():
    ids = {name: uuid4() for name in ("id", "stream", "unit", "correlation", "causation")}
    to = (uuid4(), uuid4())
    made = Envelope.read(an_envelope(addressees=to, **ids).body)
    assert {name: getattr(made, name) for name in ids} == ids
    assert (made.addressees, made.source, made.incarnation, made.kind) == (to, "town-100", 2, "case")
    assert (made.type, made.name, made.version) == ("case.classified.v1", "case.classified", 1)
    assert made.recorded - made.occurred == timedelta(hours=1)


def test_what_is_not_there_is_an_empty_string_on_the_wire_and_none_here():
    made = an_envelope()
    assert (made.attributes["correlation"], made.attributes["causation"]) == ("", "")
    assert (made.correlation, made.causation, made.addressees) == (None, None, ())


@given(st.binary(max_size=60))
def test_bytes_that_are_no_envelope_are_unreadable_and_nothing_worse(raw):
    with pytest.raises(UnreadableEnvelope):
        Envelope.read(raw)


@pytest.mark.parametrize("raw", [b"5", b"null", b"[1]", b"{}", b'"x"', b'[["a"]]', b"[" * 100_000, b"\xff"])
def test_json_that_is_no_envelope_is_unreadable(raw):
    with pytest.raises(UnreadableEnvelope):
        Envelope.read(raw)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_envelope_without_one_of_its_attributes_is_unreadable(name):
    made = an_envelope()
    with pytest.raises(UnreadableEnvelope, match="attributes are"):
        Envelope.of({key: value for key, value in made.attributes.items() if key != name}, made.data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wire", "2"),
        ("id", "not-an-id"),
        ("subject", "case"),
        ("subject", "case/1"),
        ("time", "2026-03-02T01:00:00Z"),
        ("time", "2026-03-02T09:00:00.000000+08:00"),
        ("time", "2026-02-30T01:00:00.000000Z"),
        ("occurred", ""),
        ("unit", ""),
        ("type", "case.classified"),
        ("type", "case.classified.vx"),
        ("incarnation", "first"),
        ("streamversion", ""),
        ("addressees", "a,b"),
        ("correlation", "x"),
        ("causation", "x"),
    ],
)
def test_a_malformed_attribute_makes_an_envelope_unreadable(name, value):
    made = an_envelope()
    with pytest.raises(UnreadableEnvelope):
        Envelope.of(made.attributes | {name: value}, made.data)


def test_the_cloudevents_sdk_takes_our_attributes():
    made = an_envelope({"a": 1}, addressees=(uuid4(),))
    told = CloudEvent(made.attributes | {"time": made.recorded}, json.loads(made.data))
    assert (told.get_id(), told.get_source(), told.get_type()) == (
        str(made.id),
        "town-100",
        "case.classified.v1",
    )
    assert told.get_subject() == f"case/{made.stream}"
    assert told.get_dataschema() == "urn:huiyin:schema:case.classified.v1"
    assert told.get_extension("incarnation") == "2"


@given(st.datetimes(datetime(1970, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
def test_a_moment_is_written_in_utc_with_microseconds_and_read_back_exactly(moment):
    assume(moment.year >= 1970)
    text = moment_text(moment)
    assert moment_of(text) == moment
    assert len(text) == 27 and text.endswith("Z")


def test_the_id_of_a_fact_is_known_beforehand_and_another_life_of_the_node_gives_another():
    stream = UUID("11111111-1111-4111-8111-111111111111")
    assert fact_id("town-100", 1, stream, 1) == UUID("7a7f832b-ca66-55aa-964a-a2be7e6b3363")
    places = [("town-100", 1, 1), ("town-100", 2, 1), ("town-100", 1, 2), ("town-101", 1, 1)]
    assert len({fact_id(node, life, stream, version) for node, life, version in places}) == 4


def test_a_chain_differs_when_a_fact_is_left_out_changed_or_moved():
    one, two = an_envelope(1).digest, an_envelope(2).digest
    chain = next_chain(next_chain(CHAIN_START, 1, one), 2, two)
    others = [next_chain(CHAIN_START, 1, two), next_chain(next_chain(CHAIN_START, 1, two), 2, one)]
    others += [next_chain(next_chain(CHAIN_START, 1, one), 3, two)]
    assert chain not in others
