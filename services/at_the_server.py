"""Whose address a command takes at PostgreSQL that makes or ends what belongs to one node."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from services import server_roles
from services.free_place import require_database
from shared.settings.names import wrong_with_postgres
from shared.settings.network import SettingsMissing, read_network

Owner = Annotated[
    str | None,
    typer.Option(
        "--postgres", help="address for the owner of the schemas; the one that the folder has without it"
    ),
]


@dataclass(frozen=True)
class AtTheServer:
    """The owner's address, and that of all nodes together where each has a role of its own; empty where there is none."""

    owner: str
    together: str


def at_the_server(data: Path, given: str | None) -> AtTheServer:
    """What the folder knows, and what was given. Errors: SettingsMissing, ServerGone."""
    network = read_network(data)
    if given and not network.postgres:
        raise SettingsMissing("--postgres: the nodes of this network keep files")
    if given and (wrong := wrong_with_postgres(given)):
        raise SettingsMissing(f"--postgres: {wrong}")
    together = (network.postgres or "") if network.together else ""
    owner = given or server_roles.read_owner(data) or ("" if together else network.postgres or "")
    if together and not owner:
        raise SettingsMissing(
            f"{data}: the owner of the schemas is not known here; give its address with --postgres"
        )
    require_database(owner)
    return AtTheServer(owner, together)
