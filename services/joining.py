"""Whether an office can get a computer of its own, and what is known of it before anything is made."""

from dataclasses import dataclass, replace
from pathlib import Path

from services import newcomer, server_roles
from services.at_the_county import AtTheCounty
from services.at_the_server import AtTheServer, at_the_server
from services.newcomer import LONGEST_AT_A_SERVER, Place
from shared.settings.front import Front
from shared.settings.network import Network, read_network
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory
from shared.work.common.words import UnitKind
from shared.work.directory.node_orders import NAME_OF_A_NODE


class CannotJoin(CannotGoOn):
    """A computer cannot be taken in that way."""

    code = "cannot-join"


@dataclass(frozen=True)
class Joining:
    """What is known before anything is made."""

    data: Path
    county: AtTheCounty
    directory: Directory
    place: Place
    office: UnitInfo
    township: UnitInfo
    server: AtTheServer


def look(data: Path, county: AtTheCounty, name: str, code: str, owner: str | None) -> Joining:
    """See that it can be done before anything is. Errors: CannotJoin, SettingsMissing, ServerGone, those of the county."""
    if not NAME_OF_A_NODE.fullmatch(name):
        raise CannotJoin(
            f"--name: small letters, digits and hyphens, a letter or digit first, 61 at most: {name!r}"
        )
    directory = county.directory()
    office = next((one for one in directory.units.values() if one.code == code and one.open), None)
    if office is None:
        raise CannotJoin(
            f"--unit: no open office has the code {code!r}; the county's page Directory lists them"
        )
    township = directory.find(office.parent) if office.kind in _BELOW and office.parent else office
    if township is None or township.kind != UnitKind.TOWNSHIP:
        raise CannotJoin(
            f"--unit: {office.name} is no township, village or community; its computer is the county's"
        )
    network = read_network(data)
    place = newcomer.place_of(name, office, township)
    joining = Joining(data, county, directory, place, office, township, at_the_server(data, owner))
    _require_free(joining, network)
    return joining


_BELOW = (UnitKind.VILLAGE, UnitKind.COMMUNITY)


def _require_free(joining: Joining, network: Network) -> None:
    """A name that nobody has, or that of what was begun for the same office. Errors: CannotJoin."""
    data, place = joining.data, joining.place
    begun = newcomer.folder_of(data, place.name)
    if begun is not None:
        if (earlier := newcomer.begun_for(begun)) != place:
            raise CannotJoin(
                f"{begun}: taking in {place.name} was begun for the office {earlier.office}; go on with that one"
            )
        return
    if place.name in joining.directory.nodes or (data / "nodes" / place.name).exists():
        raise CannotJoin(f"--name: there is or was a computer named {place.name}; names are never used again")
    schema = newcomer.schema_of(network, place.name)
    if joining.server.owner and len(schema) + len("_123456") > LONGEST_AT_A_SERVER:
        raise CannotJoin(
            f"--name: {place.name} is too long for the server, which has to call a role {schema}_123456"
        )
    if joining.server.owner and schema in server_roles.all_schemas(joining.server.owner):
        raise CannotJoin(f"--name: the database has a schema {schema} already; choose another name")


def carried(joining: Joining) -> Network:
    """What the new folder says of the network: the county's key of today, and an address for this node alone."""
    network = read_network(joining.data)
    county = joining.directory.nodes[network.county_node].signing_key
    address = network.postgres
    if joining.server.together:
        schema = newcomer.schema_of(network, joining.place.name)
        address = server_roles.new_address(joining.server.owner, f"{schema}_{server_roles.new_mark()}")
    own = {"postgres": address, "together": False, "front": Front(), "county_signing_key": county}
    return replace(network, **own)
