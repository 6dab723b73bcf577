"""Which language a reader gets, and every sentence in it.

The English text is the msgid, so English needs no catalogue; `<language>/LC_MESSAGES/messages.po`
holds the others and is read as it is (no compiled copy that could be stale). To add a sentence:
write it in English inside `_()` (or `N_()` where it is only named, or as a class's `sentence`), run
`python -m shared.web.languages`, translate what it lists. May import babel and nothing of ours. To add a language: a member of
`Language` and a catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

COOKIE = "huiyin_language"
"""Cookie that keeps the reader's choice; not personal, so all nodes of a host share it."""

PARAMETER = "language"
"""Name in a link's query that chooses a language and is then kept in the cookie."""

FOLDER = Path(__file__).parent


class Language(StrEnum):
    """A language that every page is complete in; the value is used in links and cookies."""

    ZH = "zh"
    EN = "en"

    @property
    def tag(self) -> str:
        """BCP 47 tag for `lang=` and `Content-Language`."""
        return {"zh": "zh-Hans", "en": "en"}[self.value]

    @property
    def own_name(self) -> str:
        """What its readers call it."""
        return {"zh": "中文", "en": "English"}[self.value]

    @property
    def locale(self) -> Locale:
        """Babel's rules for numbers and dates; day before month in English, as on paper here."""
        return _locale({"zh": "zh_Hans_CN", "en": "en_GB"}[self.value])

    @property
    def other(self) -> Language:
        """The language that the switch link offers."""
        return Language.EN if self is Language.ZH else Language.ZH


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


DEFAULT = Language.ZH


def known(text: str | None) -> Language | None:
    """The language of this name, or None for anything else."""
    return Language(text) if text in set(Language) else None


def choose(query: Mapping[str, str], cookies: Mapping[str, str], accept: str = "") -> Language:
    """The reader's language: a link just followed, then the kept choice, then the browser's wish.

    `accept` is the Accept-Language header. Never fails: what is unknown is passed over.
    """
    chosen = known(query.get(PARAMETER)) or known(cookies.get(COOKIE))
    return chosen or _of_browser(accept) or DEFAULT


def _of_browser(accept: str) -> Language | None:
    """The best known language of an Accept-Language header, by its q values."""
    wishes: list[tuple[float, str]] = []
    for part in accept.split(","):
        tag, _, weight = part.strip().partition(";q=")
        wishes.append((_weight(weight), tag.strip().split("-")[0].lower()))
    wanted = [tag for weight, tag in sorted(wishes, key=lambda wish: -wish[0]) if weight > 0]
    return known(negotiate_locale(wanted, list(Language)))


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def catalogue(language: Language) -> Catalog:
    """The language's .po file as it lies on the disk; empty for English."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language.locale)
    with path.open("rb") as file:
        return read_po(file, locale=language.value)


def catalogue_path(language: Language) -> Path:
    """Where the language's sentences are kept."""
    return FOLDER / language.value / "LC_MESSAGES" / "messages.po"


@cache
def translate(language: Language) -> NullTranslations:
    """Gettext translations of a language, made once from its .po file."""
    if language is Language.EN:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)
