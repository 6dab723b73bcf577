"""A log that was once recorded is read for ever: the golden corpus comes to the same rows and streams."""

from sqlalchemy import Engine

from shared.event_log.mapper import fact_of
from tests.event_log.golden_corpus import DUMP, facts, replayed

KINDS = 36
"""Kinds of facts in the corpus; one that has none here has a frozen sample (test_fact_shapes.py)."""


def test_the_corpus_is_the_one_that_was_once_recorded():
    assert len({line.envelope.name for line in facts()}) == KINDS


def test_the_corpus_is_replayed_to_the_same_rows_on_each_database(engine: Engine):
    """If a projection was changed on purpose: `python -m tests.event_log.golden_corpus`, and look at its diff."""
    assert replayed(engine) == DUMP.read_text(encoding="utf-8")


def test_every_stream_of_the_corpus_can_be_taken_up_again():
    # Given the facts of each stream in their order
    streams = {}
    for line in facts():
        fact = fact_of(line.envelope)
        # When they are replayed, then each fits on the state before it
        state = fact.mutate(streams.get(fact.originator_id))
        assert state is not None
        assert state.version == line.envelope.stream_version
        streams[fact.originator_id] = state
    assert len(streams) > 10
