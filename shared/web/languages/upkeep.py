"""Keeps the catalogues whole: what the code says, what is translated, what is still missing.

Used by the developer's command and by the tests; it reads source files, so it is of no use in an
installed copy. Catalogues are sorted and carry no line numbers or dates, so that two people who
add sentences side by side rarely meet in the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from shared.web.languages import Language, catalogue, catalogue_path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("shared", "services")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def wanted(root: Path = ROOT) -> Catalog:
    """Every sentence that the code and the templates under `root` can show."""
    config = root / "shared" / "web" / "babel.cfg"
    with config.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, config.name)
    found = Catalog()
    for folder in FOLDERS:
        for _, _, msgid, comments, context in extract_from_dir(root / folder, methods, options):
            found.add(msgid, auto_comments=comments, context=context)
    return found


def faults(language: Language, wanted_sentences: Catalog) -> list[str]:
    """What keeps a language from being complete, one line each; empty when it is."""
    kept = catalogue(language)
    return [
        f"{fault}: {message.id!r}"
        for message in wanted_sentences
        if message.id and (fault := _fault(message, kept.get(message.id, message.context)))
    ]


def _fault(message: Message, translated: Message | None) -> str:
    """Why one sentence is not translated, or nothing."""
    if translated is None or not all(_texts(translated.string)):
        return "missing"
    if translated.fuzzy:
        return "fuzzy"
    holes = set().union(*(_holes(text) for text in _texts(message.id)))
    if any(_holes(text) != holes for text in _texts(translated.string)):
        return "other placeholders"
    return ""


def _texts(text: str | Sequence[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [""])


def _holes(text: str) -> set[str]:
    """The names of the placeholders, so that a translation can neither drop nor invent one."""
    return set(_PLACEHOLDER.findall(text))


def update(language: Language, wanted_sentences: Catalog) -> None:
    """Bring a catalogue up to date: keep translations, add what is new, drop what nobody says."""
    kept, renewed = catalogue(language), Catalog(locale=language.value, fuzzy=False)
    for message in wanted_sentences:
        if message.id:
            old = kept.get(message.id, message.context)
            renewed.add(message.id, old.string if old else "", context=message.context)
    with catalogue_path(language).open("wb") as file:
        file.write(_HEADER.format(tag=language.tag, plurals=renewed.plural_forms).encode())
        write_po(file, renewed, sort_output=True, no_location=True, omit_header=True, width=100)


_HEADER = """# Sentences in {tag}; the msgid is the English text.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""
