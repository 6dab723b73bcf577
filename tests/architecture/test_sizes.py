"""Files and functions stay small enough to be read at once; whoever exceeds says why beside it."""

import ast
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[2]
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
"""Unit of both: lines, docstrings and decorators included."""

LONGER_FILES: dict[str, str] = {
    "shared/web/languages/labels.py": "one table of words, a line each; nobody reads it from top to bottom",
}
"""Path to why it is longer."""

LONGER_FUNCTIONS = {
    "shared/database/migrations/versions/r0001_as_0_1_made_them.py _door": "the tables of accounts, a line a column",
    "shared/envelope.py make": "the wire's sixteen attributes, once as parameters and once under their names there",
}
"""Path and name to why it is longer."""


def _files() -> list[Path]:
    return [path for top in ("shared", "services") for path in sorted((TOP / top).rglob("*.py"))]


def _functions(source: str) -> Iterator[tuple[str, int]]:
    for found in ast.walk(ast.parse(source)):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([found.lineno, *(each.lineno for each in found.decorator_list)])
            yield found.name, (found.end_lineno or first) - first + 1


def _too_long(path: str, source: str) -> Iterator[str]:
    """What is too long in a file, as it is called in the lists above."""
    if len(source.splitlines()) > LONGEST_FILE:
        yield path
    yield from (f"{path} {name}" for name, lines in _functions(source) if lines > LONGEST_FUNCTION)


def _found() -> set[str]:
    return {
        one for path in _files() for one in _too_long(str(path.relative_to(TOP)), path.read_text("utf-8"))
    }


def test_no_file_and_no_function_is_longer_than_can_be_read_at_once_unless_it_says_why() -> None:
    assert _found() - LONGER_FILES.keys() - LONGER_FUNCTIONS.keys() == set()


def test_what_has_become_short_enough_is_not_excused_any_more() -> None:
    assert LONGER_FILES.keys() | LONGER_FUNCTIONS.keys() <= _found()


def test_every_excuse_is_a_reason() -> None:
    assert all(len(why.split()) > 5 for why in (*LONGER_FILES.values(), *LONGER_FUNCTIONS.values()))


def test_given_a_long_file_with_a_long_function_when_measured_then_both_are_found() -> None:
    body = "def slow():\n" + "    x = 1\n" * LONGEST_FUNCTION
    assert list(_too_long("a.py", body)) == ["a.py slow"]
    assert list(_too_long("a.py", body + "\n" * LONGEST_FILE)) == ["a.py", "a.py slow"]
    assert list(_too_long("a.py", body.replace("    x = 1\n", "", 1) + "\n" * 10)) == []
