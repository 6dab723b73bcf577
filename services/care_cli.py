"""Commands for the care of one node: take back what it had sent, give it an administrator."""

import getpass
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from services import restore_words, restoring
from services.opening import open_host
from services.terminal import Data, Json, each_node, say, stopping
from shared.accounts.people import Account
from shared.accounts.rights import Role
from shared.node.node import Node
from shared.settings.network import SettingsMissing, node_names
from shared.work.administration.reset import Reset
from shared.work.common.actor import Actor
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.order_request import OrderRequest
from shared.work.common.words import Tier

RESET = "reset (command)"
"""Stands in the history of an account, and as the actor of the fact, for whoever set its password anew at the computer."""


class WhichAdministrator(CannotGoOn):
    """It is not clear whose password is to be set anew."""

    code = "which-administrator"


Name = Annotated[str, typer.Option(help="name of the node")]


def restore(
    data: Data,
    name: Name,
    ask: Annotated[
        list[str] | None,
        typer.Option(
            help="name of a node that runs, when none is known here; those of this folder without it"
        ),
    ] = None,
    go_on: Annotated[
        bool,
        typer.Option("--go-on", help="do not wait for nodes that do not answer; what only they hold is lost"),
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a node whose database was put back, or is empty, take back what it had sent; before it is started."""
    if name not in node_names(data):
        raise SettingsMissing(f"{data}: no node called {name!r} is here")
    with stopping() as stop:
        opened = partial(open_host, data, node_names(data), restoring=name)
        made = restoring.restore(opened, name, ask=ask or node_names(data), go_on=go_on, stop=stop)
    names = [one.directory for one in each_node(data, name, upgrading=False)]
    say(as_json, asdict(made), restore_words.told(made, names[0]))


def administrator(
    data: Data,
    name: Name,
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help="a new first password for an administrator whose own is lost; the offices above see that it was given",
        ),
    ] = False,
    login: Annotated[
        str, typer.Option(help="whose password, with --reset; the only administrator's without it")
    ] = "",
) -> None:
    """A first administrator for a node that has none, since accounts come back with a backup only."""
    for one in each_node(data, name):
        if reset:
            found, password = set_anew(one, login, by=getpass.getuser())
            typer.echo(f"{found} / {password}")
            continue
        made = one.accounts.create_first_administrator(
            "admin", "Administrator", _office_of(one), at=one.now()
        )
        typer.echo(f"admin / {made.temporary_password}")


def set_anew(node: Node, login: str, *, by: str) -> tuple[str, str]:
    """Give an administrator a new first password, and let the offices above see it; login and password.

    Without a `login` the only administrator who may sign in. Errors: WhichAdministrator, those of recording a fact.
    """
    found = _administrator_of(node, login)
    node.log.start()
    at = node.now()
    record_reset(node, found, by, at)
    return found.login, node.accounts.reset_password(found.id, by=RESET, at=at)


def record_reset(node: Node, account: Account, by: str, at: datetime) -> None:
    """Record that an administrator's password is set anew at the computer; it leaves when the node runs. Errors: Refusal."""
    # In the name of an office that this node keeps: the administrator of a village's computer may be of its township.
    kept = node.directory.hosted_by(node.name)
    office = account.unit if node.keeps(account.unit) or not kept else kept[0].unit
    actor = Actor(account=RESET, unit=office, role=Role.ADMINISTRATOR, name=by)
    reset = Reset.record_one(unit=office, node=node.name, login=account.login, by=by, at=at)
    node.change(OrderRequest(actor, at, lambda context: context.add(reset))).result()


def _administrator_of(node: Node, login: str) -> Account:
    able = [
        one for one in node.accounts.list_accounts() if one.role == Role.ADMINISTRATOR and not one.disabled_at
    ]
    found = [one for one in able if login in ("", one.login)]
    if len(found) == 1:
        return found[0]
    if not able:
        raise WhichAdministrator(f"{node.name} has no administrator: give the command without --reset")
    names = ", ".join(one.login for one in able)
    raise WhichAdministrator(f"{node.name}: say whose password with --login; its administrators: {names}")


def _office_of(node: Node) -> UUID:
    """The office that administers a node: its own, or the township of the villages that it keeps."""
    kept = node.units()
    if not kept:
        raise SettingsMissing(f"{node.name} does not know its office yet: finish `huiyin restore` first")
    first = kept[0]
    return first.parent if node.settings.tier == Tier.VILLAGE and first.parent else first.unit


COMMANDS = (restore, administrator)
