"""What stands in front of the doors: proxies that are believed, and the names under which an office is reached.

Both stand in a table `[web]` of `network.toml`. A proxy that is not named here is a visitor like any other: what it says
of whom it brings is not heard, or anybody could say it.
"""

import re
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True)
class Front:
    """Trusted proxies and known names.

    trusted_proxies: addresses or networks (CIDR) of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    hosts: names under which the doors are asked, small letters without port; the machine itself (loopback) and the
        address that a connection comes in at need not be named. None, in networks of earlier releases: any name.
    """

    trusted_proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] | None = ()

    def trusts(self, address: str) -> bool:
        """Whether what this address says of whom it brings is believed; anything that is no address is not."""
        try:
            return any(ip_address(address) in network for network in _networks(self.trusted_proxies))
        except ValueError:
            return False


@cache
def _networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, trusted))


def front_of(said: Any) -> Front:
    """The front of a table `[web]` without gaps; none at all is how earlier releases left it."""
    if said is None:
        return Front(hosts=None)
    hosts = said.get("hosts", [])
    return Front(tuple(said.get("trusted_proxies", ())), tuple(host.lower() for host in hosts))


def table_of(front: Front) -> dict[str, Any]:
    """The table that `front_of` reads; empty for a front that takes any name."""
    if front.hosts is None:
        return {}
    return {"web": {"trusted_proxies": list(front.trusted_proxies), "hosts": list(front.hosts)}}


def gaps_of_front(said: Any) -> list[str]:
    """What is wrong with a table `[web]`; nothing when `front_of` can read it."""
    if said is None:
        return []
    if not isinstance(said, dict):
        return ["`web` is not a table"]
    unknown = [f"`web.{name}` is not known" for name in said if name not in ("trusted_proxies", "hosts")]
    return [
        *unknown,
        *_wrong(said, "trusted_proxies", _is_network, "an address or a network such as 10.0.0.0/8"),
        *_wrong(said, "hosts", _is_host, "a name or an address without scheme and port"),
    ]


def _wrong(said: dict[str, Any], name: str, fits: Any, wanted: str) -> list[str]:
    listed = said.get(name, [])
    if not isinstance(listed, list):
        return [f"`web.{name}` is not a list"]
    return [f"`web.{name}`: {one!r} is not {wanted}" for one in listed if not fits(one)]


def _is_network(one: Any) -> bool:
    try:
        ip_network(one if isinstance(one, str) else "")
    except ValueError:
        return False
    return True


def _is_host(one: Any) -> bool:
    if not isinstance(one, str):
        return False
    try:
        ip_address(one)
    except ValueError:
        return _NAME.fullmatch(one.lower()) is not None
    return True
