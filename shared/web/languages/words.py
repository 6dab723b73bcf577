"""Numbers, moments and whole sentences in the reader's language.

Days are days of the zone in which the offices work; moments are kept in UTC and shown in that zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from shared.web.languages import Language, translate
from shared.web.languages.labels import LABELS, label

ZONE = ZoneInfo("Asia/Shanghai")

_MOMENT = {Language.ZH: "y年M月d日 HH:mm", Language.EN: "d MMMM y, HH:mm"}
_DAY = {Language.ZH: "y年M月d日", Language.EN: "d MMMM y"}


def local_day(at: date | datetime) -> date:
    """The local day of an aware moment; a plain day stays itself. ValueError without a zone."""
    return local(at).date() if isinstance(at, datetime) else at


def local(at: datetime) -> datetime:
    """An aware moment in the offices' zone. ValueError without a zone: it would be a guess."""
    if at.tzinfo is None:
        raise ValueError(f"moment without a zone: {at.isoformat()}")
    return at.astimezone(ZONE)


REPEATED = 20_000
"""Words of moments, days and numbers that are kept made: a page names the moment that it is true of a hundred times,
and to form the words takes 30 us. Unit: words, of some hundred bytes."""


@lru_cache(maxsize=REPEATED)
def moment_words(language: Language, at: datetime) -> str:
    """An aware moment as local text, to the minute."""
    return format_datetime(local(at), _MOMENT[language], locale=language.locale)


@lru_cache(maxsize=REPEATED)
def day_words(language: Language, at: date | datetime) -> str:
    """A day, or the local day of an aware moment, as text."""
    return format_date(local_day(at), _DAY[language], locale=language.locale)


@lru_cache(maxsize=REPEATED)
def number_words(language: Language, number: float) -> str:
    """A number with the language's grouping."""
    return format_decimal(number, locale=language.locale)


def sentence(language: Language, msgid: str, facts: Mapping[str, object] | None = None) -> str:
    """A catalogued sentence with its %(name)s filled: dates and known words in the reader's way.

    Plain text, not HTML. KeyError when the sentence names a fact that is not given.
    """
    text = translate(language).gettext(msgid)
    given = facts or {}
    return text % {name: _fact(language, name, value) for name, value in given.items()}


_KINDS = {
    "action": "Action",
    "ending": "Ending",
    "stage": "Stage",
    "what": "Kind",
    "field": "Field",
    "rules": "RuleSet",
}
"""Facts of refusals whose values are stored keys, and the kind of word they are."""

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _fact(language: Language, name: str, value: object) -> object:
    """A fact as a reader sees it; numbers stay as they are, since they may be codes."""
    if isinstance(value, datetime):
        return moment_words(language, value)
    if isinstance(value, date):
        return day_words(language, value)
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return day_words(language, date.fromisoformat(value))
    kind = _KINDS.get(name, "")
    return label(language, str(value), kind) if value in LABELS.get(kind, {}) else value
