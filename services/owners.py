"""What only the owner of the schemas at PostgreSQL can do for a node whose own role may change no table."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url

from services import server_roles
from shared.database.progress import Progress, silent
from shared.node.storage import Upgrade, upgrade_node
from shared.settings.network import NETWORK_FILE, NodeSettings, read_network
from shared.work.catalogue import PROJECTIONS


def as_owner(settings: NodeSettings, owner: str) -> NodeSettings:
    """A node as the owner of its schema opens it."""
    return replace(settings, network=replace(settings.network, postgres=owner))


def upgrade_as_owner(settings: NodeSettings, owner: str, progress: Progress = silent) -> Upgrade:
    """Bring a node's tables to this release, and give its role the rights on what came. Errors: those of `upgrade_node`."""
    made = upgrade_node(as_owner(settings, owner), PROJECTIONS, progress)
    role = role_of(settings)
    if role != make_url(owner).username:
        server_roles.give_rights(owner, {settings.schema or "": role})
    return made


def role_of(settings: NodeSettings) -> str:
    """The role that a node's own folder names."""
    carried = (settings.folder / NETWORK_FILE).exists()
    address = (read_network(settings.folder) if carried else settings.network).postgres
    return str(make_url(address or "").username)


def owner_of(data: Path) -> str | None:
    """The owner's address, where this folder knows it."""
    return server_roles.read_owner(data)
