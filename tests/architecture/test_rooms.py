"""Every room opens with what lives there, what it may touch and how to add to it; the rules stay pure."""

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROOMS = [
    ".".join(path.parent.relative_to(TOP).parts)
    for top in ("shared", "services")
    for path in sorted((TOP / top).glob("**/__init__.py"))
    if path.parent.parent in (TOP, TOP / "shared", TOP / "services")
]
PURE = ("eventsourcing.domain", "shared.casework")


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


def test_casework_imports_the_standard_library_and_the_aggregates_alone() -> None:
    for path in sorted((TOP / "shared" / "casework").glob("*.py")):
        imported = set(_imported(ast.parse(path.read_text())))
        foreign = {
            name
            for name in imported
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(PURE)
        }
        assert not foreign, f"{path.name}: {foreign}"
