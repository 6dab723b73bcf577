"""Every sentence in every language, and which language a reader gets."""

import inspect
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from babel.messages.catalog import Catalog

from shared.transport.parking import Reason
from shared.web.languages import Language, choose, translate
from shared.web.languages.labels import LABELS, choices, label
from shared.web.languages.upkeep import faults, wanted
from shared.web.languages.words import day_words, moment_words, number_words, sentence
from shared.work.common import words

NIGHT = datetime(2026, 3, 26, 17, 30, tzinfo=UTC)


def test_every_sentence_of_the_code_is_translated_with_the_same_placeholders():
    """If this fails: `python -m shared.web.languages`, then translate what it lists."""
    assert faults(Language.ZH, wanted()) == []


def test_a_missing_and_a_broken_translation_are_both_named():
    sentences = Catalog()
    sentences.add("Never written anywhere")
    sentences.add("as of %(other)s")
    assert faults(Language.ZH, sentences) == [
        "missing: 'Never written anywhere'",
        "missing: 'as of %(other)s'",
    ]


def test_a_translation_that_drops_a_placeholder_is_named(monkeypatch):
    sentences, kept = Catalog(), Catalog()
    sentences.add("as of %(moment)s")
    kept.add("as of %(moment)s", "截至")
    monkeypatch.setattr("shared.web.languages.upkeep.catalogue", lambda language: kept)
    assert faults(Language.ZH, sentences) == ["other placeholders: 'as of %(moment)s'"]


@pytest.mark.parametrize(
    ("query", "cookies", "accept", "expected"),
    [
        ({}, {}, "", Language.ZH),
        ({}, {}, "fr, de;q=0.5", Language.ZH),
        ({}, {}, "en-US,en;q=0.9,zh;q=0.8", Language.EN),
        ({}, {}, "en;q=0.3, zh-CN;q=0.9", Language.ZH),
        ({}, {"huiyin_language": "zh"}, "en", Language.ZH),
        ({"language": "en"}, {"huiyin_language": "zh"}, "zh", Language.EN),
        ({"language": "<script>"}, {"huiyin_language": "xx"}, "en;q=x, ;;", Language.ZH),
    ],
)
def test_a_link_just_followed_wins_over_the_kept_choice_and_that_over_the_browser(
    query, cookies, accept, expected
):
    assert choose(query, cookies, accept) is expected


def test_moments_are_shown_in_the_offices_zone_and_the_readers_way():
    assert moment_words(Language.ZH, NIGHT) == "2026年3月27日 01:30"
    assert moment_words(Language.EN, NIGHT) == "27 March 2026, 01:30"
    assert day_words(Language.EN, NIGHT) == "27 March 2026"
    assert day_words(Language.ZH, date(2026, 3, 26)) == "2026年3月26日"
    assert number_words(Language.EN, 12345) == "12,345"


def test_a_moment_without_a_zone_is_refused_instead_of_guessed():
    with pytest.raises(ValueError, match="without a zone"):
        moment_words(Language.ZH, datetime(2026, 3, 27))


def test_a_sentence_fills_its_facts_in_the_readers_way():
    assert sentence(Language.ZH, "as of %(moment)s", {"moment": NIGHT}) == "截至 2026年3月27日 01:30"
    assert sentence(Language.EN, "as of %(moment)s", {"moment": "noon"}) == "as of noon"


def test_english_needs_no_catalogue():
    assert translate(Language.EN).gettext("Silent") == "Silent"
    assert translate(Language.ZH).gettext("Silent") == "未报"


def test_every_word_of_the_work_has_a_label():
    enumerations = inspect.getmembers(words, lambda item: inspect.isclass(item))
    for name, enumeration in enumerations:
        if issubclass(enumeration, StrEnum) and enumeration is not StrEnum:
            assert set(LABELS[name]) == set(enumeration), name


def test_a_word_is_shown_by_its_member_or_by_its_stored_key():
    assert label(Language.ZH, words.Channel.VISIT) == "来访"
    assert label(Language.EN, "visit", "Channel") == "Visit in person"
    assert choices(Language.ZH, words.ReportKind) == [("daily", "日报告"), ("zero", "零报告")]


def test_a_raw_key_never_reaches_a_page():
    with pytest.raises(KeyError):
        label(Language.ZH, "pigeon", "Channel")


def test_a_refusal_shows_its_stored_words_and_days_in_the_readers_language():
    told = "This step is not possible now: the matter is at the stage «%(stage)s»."
    assert sentence(Language.ZH, told, {"stage": "opinion_given"}).endswith("“已出具处理意见”阶段。")
    late = "The answer day %(day)s has already passed. Choose a later day."
    assert "2026年3月1日" in sentence(Language.ZH, late, {"day": "2026-03-01"})


@pytest.mark.parametrize("kind", ["ParkedReason", "ParkedAdvice"])
def test_whatever_a_message_is_parked_for_has_words(kind: str):
    assert set(LABELS[kind]) == {reason.value for reason in Reason}


def test_whatever_an_alarm_is_raised_for_has_words():
    told = {Reason.NOT_THEIRS, Reason.TWO_FACTS, Reason.ID_OF_ANOTHER}
    assert set(LABELS["AlarmCode"]) == {reason.value for reason in told}
