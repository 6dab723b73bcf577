"""The walls between rooms stand, and a violation of any of them is found."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[2]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over a copy of the project, as the tests' command calls it."""
    command = ["lint-imports", "--no-cache"]
    return subprocess.run(
        command, cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False
    )


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}


def _weed(contract: dict[str, Any]) -> tuple[str, str]:
    """A module, and an import that its contract forbids."""
    if contract["type"] == "independence":
        return contract["modules"][0], contract["modules"][1]
    return contract["source_modules"][0], contract["forbidden_modules"][0]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code, to plant weeds in."""
    folder = tmp_path_factory.mktemp("walls")
    for room in ("shared", "services"):
        shutil.copytree(TOP / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(TOP / "pyproject.toml", folder)
    return folder


def test_given_the_project_as_it_is_when_linted_then_every_wall_stands(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


def test_given_a_forbidden_import_in_every_room_when_linted_then_every_wall_reports_it(copy: Path) -> None:
    for contract in CONTRACTS:
        module, forbidden = _weed(contract)
        place = copy / module.replace(".", "/")
        room = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        room.write_text(f"{room.read_text()}\nimport {forbidden}\n")
    done = _lint(copy)
    assert done.returncode == 1
    broken = [contract["name"] for contract in CONTRACTS if f"{contract['name']} BROKEN" in done.stdout]
    assert broken == [contract["name"] for contract in CONTRACTS], done.stdout
