"""Names of networks, which become names of topics, schemas and roles, and addresses of servers: what is wrong with them."""

import re
from urllib.parse import urlsplit

from shared.work.common.cannot_go_on import CannotGoOn

NAME = re.compile(r"[a-z](-?[a-z0-9])*")
LONGEST = 28
"""Longest name of a network. Unit: signs; with a node's (up to 23) and a mark it fits into a name of PostgreSQL (63)."""


class NameOfNetworkMalformed(CannotGoOn):
    """What a network is to be called cannot be the beginning of names at PostgreSQL and Kafka."""

    code = "name-of-network-malformed"


def require_name_of_network(name: str) -> None:
    """Nothing, or a name that servers take. Errors: NameOfNetworkMalformed."""
    if name and (len(name) > LONGEST or not NAME.fullmatch(name)):
        raise NameOfNetworkMalformed(
            f"a network is called by small letters, digits and single hyphens, a letter first, {LONGEST} at most: {name!r}"
        )


SCHEMES = ("postgresql", "postgresql+psycopg2")
"""How the address of a database may begin."""

_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:,/@\[\]]+):([0-9]{1,5})")


def wrong_with_postgres(address: str) -> str:
    """What is wrong with the address of a database; empty when nothing is."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in SCHEMES:
        return f"it begins with {SCHEMES[0]}:// and not with {parts.scheme or 'nothing like that'}"
    return (
        "it names no database: postgresql://USER:PASSWORD@HOST/DATABASE"
        if port == 0 or not parts.path[1:]
        else ""
    )


def wrong_with_kafka(brokers: str) -> str:
    """What is wrong with HOST:PORT, or several with commas between; empty when nothing is."""
    for broker in brokers.split(","):
        found = _BROKER.fullmatch(broker)
        if found is None or not 0 < int(found[2]) < 65536:
            return f"{broker!r} is not HOST:PORT"
    return ""


def is_address(text: str) -> bool:
    """Whether this is where a host answers over HTTP."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
