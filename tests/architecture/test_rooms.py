"""Every room opens with what lives there, what it may touch and how to add to it; the rules stay pure."""

import ast
import importlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROOMS = [
    ".".join(path.parent.relative_to(TOP).parts)
    for top in ("shared", "services")
    for path in sorted((TOP / top).glob("**/__init__.py"))
    if path.parent != TOP / "shared" / "data"
]
COMMON = "shared.work.common"
RULES: list[str] = next(
    contract["source_modules"]
    for contract in tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    if contract["name"].startswith("rules are pure")
)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_opens_with_what_it_may_touch_and_how_to_add_to_it(room: str) -> None:
    said = (importlib.import_module(room).__doc__ or "").lower()
    assert "may import" in said and "to add" in said


def _files(module: str) -> list[Path]:
    place = TOP.joinpath(*module.split("."))
    return sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


@pytest.mark.parametrize("module", [COMMON, *RULES])
def test_rules_import_the_standard_library_and_the_aggregates_alone(module: str) -> None:
    pure = ("eventsourcing.domain", COMMON, *RULES)
    for path in _files(module):
        imported = set(_imported(ast.parse(path.read_text())))
        foreign = {
            name
            for name in imported
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(pure)
        }
        assert not foreign, f"{path.name}: {foreign}"


def test_no_file_lies_loose_in_shared_but_the_envelope() -> None:
    assert sorted(path.name for path in (TOP / "shared").glob("*.py")) == ["__init__.py", "envelope.py"]
