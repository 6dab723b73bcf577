"""Every fact has a frozen sample and a frozen shape; a changed shape is a new version."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from services.division_file import read_divisions
from services.divisions import plan_network
from services.founding import found_network
from shared import data
from shared.envelope import Envelope, UnreadableEnvelope
from shared.event_log.mapper import Cause, FactMapper, fact_of
from shared.event_log.names import UnknownFact, brought_up, fact_classes, stream_classes, upcast
from shared.event_log.schemas import DIALECT, schemas, write_schemas
from shared.event_log.sealing import open_sealed
from shared.work.common.fact import Fact, FirstFact
from shared.work.common.sealed import Sealed
from tests.event_log.frozen import SAMPLES, SHAPES, ring_for, sealed_in, secret_of, shape_of
from tests.work.scene import DAY, at

NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
EVERY = {
    f"{fact.TOPIC}.v{version}"
    for fact in fact_classes().values()
    for version in range(1, fact.class_version + 1)
}


def sample(name: str) -> Envelope:
    return Envelope.read((SAMPLES / f"{name}.json").read_bytes().removesuffix(b"\n"))


def shape(name: str) -> Any:
    return json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))


def test_every_version_of_every_fact_has_a_sample_and_a_shape():
    """If this fails: `python -m tests.event_log.frozen`, and look at what it wrote."""
    assert set(NAMES) == EVERY == {path.stem for path in SHAPES.glob("*.json")}


def test_every_shape_is_the_one_that_was_once_published():
    """If this fails: give the fact a new version with an upcast, or take the change back."""
    for name, schema in schemas().items():
        assert shape_of(schema) == shape(name), name


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_fits_its_shape(name):
    validator = Draft202012Validator(shape(name), format_checker=Draft202012Validator.FORMAT_CHECKER)
    Draft202012Validator.check_schema(shape(name))
    assert [error.message for error in validator.iter_errors(json.loads(sample(name).data))] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_that_lacks_or_adds_a_field_does_not_fit(name):
    whole, validator = json.loads(sample(name).data), Draft202012Validator(shape(name))
    assert not validator.is_valid(whole | {"invented": 1})
    for field in whole:
        assert not validator.is_valid({key: value for key, value in whole.items() if key != field})


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_names_its_shape_and_is_read_and_written_without_changing_a_byte(name):
    body = (SAMPLES / f"{name}.json").read_bytes().removesuffix(b"\n")
    read = Envelope.read(body)
    again = Envelope.of(read.attributes, read.data)
    assert again.body == body
    assert (read.type, read.attributes["dataschema"]) == (name, shape(name)["$id"])


@pytest.mark.parametrize("name", NAMES)
def test_a_fact_made_from_a_sample_goes_back_into_the_same_envelope(name):
    kept = sample(name)
    fact, mapper = fact_of(kept), FactMapper(kept.source, kept.incarnation)
    if kept.version == type(fact).class_version:
        assert mapper.envelope(fact, kept.kind, Cause(kept.actor, kept.causation)).body == kept.body


def first_of(kind: str) -> Envelope:
    firsts = [name for name in NAMES if issubclass(fact_classes()[sample(name).name], FirstFact)]
    return next(sample(name) for name in firsts if sample(name).kind == kind)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_can_be_replayed_onto_its_stream(name):
    kept = sample(name)
    first = first_of(kept.kind)
    stream: Any = fact_of(first).mutate(None)
    if not issubclass(fact_classes()[kept.name], FirstFact):
        second = {"subject": first.attributes["subject"], "streamversion": "2"}
        stream = fact_of(Envelope.of(kept.attributes | second, kept.data)).mutate(stream)
        assert stream.version == 2
    assert type(stream) is stream_classes()[kept.kind]


@pytest.mark.parametrize("name", [name for name in NAMES if [*sealed_in(json.loads(sample(name).data))]])
def test_what_was_sealed_in_a_sample_can_still_be_opened(name, tmp_path: Path):
    sealed = [*sealed_in(json.loads(sample(name).data))]
    ring = ring_for(sealed, tmp_path)
    for one in sealed:
        assert open_sealed(ring, Sealed(**one | {"fact": uuid4()})) is None
    opened = [open_sealed(ring, TypeAdapter(Sealed).validate_python(one)) for one in sealed]
    assert opened == [secret_of(one["field"]) for one in sealed]
    ring.close()


def test_no_number_of_a_fact_is_a_fraction():
    for name in NAMES:
        assert '"type": "number"' not in json.dumps(shape(name)), name


def test_the_shapes_are_written_for_whoever_builds_on_them(tmp_path: Path):
    write_schemas(tmp_path / "schemas")
    written = {path.stem: json.loads(path.read_text("utf-8")) for path in (tmp_path / "schemas").iterdir()}
    assert written == schemas()
    assert {schema["$schema"] for schema in written.values()} == {DIALECT}


def test_a_new_network_comes_with_the_shapes(tmp_path: Path):
    lines = [line for line in read_divisions(data.path(data.COUNTY)) if line.level == 3]
    plan = plan_network(lines, data.rows(data.OFFICES)[:1], since=DAY)
    found_network(tmp_path, plan, at=at())
    assert {path.stem for path in (tmp_path / "schemas").iterdir()} == set(schemas())


@pytest.mark.parametrize("type_", ["case.registered.v3", "case.vanished.v1", "x.v1"])
def test_an_unknown_name_or_a_version_from_the_future_is_never_guessed(type_):
    kept = sample("case.registered.v1")
    with pytest.raises(UnknownFact, match=type_.replace(".", r"\.")):
        fact_of(Envelope.of(kept.attributes | {"type": type_}, kept.data))


def test_a_version_that_never_was_is_unreadable():
    kept = sample("case.registered.v1")
    with pytest.raises(UnreadableEnvelope):
        Envelope.of(kept.attributes | {"type": "case.registered.v0"}, kept.data)


@pytest.mark.parametrize(
    "data", [b"{}", b'{"matter_class":"pigeons","purpose":"other"}', b"[]", b"5", b"nonsense"]
)
def test_data_that_do_not_fit_the_class_are_an_unknown_fact(data):
    kept = sample("case.classified.v1")
    with pytest.raises(UnknownFact):
        fact_of(Envelope.of(kept.attributes, data))


class Moved(Fact):
    """A fact that changed its shape twice: it lives in this test alone and no log knows it."""

    TOPIC = "planted.moved"
    class_version = 3

    place: str
    floor: int
    lift: bool

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        data["floor"] = 0

    @staticmethod
    def upcast_v2_v3(data: dict[str, Any]) -> None:
        data["lift"] = data["floor"] > 3


@pytest.mark.parametrize(
    ("version", "data", "floor", "lift"),
    [
        (1, {"place": "hall"}, 0, False),
        (2, {"place": "hall", "floor": 4}, 4, True),
        (3, {"place": "hall", "floor": 4, "lift": False}, 4, False),
    ],
)
def test_an_older_version_is_brought_up_step_by_step(version, data, floor, lift):
    assert brought_up(Moved, version, data) == {"place": "hall", "floor": floor, "lift": lift}


@pytest.mark.parametrize("version", [0, 4])
def test_a_version_that_a_class_does_not_have_is_unknown(version):
    with pytest.raises(UnknownFact, match="planted.moved"):
        brought_up(Moved, version, {})


def test_only_listed_subjects_name_facts():
    assert Moved.TOPIC not in fact_classes()
    with pytest.raises(UnknownFact):
        upcast(Moved.TOPIC, 1, {"place": "hall"})
