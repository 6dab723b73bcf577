"""The command that brings the tables of a whole folder to this release, or says what would be done."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.owners import owner_of, upgrade_as_owner
from services.terminal import Data, Json, line, say, telling
from shared import __version__
from shared.database.engines import engine_for
from shared.event_log.schemas import write_schemas
from shared.node.storage import Upgrade, upgrade_node, wanted
from shared.settings.names import wrong_with_postgres
from shared.settings.network import NodeSettings, SettingsMissing, node_names, read_node
from shared.work.catalogue import PROJECTIONS

Check = Annotated[
    bool,
    typer.Option(
        "--check", help="change nothing, say what would be done; exit code 1 when there is something"
    ),
]

Owner = Annotated[
    str | None,
    typer.Option(
        "--postgres",
        help="address of the database for the owner of the schemas, where nodes may change no table",
    ),
]


def upgrade(
    data: Data,
    name: Annotated[str | None, typer.Option(help="only this node")] = None,
    check: Check = False,
    owner: Owner = None,
    as_json: Json = False,
) -> None:
    """Bring the tables of each node to this release, as its next start would; a copy of what changes is kept."""
    made = dict[str, Upgrade]()
    known_owner = owner or owner_of(data)
    for settings in [_settings(data, one, owner) for one in ([name] if name else node_names(data))]:
        made[settings.name] = _wanted(settings) if check else _done(settings, known_owner)
        for told in made[settings.name].lines():
            line(f"{settings.name}: {told}")
    if not check:
        write_schemas(data / "schemas")
    open_ones = [node for node, upgrade in made.items() if upgrade]
    say(as_json, _as_json(made, check), _told(len(made), open_ones, check))
    if check and open_ones:
        raise typer.Exit(1)


def _settings(data: Path, name: str, owner: str | None) -> NodeSettings:
    settings = read_node(data, name)
    if owner is not None and settings.schema is None:
        raise SettingsMissing(f"{name} keeps a file; only PostgreSQL has owners of schemas")
    if owner is not None and (wrong := wrong_with_postgres(owner)):
        raise SettingsMissing(f"--postgres: {wrong}")
    return settings


def _wanted(settings: NodeSettings) -> Upgrade:
    engine = engine_for(settings.database, settings.schema)
    try:
        return wanted(engine, PROJECTIONS, settings.name)
    finally:
        if settings.schema is None:
            engine.dispose()


def _done(settings: NodeSettings, owner: str | None) -> Upgrade:
    with telling() as progress:
        if owner and settings.schema:
            return upgrade_as_owner(settings, owner, progress)
        return upgrade_node(settings, PROJECTIONS, progress)


def _as_json(made: dict[str, Upgrade], check: bool) -> dict[str, Any]:
    nodes = {
        node: {
            "revisions": [step.revision for step in one.steps],
            "projections": sorted(projection.name for projection in one.stale.projections),
            "tables_dropped": sorted(one.stale.gone),
            "copies": list(one.copies),
        }
        for node, one in made.items()
    }
    return {"release": __version__, "checked_only": check, "nodes": nodes}


def _told(nodes: int, of_interest: list[str], check: bool) -> str:
    if not of_interest:
        return f"{nodes} nodes: everything is of release {__version__}"
    what = "are to be brought" if check else "were brought"
    return f"{len(of_interest)} of {nodes} nodes {what} to release {__version__}: {', '.join(of_interest)}"
