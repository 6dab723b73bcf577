"""Template filters that depend on the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from markupsafe import Markup, escape

from shared.web.languages import Language
from shared.web.languages.labels import label
from shared.web.languages.words import (
    REPEATED,
    day_words,
    local,
    moment_words,
    number_words,
    sentence,
)


def filters(language: Language) -> Mapping[str, Callable[..., Any]]:
    """The filters of one language: moment, when (a moment as it is stored), day, number, foreign, say, label, iso."""
    moment, day = partial(moment_words, language), partial(day_words, language)
    return {
        "moment": partial(_timed, moment),
        "when": lambda text: _timed(moment, datetime.fromisoformat(text)),
        "day": partial(_timed, day),
        "number": partial(number_words, language),
        "foreign": partial(_foreign, language),
        "say": partial(sentence, language),
        "label": partial(label, language),
        "iso": _iso,
    }


@lru_cache(maxsize=REPEATED)
def _timed(words: Callable[[Any], str], at: date | datetime) -> Markup:
    """A moment or day as `<time>`, so that programs and readers see the same."""
    return Markup('<time datetime="%s">%s</time>') % (_iso(at), words(at))


def _iso(at: date | datetime) -> str:
    """ISO 8601; a moment with the offset of the offices' zone."""
    return local(at).isoformat(timespec="seconds") if isinstance(at, datetime) else at.isoformat()


def _foreign(page: Language, text: str, language: str) -> Markup:
    """Text in a language of its own, told to screen readers and fonts when the page has another."""
    if Language(language) is page:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(Language(language).tag, text)
