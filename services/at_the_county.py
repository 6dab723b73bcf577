"""What a command has the county do: through the door of its node while that runs, else in its log.

The directory is read in the county's own database, which another process may write meanwhile.
"""

import getpass
import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.terminal import each_node
from shared.accounts.people import Person
from shared.accounts.rights import Role
from shared.node.node import Node
from shared.orders.giving import hand_in
from shared.orders.order import Order
from shared.settings.names import is_address
from shared.settings.network import SettingsMissing, node_names, read_network
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.refusals import Refusal
from shared.work.common.unit_tree import Directory
from shared.writer_lease.lease import NodeIsRunning

COMMAND = "county (command)"
"""Stands as the account of whoever gives an order of the county at its computer."""

ANSWERS_WITHIN = 60.0
"""Longest wait for the county's answer. Unit: seconds; an order takes milliseconds."""


class CountyRefuses(CannotGoOn):
    """The county does not do what it was ordered; `is_final` says that it certainly did not."""

    code = "county-refuses"

    def __init__(self, told: str, *, is_final: bool) -> None:
        super().__init__(told)
        self.is_final = is_final


class CountyRuns(CannotGoOn):
    """The county's node runs, and nothing says how to speak with it."""

    code = "county-runs"


@dataclass(frozen=True)
class AtTheCounty:
    """The county of a folder; `url` is the address of its pages and `token` an administrator's, for while it runs."""

    data: Path
    url: str
    token: str

    def __post_init__(self) -> None:
        """Errors: SettingsMissing."""
        if self.name not in node_names(self.data):
            raise SettingsMissing(
                f"{self.data}: the folder of the county's node {self.name!r} is not here; give this command where it is"
            )
        if bool(self.url) != bool(self.token):
            raise SettingsMissing("--url and --token (or HUIYIN_TOKEN) are given together or not at all")
        if self.url and not is_address(self.url):
            raise SettingsMissing(f"--url: no address of pages such as http://127.0.0.1:8650/n/{self.name}")
        if not self.token.isprintable() or not self.token.isascii():
            raise SettingsMissing("--token: a token has letters, digits and hyphens only")

    @property
    def name(self) -> str:
        """What the county's node is called."""
        return read_network(self.data).county_node

    def directory(self) -> Directory:
        """What the county has committed. Errors: those of opening it."""
        (found,) = [one.directory for one in each_node(self.data, self.name, upgrading=False)]
        return found

    def give(self, order: Order, key: str) -> None:
        """Have an order done; one that is repeated under its key is done once. Errors: CountyRefuses, CountyRuns."""
        if self.url:
            self._send(order, key)
            return
        try:
            for node in each_node(self.data, self.name):
                node.log.start()
                _hand_in(node, order, key)
        except NodeIsRunning as error:
            raise CountyRuns(
                f"the county's node runs: give the address of its pages with --url (http://127.0.0.1:8650/n/{self.name}) and an "
                "administrator's token, made on the page of his account, in HUIYIN_TOKEN; or stop it first"
            ) from error

    def _send(self, order: Order, key: str) -> None:
        where = urlsplit(self.url)
        kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=ANSWERS_WITHIN)
        headers = {"Content-Type": "application/json", "Accept-Language": "en", "Idempotency-Key": key}
        headers["Authorization"] = f"Bearer {self.token}"
        path = f"{where.path.rstrip('/')}/api/orders/{order.DECLARED.name}"
        try:
            connection.request("POST", path, json.dumps(order.as_asked()), headers)
            reply = connection.getresponse()
            status, said = reply.status, _read(reply.read())
        finally:
            connection.close()
        if status != 201:
            told = said.get("title") or "no county answers there; --url is the address of its pages"
            raise CountyRefuses(f"{self.url}: {told} ({status})", is_final=status < 500)


def _hand_in(node: Node, order: Order, key: str) -> None:
    root = node.directory.root()
    if root is None:
        raise SettingsMissing(f"{node.name} does not know its office yet: finish `huiyin restore` first")
    user = getpass.getuser()
    person = Person(COMMAND, user, user, root.unit, Role.ADMINISTRATOR, must_change_password=False)
    try:
        hand_in(node, person, order, key=key).result()
    except Refusal as refusal:
        raise CountyRefuses(str(refusal), is_final=True) from refusal


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
