"""`huiyin admit`: an office of a living network gets a computer of its own."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from services import admit_words, newcomer
from services.at_the_county import AtTheCounty, CountyRefuses
from services.at_the_server import Owner
from services.joining import Joining, carried, look
from services.terminal import Data, Json, say
from shared.event_log.node_keys import NodeKeys
from shared.settings.network import read_network
from shared.work.common.words import UnitKind
from shared.work.directory.node_orders import AdmitNode
from shared.work.directory.orders import RehostUnit

Url = Annotated[
    str,
    typer.Option(
        help="address of the county's pages as a browser shows it, while its node runs: http://HOST:PORT/n/county"
    ),
]
Token = Annotated[
    str,
    typer.Option(
        envvar="HUIYIN_TOKEN", help="token of an administrator of the county, from the page of his account"
    ),
]


def admit(
    data: Data,
    name: Annotated[
        str, typer.Option(help="what the computer is to be called: small letters, digits, hyphens")
    ],
    unit: Annotated[
        str, typer.Option(help="12-digit code of the township, village or community that it is for")
    ],
    url: Url = "",
    token: Token = "",
    owner: Owner = None,
    as_json: Json = False,
) -> None:
    """Give an office a computer of its own on a living network: keys, admission, topics, rights, and a folder to carry.

    Given where the county's folder is, beside its running node or while that is stopped. What was killed half way goes on
    with the same command.
    """
    county = AtTheCounty(data, url, token)
    joining = look(data, county, name, unit, owner)
    folder = newcomer.folder_of(data, name) or newcomer.begin(data, joining.place, carried(joining))
    _take_in(joining, folder)
    password = _make(joining, folder)
    stays = _move_unit(joining)
    home = newcomer.move_in(data, folder, name)
    areas = sorted({node.area for node in joining.directory.nodes.values() if node.tier == "village"})
    topics = newcomer.topics_of(read_network(home), joining.place, areas)
    say(
        as_json,
        *admit_words.told(home, joining.place, joining.office, password, stays, topics, running=bool(url)),
    )
    newcomer.end(home)
    if stays:
        raise typer.Exit(1)


def _make(joining: Joining, folder: Path) -> str:
    """Topics, schema, role, tables and the first administrator; his password."""
    place, server = joining.place, joining.server
    newcomer.make_topics(joining.data, read_network(folder), place)
    if server.owner:
        newcomer.make_schema(folder, place, server.owner, server.together)
    administered = joining.township if joining.office.kind != UnitKind.TOWNSHIP else joining.office
    return newcomer.first_administrator(folder, place, administered, server.owner)


def _take_in(joining: Joining, folder: Path) -> None:
    """The admission by the county. Errors: those of the county; what it refused leaves nothing here."""
    keys, known = NodeKeys.load(folder / "keys.json"), joining.directory.nodes.get(joining.place.name)
    public = keys.public_signing()
    if known is not None and known.signing_key == public:
        return
    order = AdmitNode.model_validate(
        {
            "name": joining.place.name,
            "tier": joining.place.tier,
            "township": joining.township.unit,
            "signing_key": public,
            "receiving_key": keys.public_receiving(),
        }
    )
    try:
        joining.county.give(order, f"admit {joining.place.name} {sha256(public.encode()).hexdigest()[:16]}")
    except CountyRefuses as refusal:
        if refusal.is_final:
            newcomer.give_up(folder)
        raise


def _move_unit(joining: Joining) -> str:
    """Let the new computer keep its office; the county's words when it must stay where it is."""
    office = joining.county.directory().units[joining.office.unit]
    if office.node == joining.place.name:
        return ""
    order = RehostUnit(unit=office.unit, version=office.version, node=joining.place.name)
    try:
        joining.county.give(order, f"rehost {office.unit} {office.version} {joining.place.name}")
    except CountyRefuses as refusal:
        return str(refusal)
    return ""


COMMANDS = (admit,)
