"""What a making of a network leaves that ends half way: noted before anything is made, removed before the next begins."""

import shutil
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from services import server_roles
from shared.settings.network import NETWORK_FILE, UNFINISHED, write_privately

OWNER_FILE = server_roles.OWNER_FILE
FIRST_PASSWORDS = "first-passwords.csv"
_FOLDERS = ("nodes", "schemas")
_FILES = (NETWORK_FILE, OWNER_FILE, FIRST_PASSWORDS)


@dataclass(frozen=True)
class Unfinished:
    """A making of a network: its name, the owner's address of the database if there is one, and what it signs things with.

    Schemas at the server carry the `mark` in their comment and roles in their name, so that nothing of anybody else is
    ever removed.
    """

    network: str
    postgres: str
    mark: str


def begin(data: Path, network: str, postgres: str | None) -> Unfinished:
    """Note that a network is being made in a folder."""
    made = Unfinished(network, postgres or "", server_roles.new_mark())
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_privately(data / UNFINISHED, asdict(made))
    return made


def end(data: Path) -> None:
    """The network is whole."""
    (data / UNFINISHED).unlink()


def found_in(data: Path) -> Unfinished | None:
    """The making that ended half way in a folder, if one did."""
    path = data / UNFINISHED
    return Unfinished(**tomllib.loads(path.read_text())) if path.exists() else None


def remove(data: Path, left: Unfinished) -> None:
    """Remove what it had made, at the server and here; topics that it made are empty and stay. Errors: SQLAlchemyError."""
    if left.postgres:
        server_roles.remove(left.postgres, left.network, left.mark)
    for name in _FOLDERS:
        shutil.rmtree(data / name, ignore_errors=True)
    for name in _FILES:
        (data / name).unlink(missing_ok=True)
    (data / UNFINISHED).unlink()
