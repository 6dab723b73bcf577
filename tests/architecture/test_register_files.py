"""A register is one file that says what its records are; everything else follows from that, and it touches nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

WORK = Path(__file__).parents[2] / "shared" / "work"
MAY_IMPORT = (
    "collections",
    "datetime",
    "enum",
    "pydantic",
    "typing",
    "shared.accounts.rights",
    "shared.orders.input",
    "shared.work.common",
    "shared.work.registers.declaration",
)


def imported(source: str) -> Iterator[str]:
    """The modules that a source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "."
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def beyond_a_declaration(source: str) -> list[str]:
    """What a source imports that a register's file has no business with."""
    return [
        name for name in imported(source) if not f"{name}.".startswith(tuple(f"{m}." for m in MAY_IMPORT))
    ]


def register_files() -> list[Path]:
    """The files of `shared/work` that declare a register."""
    made = "shared.work.registers.declaration"
    return [path for path in sorted(WORK.glob("*.py")) if made in imported(path.read_text())]


def test_given_every_register_when_its_file_is_read_then_it_only_says_what_its_records_are():
    registers = [path for path in register_files() if path.name != "subject.py"]
    assert registers
    assert {path.name: beyond_a_declaration(path.read_text()) for path in registers} == {
        path.name: [] for path in registers
    }


def test_given_a_register_that_reaches_for_another_subject_when_it_is_read_then_that_is_named():
    source = "from shared.work.registers.declaration import Register\nimport shared.work.matters.case\n"
    assert beyond_a_declaration(source) == ["shared.work.matters.case"]
