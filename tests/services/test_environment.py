"""Which Python the two commands take, on machines with several."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).parents[2] / "deploy" / "environment.sh"


@pytest.fixture
def bash(tmp_path: Path) -> str:
    """A bash, and beside it only the tools that the script uses: the machine's Pythons are out of sight."""
    for tool in ("bash", "cat", "head", "sort"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    return str(tmp_path / "bash")


def a_python(folder: Path, name: str, says: str) -> Path:
    """A stand-in for a build of Python: what it says when it is asked where it comes from."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!{shutil.which('bash')}\nprintf '%s\\n' '{says}'\n")
    path.chmod(0o755)
    return path


def found(bash: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """What `find_python` says where only these folders are searched."""
    places = ":".join(map(str, (*folders, Path(bash).parent)))
    command = [bash, "-euc", f". {ENVIRONMENT}; find_python"]
    return subprocess.run(command, env={"PATH": places}, capture_output=True, text=True, timeout=30)


def test_given_two_builds_of_a_version_when_one_is_looked_for_then_what_the_system_ships_is_taken(
    tmp_path: Path, bash: str
):
    a_python(tmp_path / "first", "python3.12", "1 /opt/compiled/python3.12")
    a_python(tmp_path / "second", "python3.12", "0 /opt/shipped/python3.12")
    a_python(tmp_path / "third", "python3.12", "0 /opt/another/python3.12")
    folders = (tmp_path / "first", tmp_path / "second", tmp_path / "third")
    assert found(bash, *folders).stdout == "/opt/shipped/python3.12\n"


def test_given_two_versions_when_one_is_looked_for_then_the_version_of_the_lock_comes_first(
    tmp_path: Path, bash: str
):
    a_python(tmp_path / "here", "python3.11", "1 /opt/a/python3.11")
    a_python(tmp_path / "here", "python3.13", "0 /opt/b/python3.13")
    assert found(bash, tmp_path / "here").stdout == "/opt/a/python3.11\n"


def test_given_no_python_that_can_be_used_when_one_is_looked_for_then_it_says_what_to_install(
    tmp_path: Path, bash: str
):
    a_python(tmp_path / "old", "python3", "")
    answer = found(bash, tmp_path / "old")
    assert answer.returncode == 1
    assert "Python 3.11 or newer is missing" in answer.stderr


def test_given_the_machines_python_when_it_is_asked_then_it_says_where_it_comes_from(bash: str):
    python = shutil.which("python3")
    assert python is not None
    command = [bash, "-euc", f". {ENVIRONMENT}; origin {python}"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout.split()
    assert said[0] in ("0", "1")
    assert Path(said[1]).exists()


def test_given_an_environment_of_this_lock_when_it_is_made_again_then_no_python_is_looked_for(
    tmp_path: Path, bash: str
):
    lock = tmp_path / "requirements.txt"
    lock.write_text("huiyin==1\n")
    made = tmp_path / "made"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python").symlink_to(sys.executable)
    (made / "lock.sha256").write_text(hashlib.sha256(lock.read_bytes()).hexdigest() + "\n")
    command = [bash, "-euc", f". {ENVIRONMENT}; make_environment {made} {lock}"]
    answer = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=30)
    assert (answer.returncode, answer.stderr) == (0, "")
