"""Every refusal of the whole code: a stable code, a status, and a sentence in every language."""

import ast
import pkgutil
import re
from functools import cache
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

import pytest

import services
import shared
from shared.web.languages import Language, translate
from shared.web.statuses import STATUSES, status_of
from shared.work.common.refusals import Kind, Refusal, StaleVersion

FROZEN = Path(__file__).parent / "refusal_codes.txt"
"""A line for each code with its status; a program out there may ask for either, so neither changes."""


@cache
def every_module() -> list[str]:
    """All modules of the code, imported; the ones that are commands are left alone."""
    packages = [*pkgutil.walk_packages(shared.__path__, "shared.")]
    packages += pkgutil.walk_packages(services.__path__, "services.")
    names = [found.name for found in packages if not found.name.endswith("__main__")]
    return [import_module(name).__name__ for name in names]


def _below(kind: type[Refusal]) -> list[type[Refusal]]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]


@cache
def refusals() -> list[type[Refusal]]:
    """Refusals that an order can meet; one without a code of its own only groups others."""
    modules = set(every_module())
    return [kind for kind in _below(Refusal) if kind.__module__ in modules and "code" in vars(kind)]


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", sentence))


def test_every_code_and_status_is_the_one_that_was_once_published():
    """A new refusal: add its line. A changed line: programs out there break."""
    now = sorted(f"{kind.code} {status_of(kind)}" for kind in refusals())
    assert now == FROZEN.read_text().splitlines()


def test_no_two_refusals_have_the_same_code():
    codes = [kind.code for kind in refusals()]
    assert len(codes) == len(set(codes)) > 50


def test_a_refusal_without_a_code_of_its_own_groups_others():
    groups = [
        kind for kind in _below(Refusal) if "code" not in vars(kind) and kind.__module__ in every_module()
    ]
    assert all(kind.__subclasses__() for kind in groups)


def test_every_kind_of_refusal_is_answered_with_a_client_error_or_try_again_later():
    assert STATUSES.keys() == set(Kind)
    for kind, status in STATUSES.items():
        assert 400 <= status < 500 or status == HTTPStatus.SERVICE_UNAVAILABLE, kind


def test_no_refusal_has_a_status_of_its_own():
    assert [kind.code for kind in refusals() if "status" in vars(kind)] == []


def test_every_sentence_says_something_and_has_only_named_placeholders():
    for kind in refusals():
        assert kind.sentence.strip() and kind.sentence != Refusal.sentence, kind
        assert "%" not in re.sub(r"%\(\w+\)s", "", kind.sentence), kind


@pytest.mark.parametrize("language", [other for other in Language if other is not Language.EN])
def test_every_sentence_is_translated_with_the_same_placeholders(language):
    told = translate(language)
    for kind in refusals():
        sentence = told.gettext(kind.sentence)
        assert sentence != kind.sentence, kind
        assert placeholders(sentence) == placeholders(kind.sentence), kind


def test_whoever_refuses_gives_the_sentence_every_value_it_names():
    """A missing one would turn a refusal into an error at the very moment it is needed; `field` leads to where it belongs."""
    sentences = {kind.__name__: placeholders(kind.sentence) for kind in refusals()}
    wrong = [
        f"{module}:{line} {name}"
        for module in every_module()
        for line, name, given in _raised(module)
        if name in sentences and given not in (sentences[name], sentences[name] | {"field"})
    ]
    assert wrong == []


def _raised(module: str) -> list[tuple[int, str, set[str | None]]]:
    path = Path(import_module(module).__file__ or "")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return [
        (call.lineno, call.func.id, {word.arg for word in call.keywords})
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    ]


def test_a_refusal_reads_as_a_sentence_with_its_values():
    refusal = StaleVersion(seen=3, now=5)
    assert "you saw version 3, it is now 5" in str(refusal)
    assert refusal.facts == {"seen": 3, "now": 5}


def test_every_refusal_is_met_in_some_test():
    tests = Path(__file__).parents[1]
    told = "\n".join(path.read_text() for path in sorted(tests.glob("**/*.py")))
    unmet = [kind.code for kind in refusals() if kind.__name__ not in told and f'"{kind.code}"' not in told]
    assert unmet == []
