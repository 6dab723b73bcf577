"""Which release this is: said by the command and the state (by every message: tests/transport)."""

import tomllib
from pathlib import Path

from typer.testing import CliRunner

from services.cli import app
from shared import __version__
from tests.services.network import Stage


def test_the_command_says_its_release() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout.strip()) == (0, f"huiyin {__version__}")


def test_the_state_of_a_node_says_its_release(stage: Stage) -> None:
    assert stage.anybody("county").get("/statusz").json()["release"] == __version__


def test_the_package_has_the_same_release() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "shared/__init__.py"
