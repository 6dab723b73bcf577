"""The work, and the engine under it, say why they refuse; which HTTP status that is, only the doors say."""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared"
PAGES = ("web/", "work/tier_app.py")
"""Rooms of pages in `shared`; besides these every file or folder that is called `pages`."""

HTTP = ("http", "fastapi", "starlette")
STATUS = {status.value for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}


def _is_of_pages(path: Path) -> bool:
    place = path.relative_to(SHARED).as_posix()
    return place.startswith(PAGES) or "pages" in Path(place).with_suffix("").parts


def http_of(source: str) -> Iterator[str]:
    """What a source says of HTTP: its modules, and a `status` of a class that is one of HTTP's numbers."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in HTTP:
            yield f"imports {node.module}"
        elif isinstance(node, ast.Import):
            yield from (f"imports {name.name}" for name in node.names if name.name.split(".")[0] in HTTP)
        elif isinstance(node, ast.ClassDef):
            yield from (f"{node.name} has a status" for line in node.body if _is_status(line))


def _is_status(line: ast.stmt) -> bool:
    if not isinstance(line, ast.Assign | ast.AnnAssign):
        return False
    targets = line.targets if isinstance(line, ast.Assign) else [line.target]
    named = any(isinstance(target, ast.Name) and target.id == "status" for target in targets)
    return named and isinstance(line.value, ast.Constant) and line.value.value in STATUS


def test_given_the_work_and_the_engine_when_read_then_neither_says_anything_of_http() -> None:
    said = [
        f"{path.relative_to(SHARED)}: {what}"
        for path in sorted(SHARED.glob("**/*.py"))
        if not _is_of_pages(path)
        for what in http_of(path.read_text())
    ]
    assert said == []


def test_given_a_planted_status_or_import_when_read_then_each_is_named() -> None:
    planted = "import http\nfrom fastapi import Response\nclass A(Refusal):\n    status = 422\n"
    planted += "class B(Refusal):\n    status: ClassVar[int] = 409\nclass Line:\n    status: DayStatus\n"
    assert sorted(http_of(planted)) == [
        "A has a status",
        "B has a status",
        "imports fastapi",
        "imports http",
    ]
