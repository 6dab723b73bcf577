"""A page that shows a stored word names a list of words that there is; a list that was renamed leaves none behind."""

import re
from pathlib import Path

from services.network import MAKERS
from shared.web.languages.labels import LABELS

TOP = Path(__file__).parents[2]
SHOWN = re.compile(r"""\|label\('(\w+)'\)|\b(?:choices|label)\(\s*[\w.]*language,(?: [\w.]+,)? "(\w+)"\)""")


def lists_named(source: str) -> set[str]:
    """The lists of words that a template or a page names."""
    return {name for found in SHOWN.findall(source) for name in found if name}


def test_given_every_page_when_it_is_read_then_each_list_of_words_that_it_names_is_there():
    for make in MAKERS.values():
        make()  # subjects teach their own words when the doors are made
    sources = [
        path
        for top in ("shared", "services")
        for ext in ("html", "py")
        for path in (TOP / top).rglob(f"*.{ext}")
    ]
    named = {path.name: lists_named(path.read_text(encoding="utf-8")) for path in sources}
    assert sum(map(len, named.values())) > 20
    assert {name: lists - LABELS.keys() for name, lists in named.items() if lists - LABELS.keys()} == {}


def test_given_a_page_that_names_a_list_which_is_gone_then_it_is_found():
    assert lists_named("{{ one|label('Check') }}") == {"Check"}
    assert lists_named('choices(language, "Check")') == {"Check"}
