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


WITHOUT_LABELS = re.compile(r"error_summary\(\s*form\s*\)")


def test_given_every_form_when_something_is_wrong_then_its_summary_names_the_field():
    pages = [path for top in ("shared", "services") for path in (TOP / top).rglob("templates/*.html")]
    summaries = [path for path in pages if "forms.error_summary(" in path.read_text(encoding="utf-8")]
    assert len(summaries) > 8
    bare = [path.name for path in summaries if WITHOUT_LABELS.search(path.read_text(encoding="utf-8"))]
    assert bare == []


def test_given_a_summary_that_names_no_field_then_it_is_found():
    assert WITHOUT_LABELS.search("{{ forms.error_summary(form) }}")
    assert not WITHOUT_LABELS.search("{{ forms.error_summary(form, labels) }}")
