"""`huiyin init`: a network from a county's divisions, on files or on servers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services import founding, free_place
from services.division_file import read_divisions, read_offices
from services.divisions import SINCE_LIST, Plan, name_of, plan_network
from services.terminal import Data, Json, line, say, telling
from services.unfinished import FIRST_PASSWORDS
from shared import data as packaged
from shared.settings.clock import new_rehearsal_token
from shared.settings.network import SettingsMissing

Divisions = Annotated[
    Path | None, typer.Option(help="CSV of the county's divisions; the packaged county without it")
]
OneRole = Annotated[
    bool,
    typer.Option(
        "--one-role",
        help="let every node use the address given with --postgres; without it each gets a role of its own",
    ),
]


def init(
    data: Data,
    divisions: Divisions = None,
    offices: Annotated[Path | None, typer.Option(help="CSV of the county's office names")] = None,
    name: Annotated[
        str,
        typer.Option(
            help="name of the network, which topics and schemas begin with; the county's code without it, and a word more "
            "with --rehearsal"
        ),
    ] = "",
    postgres: Annotated[
        str | None,
        typer.Option(help="address of a PostgreSQL database, whose role may make schemas and roles"),
    ] = None,
    kafka: Annotated[str | None, typer.Option(help="HOST:PORT of Apache Kafka")] = None,
    own_node: Annotated[
        list[str] | None, typer.Option(help="12-digit code of a village with a node of its own")
    ] = None,
    rehearsal: Annotated[bool, typer.Option(help="a network to practise with; its clock can be set")] = False,
    one_role: OneRole = False,
    as_json: Json = False,
) -> None:
    """Make a network: keys, folders, directory, first administrators; once more where that ended half way."""
    if bool(postgres) != bool(kafka):
        raise SettingsMissing(
            "--postgres and --kafka are given together (network) or not at all (one machine)"
        )
    plan, at = _planned(divisions, offices, name, own_node or [], rehearsal)
    if free_place.clear(data):
        line(f"{data}: an earlier init had ended half way; what it left behind was removed")
    free_place.require_free_name(plan.name, postgres, kafka)
    with telling() as progress:
        servers: dict[str, Any] = {"postgres": postgres, "kafka": kafka, "own_roles": not one_role}
        token = new_rehearsal_token() if rehearsal else ""
        practice: dict[str, Any] = {"rehearsal": rehearsal, "rehearsal_token": token}
        first = founding.found_network(data, plan, at=at, progress=progress, **practice, **servers)
    say(as_json, *_made(data, plan, first))


def _planned(
    divisions: Path | None, offices: Path | None, name: str, own_nodes: list[str], rehearsal: bool
) -> tuple[Plan, datetime]:
    """What is to be made, and the moment from which it is."""
    lines = read_divisions(divisions or packaged.path(packaged.COUNTY))
    names = read_offices(offices or packaged.path(packaged.OFFICES))
    since = SINCE_LIST if rehearsal else datetime.now(UTC).date()
    at = datetime.combine(since, datetime.min.time(), UTC) if rehearsal else datetime.now(UTC)
    name = name or name_of(lines, rehearsal=rehearsal)
    return plan_network(lines, names, since=since, own_nodes=own_nodes, name=name), at


def _made(data: Path, plan: Plan, first: list[tuple[str, str, str]]) -> tuple[dict[str, Any], str]:
    county = next(password for node, _, password in first if node == founding.COUNTY_NODE)
    values = {
        "network": plan.name,
        "nodes": len(plan.nodes),
        "units": len(plan.entries),
        "data": str(data),
    }
    return values, (
        f"{plan.name}: {len(plan.nodes)} nodes, {len(plan.entries)} offices in {data}\n"
        f"County administrator: admin / {county}\n"
        f"Passwords of all first administrators: {data / FIRST_PASSWORDS} (delete it after handing them out)"
    )
