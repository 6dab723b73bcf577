"""What `huiyin admit` and `huiyin revoke` say at the end: what is done, and what a person does next."""

from pathlib import Path
from typing import Any

from services.newcomer import LOGIN, Place
from shared.settings.network import read_network
from shared.work.common.unit_info import UnitInfo

Topics = tuple[list[str], list[str]]


def told(
    folder: Path, place: Place, office: UnitInfo, password: str, stays: str, topics: Topics, *, running: bool
) -> tuple[dict[str, Any], str]:
    """The answer of `huiyin admit`: for programs, and for people. `stays` says why the office was not moved, if it was not."""
    network = read_network(folder)
    values: dict[str, Any] = {"node": place.name, "office": office.code, "moved": not stays, "why": stays}
    values |= {"folder": str(folder), "login": LOGIN, "password": password}
    if network.kafka:
        values |= {"topics": {"reads": topics[0], "writes": topics[1], "mailboxes": f"{network.name}.to.*"}}
    return values, "\n".join(_lines(values, folder, office, running, on_servers=network.on_servers))


def _lines(
    values: dict[str, Any], folder: Path, office: UnitInfo, running: bool, *, on_servers: bool
) -> list[str]:
    name = values["node"]
    does = (
        f"and keeps {office.name}: what there is of it comes from {office.node} as soon as both run"
        if values["moved"]
        else f"but {office.name} stays at {office.node}: {values['why']}"
    )
    steps = [
        _place_words(folder, name, on_servers=on_servers),
        f"Sign in there as {LOGIN} / {values['password']}; the password is shown here once and must be changed.",
    ]
    if not running:
        steps.insert(0, "Start the county's node: the others hear of it by then.")
    if "topics" in values:
        steps.append(_rights_words(values["topics"]))
    return [f"{name} is in the network, {does}", *(f"{number}. {one}" for number, one in enumerate(steps, 1))]


def _place_words(folder: Path, name: str, *, on_servers: bool) -> str:
    if not on_servers:
        return f"Start it on this machine: `huiyin node --data {folder.parent.parent} --name {name}`, or `huiyin up` anew."
    return (
        f"Move {folder} to the office's computer, as nodes/{name} of a folder DIR there: nobody else may read it, and no copy "
        f"stays here. There: `huiyin node --data DIR --name {name}`."
    )


def _rights_words(topics: dict[str, Any]) -> str:
    reads, writes = ", ".join(topics["reads"]), ", ".join([*topics["writes"], topics["mailboxes"]])
    return f"Where the broker checks rights: it reads {reads}; it writes {writes}."


def told_left(
    name: str, roles: list[str], schema: str, kept: list[UnitInfo], folder: Path | None, *, running: bool
) -> tuple[dict[str, Any], str]:
    """The answer of `huiyin revoke`: what ended, what stays where, and which offices need another computer."""
    offices = [one.code for one in kept]
    values = {"node": name, "roles": roles, "schema": schema, "offices": offices, "folder": str(folder or "")}
    lines = [f"Nothing of {name} is taken any more; what others hold of it stays."]
    if not running:
        lines.append("Start the county's node: the others hear of it by then.")
    if schema:
        ended = f"Its role at PostgreSQL ({', '.join(roles)}) has ended" if roles else _no_role(schema)
        lines.append(f"{ended}; the schema {schema} keeps what it recorded.")
    if folder:
        lines.append(
            f"Its folder is in {folder}, with its keys: delete it when nobody needs what only it recorded."
        )
    if kept:
        names = ", ".join(f"{one.name} ({one.code})" for one in kept)
        lines.append(
            f"Nobody keeps {names} now, and what is addressed to them reaches nobody: move each to another computer on the "
            "county's page Directory, today."
        )
    return values, "\n".join(lines)


def _no_role(schema: str) -> str:
    return f"No role opens the schema {schema} alone (if it used the address of all, change that password)"
