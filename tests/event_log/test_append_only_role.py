"""A role at PostgreSQL that may add facts and read them, and change none, is enough to run a node."""

from dataclasses import replace
from itertools import count

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import make_url

from shared.audit.verify import verify_node
from shared.event_log.grants import APPEND_ONLY, grants
from shared.node.node import Node
from shared.process import rhythm
from shared.settings.network import read_network, read_node, write_network
from shared.work.matters.orders.referring import ReferMatter
from tests.parts.tiny_network import ALONE, TOWN_A, VILLAGE_2, TinyNetwork
from tests.transport.postman import known_from
from tests.transport.wire_tools import until

_numbers = count(1)


@pytest.fixture
def restricted(tiny_on_server: TinyNetwork, monkeypatch: pytest.MonkeyPatch) -> TinyNetwork:
    """The small county, whose township and village have roles of their own at the server."""
    monkeypatch.setattr(rhythm, "TICK", 0.1)
    for name in ("town-100", ALONE):
        settings = read_node(tiny_on_server.data, name)
        role = f"appender_{next(_numbers)}"
        run(settings.database, f"CREATE ROLE {role} LOGIN PASSWORD 'appender'")
        run(settings.database, *grants(settings.schema or "", role))
        address = make_url(settings.database).set(username=role, password="appender")
        network = read_network(settings.folder)
        write_network(
            settings.folder, replace(network, postgres=address.render_as_string(hide_password=False))
        )
    return tiny_on_server


def run(address: str, *statements: str) -> None:
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_a_node_works_with_a_role_that_may_change_no_fact(restricted: TinyNetwork):
    # Given nodes whose roles may only add to what was recorded
    with restricted.host() as host:
        village, town = host.nodes[ALONE], host.nodes["town-100"]
        # When they register, refer, take in, hand on keys and rebuild
        case = restricted.register(village, VILLAGE_2)
        restricted.give(village, VILLAGE_2, ReferMatter(case=case, to=restricted.units[TOWN_A]))
        until(lambda: all(node.is_settled() for node in host.nodes.values()))
        # Then everything arrived and is right
        assert "case.referred.v1" in known_from(town, ALONE)
        assert town.ring.of_subject(case)
        for node in (village, town):
            assert node.rebuild()
            assert verify_node(node).findings == ()


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
def test_the_server_lets_it_change_and_delete_nothing_that_was_recorded(restricted: TinyNetwork, table: str):
    (village,) = restricted.open(ALONE)
    restricted.register(village, VILLAGE_2)
    for change in ("DELETE FROM {}", "UPDATE {} SET {column} = {column}", "TRUNCATE {}"):
        with pytest.raises(InsufficientPrivilege):
            run(village.settings.database, change.format(place(village, table), column=column_of(table)))


def place(node: Node, table: str) -> str:
    return f'"{node.settings.schema}".{table}'


def column_of(table: str) -> str:
    return next(iter(next(one for one in APPEND_ONLY if one.name == table).columns)).name
