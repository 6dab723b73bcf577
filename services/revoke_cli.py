"""`huiyin revoke`: a computer leaves the network, because its office closed or because it is in wrong hands."""

from pathlib import Path
from typing import Annotated

import typer

from services import admit_words, newcomer, server_roles
from services.admit_cli import Token, Url
from services.at_the_county import AtTheCounty
from services.at_the_server import Owner, at_the_server
from services.nodes import open_node
from services.owners import as_owner
from services.terminal import Data, Json, say
from shared.settings.network import read_network, read_node
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.node_orders import RevokeNode
from shared.writer_lease.lease import NodeIsRunning

LEFT = "left"
"""Where the folders of computers are kept that left; no command takes them for nodes of the network."""


class CannotLeave(CannotGoOn):
    """A computer cannot be taken out of the network that way."""

    code = "cannot-leave"


def revoke(
    data: Data,
    name: Annotated[str, typer.Option(help="name of the computer")],
    reason: Annotated[str, typer.Option(help="why; everybody in the network can read it")],
    url: Url = "",
    token: Token = "",
    owner: Owner = None,
    as_json: Json = False,
) -> None:
    """Take nothing of a computer any more, end its role at PostgreSQL, put its folder here away; what it recorded stays.

    Given where the county's folder is, beside its running node or while that is stopped; given again it does what is left.
    """
    county = AtTheCounty(data, url, token)
    _give_order(county, name, reason)
    server = at_the_server(data, owner)
    schema = newcomer.schema_of(read_network(data), name) if server.owner else ""
    roles = server_roles.drop_roles_of(server.owner, schema) if server.together else []
    folder = _put_away(data, name, server.owner)
    kept = county.directory().hosted_by(name)
    say(as_json, *admit_words.told_left(name, roles, schema, kept, folder, running=bool(url)))


def _give_order(county: AtTheCounty, name: str, reason: str) -> None:
    """Errors: CannotLeave, those of the county."""
    known = county.directory().nodes.get(name)
    if known is None:
        raise CannotLeave(f"--name: no computer named {name!r} was taken into this network")
    if known.revoked_on is None:
        if not reason.strip() or not reason.isprintable() or len(reason) > 200:
            raise CannotLeave("--reason: one line of 200 signs at most")
        order = RevokeNode(node=NodeEntry.id_for(name), reason=reason)
        county.give(order, f"revoke {name}")


def _put_away(data: Path, name: str, owner: str) -> Path | None:
    """The folder of a node that nobody runs, out of the way; none when it is not here. Errors: CannotLeave."""
    folder, home = data / "nodes" / name, data / LEFT / name
    if not folder.exists():
        return None
    settings = read_node(data, name)
    try:
        open_node(as_owner(settings, owner) if owner else settings).stop()
    except NodeIsRunning:
        raise CannotLeave(
            f"nothing of {name} is taken any more, but a process still runs it: stop that one and give the command again, which "
            f"puts {folder} away"
        ) from None
    home.parent.mkdir(exist_ok=True, mode=0o700)
    folder.rename(home)
    return home


COMMANDS = (revoke,)
