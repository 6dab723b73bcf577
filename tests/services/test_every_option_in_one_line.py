"""Every command with every option: what a person typed wrongly is one line and never a traceback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from services.cli import app
from tests.parts.terminal import Said, huiyin
from tests.services.network import LONE_VILLAGE, found_small

SERVES = {"up", "node"}
"""Commands that go on until they are stopped, unless something is wrong."""

GONE = "postgresql://127.0.0.1:1/huiyin"
WRONG_PATHS = (
    "/proc/nix",
    "/dev/null",
    "/dev/null/below",
    "{folder}/nothing-here",
    "{folder}/binary",
    "{folder}/bad-toml",
)
WRONG = {
    "data": WRONG_PATHS,
    "divisions": WRONG_PATHS,
    "offices": WRONG_PATHS,
    "postgres": (
        "mysql://x/y",
        "sqlite://",
        "nonsense",
        "postgresql://x:99999/y",
        "postgresql://[/y",
        GONE,
        "{postgres}://h",
    ),
    "kafka": ("nonsense", "host:99999", "host:port", "127.0.0.1:1", "a:1,b", "://"),
    "name": ("", "nobody", "../..", "x y", "\u202e", "{long}"),
    "tier": ("typo", "", "County", "\u202e"),
    "port": ("99999", "-1", "x"),
    "metrics": ("99999", "-1", "x"),
    "address": ("no such host", "256.1.1.1", "::1", "", "{long}"),
    "own_node": ("1", "x", LONE_VILLAGE + "0", "430321101000"),
    "url": ("nonsense", "http://127.0.0.1:1", "ftp://x", "http://x:99999", "http://[", ""),
    "until": ("yesterday", "2026-13-01"),
    "days": ("0", "-1", "x", "1000000"),
    "seed": ("x",),
    "ask": ("nobody", ""),
    "first": ("-1", "x", "99999999999999999999"),
    "second": ("-1", "x", "99999999999999999999"),
    "fact": ("x", "00000000-0000-0000-0000-000000000000"),
    "message": ("x", "00000000-0000-0000-0000-000000000000"),
    "number": ("nothing", ""),
    "proof": WRONG_PATHS + ("-", ""),
    "promise": WRONG_PATHS + ("x\ny",),
    "leaf": ("x", "eA=="),
    "key": ("x", "eA==", ""),
    "owner": ("mysql://x/y", "nonsense", GONE),
    "role": ('"; DROP SCHEMA x; --', ""),
    "reason": ("",),
    "login": ("nobody", "\u202e"),
    "log": ("xml", ""),
    "unit": ("1", "x", "430321101999", ""),
    "token": ("x", "令", "\u202e"),
}
"""Values that are wrong, or strange, by the name of the parameter."""


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        elif isinstance(command, TyperCommand):
            yield (*path, name), command


ROOT = get_command(app)
assert isinstance(ROOT, TyperGroup)
ALL = dict(commands(ROOT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network, and some files that are none."""
    made = tmp_path_factory.mktemp("options")
    found_small(made / "network")
    (made / "binary").write_bytes(b"\xff\x00\xfe" * 100)
    (made / "bad-toml").mkdir()
    (made / "bad-toml" / "network.toml").write_text("name = [")
    (made / "bad-toml" / "nodes" / "county").mkdir(parents=True)
    (made / "bad-toml" / "nodes" / "county" / "node.toml").write_text("name = 7\n")
    return made


def arguments(command: TyperCommand, folder: Path, wrong: str, value: str) -> list[str]:
    """A command line in which one value is wrong, and everything that must be there is right."""
    right = {"data": str(folder / "network"), "name": "county", "role": "runner", "reason": "r", "first": "1"}
    right |= {"second": "2", "proof": "x\ny", "promise": "x\ny", "message": "x", "port": "0"}
    right |= {"unit": "430321000000"}  # the county's own, which has its computer
    line: list[str] = []
    for one in command.params:
        given = value if one.name == wrong else right.get(one.name or "")
        if given is None or not (one.required or one.name in (wrong, "data", "port")):
            continue
        line += [given] if isinstance(one, TyperArgument) else [one.opts[0], given]
    return line


def wrong_values() -> Iterator[tuple[tuple[str, ...], str]]:
    for path, command in ALL.items():
        for one in command.params:
            if isinstance(one, TyperOption) and one.is_flag or one.name == "help":
                continue
            yield path, str(one.name)


def test_every_parameter_of_every_command_has_wrong_values_here():
    assert {name for _, name in wrong_values()} | {"log"} <= WRONG.keys()


def require_plain(said: Said, command: list[str]) -> None:
    assert "Traceback" not in said.err + said.out, (command, said)
    assert said.code in (0, 1, 2), (command, said)
    if said.code == 2 and "Usage:" not in said.err:
        assert len(said.err.strip().splitlines()) == 1, (command, said)


@pytest.mark.parametrize(("path", "name"), list(wrong_values()), ids=lambda part: str(part))
def test_given_a_wrong_value_then_it_is_told_without_a_traceback(
    path: tuple[str, ...], name: str, folder: Path, tmp_path: Path
):
    for value in WRONG[name]:
        typed = value.format(folder=folder, long="x" * 500, postgres="postgresql")
        line = [*path, *arguments(ALL[path], folder, name, typed)]
        if path == ("init",):
            line = [*path, *_for_init(name, typed, tmp_path)]
        elif path[-1] in SERVES and _is_right(name, typed):
            continue
        elif path == ("rehearse",):
            line += ["--days", "1"] if name != "days" else []
            line += ["--url", "http://127.0.0.1:1"] if name != "url" else []
        elif path == ("restore",) and name in ("ask", "name") and typed in ("nobody", ""):
            line += ["--go-on"]
        require_plain(huiyin(*line), line)


def _for_init(name: str, typed: str, tmp_path: Path) -> list[str]:
    servers = {"postgres": GONE, "kafka": "127.0.0.1:1"}
    line = ["--data", typed if name == "data" else str(tmp_path / "new")]
    if name in servers:
        for server, address in servers.items():
            line += [f"--{server}", typed if server == name else address]
    elif name != "data":
        line += [f"--{name.replace('_', '-')}", typed]
    if name in ("name", "data"):
        line += ["--divisions", "/dev/null"]  # nothing is to be made of a name that is right after all
    return line


def _is_right(name: str, typed: str) -> bool:
    """Whether a process would run with it."""
    return (name, typed) in {("tier", ""), ("address", ""), ("metrics", "-1"), ("port", "-1")}


@pytest.mark.parametrize("form", ["xml", ""])
def test_a_form_of_the_log_that_does_not_exist_is_named(form: str):
    said = huiyin("--log", form, "status", "--data", "/proc/nix")
    assert (said.code, said.err) == (2, f"--log: {form!r} is none of text, json\n")


def test_a_file_that_is_no_database_any_more_is_told_in_one_line(folder: Path, tmp_path: Path):
    data = found_small(tmp_path / "broken")
    (data / "nodes" / "county" / "log.sqlite").write_bytes(b"no database at all" * 1000)
    for command in ("status", "verify", "rebuild", "upgrade"):
        require_plain(huiyin(command, "--data", data), [command])
    assert "put its backup back" in huiyin("status", "--data", data, "--name", "county").err
