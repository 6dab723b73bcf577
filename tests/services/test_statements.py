"""What a page asks of the database: few statements, and none that looks through a table that grows with the years."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.schema import CreateSchema

from services.network import app_of
from shared.accounts.tables import METADATA as ACCOUNTS
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import LOG
from shared.proof.tables import PROOF
from shared.web.app import routes_of
from shared.web.rules import ceiling_of
from shared.work.catalogue import PROJECTIONS
from tests.services.asking import asked, things_of
from tests.services.network import COUNTY, DEPARTMENT, NEXT_TOWN, NODE_OF, Person, Stage
from tests.services.watching import Watched, plan_of, watching

MORE = [
    f"/matters?scope={scope}&{filter}"
    for scope in ("own", "below", "todo", "in", "out", "all")
    for filter in (
        "",
        "state=registered",
        "age=0-15",
        "matter_class=land",
        "number=1",
        "overdue=1",
        "stuck=1",
    )
] + ["/matters?scope=all&late=1", "/matters?open=1&age=61%2B&state=accepted", "/supervision?state=open"]
"""Addresses of lists with each of their filters."""

BOUNDED = {
    *("units", "nodes", "duties", "heard", "matter_counts", "supervision_counts"),
    *("register_duty_note_counts", "register_reception_day_counts", "entitlements"),
    *(table.name for metadata in (ACCOUNTS, LOG, PROOF) for table in metadata.sorted_tables),
} - {"journal", "received", "received_places", "places", "stored_events"}
"""Tables that have as many rows as there are offices, people or routes, or that are nearly empty."""


@pytest.fixture(scope="module")
def pages(stage: Stage) -> list[tuple[Person, str, str]]:
    """Who asks for which address, and the route it belongs to: every page and question of each tier."""
    found: list[tuple[Person, str, str]] = []
    for tier, code in (("county", DEPARTMENT), ("township", NEXT_TOWN)):
        things = things_of(stage, NODE_OF[code], code)
        people = {
            "account": stage.person(code, "administrator"),
            "parked": stage.person(code, "administrator"),
        }
        clerk = stage.person(COUNTY, "director") if tier == "county" else stage.person(code)
        routes = [route.path for route in routes_of(app_of(tier)) if "GET" in route.methods]
        for path in routes:
            try:
                address = asked("GET", path, things).address
            except KeyError:
                continue  # public pages and what is asked of a proof
            who = next((person for word, person in people.items() if word in path), clerk)
            found.append((who, address, path))
        found += [(clerk, address, "/matters") for address in MORE]
    return found


@pytest.fixture(scope="module")
def seen(pages: list[tuple[Person, str, str]]) -> list[tuple[str, str, Watched]]:
    """Each address with its route and what was asked for it, at the second time it is opened."""
    found: list[tuple[str, str, Watched]] = []
    for person, address, path in pages:
        person.get(address)
        with watching() as watched:
            answer = person.get(address)
        assert answer.status_code < 500, (address, answer.status_code)
        found.append((address, path, watched))
    return found


def test_each_page_asks_no_more_than_stands_beside_it(seen: list[tuple[str, str, Watched]]):
    ceilings = {
        route.path: ceiling_of(route) for tier in ("county", "township") for route in routes_of(app_of(tier))
    }
    too_many = {
        path: (len(watched.sent), ceilings[path])
        for _, path, watched in seen
        if len(watched.sent) > ceilings[path]
    }
    assert too_many == {}


def test_no_question_looks_through_a_table_that_grows(seen: list[tuple[str, str, Watched]]):
    plans = {plan for _, _, watched in seen for plan in watched.plans}
    assert len(plans) > 50
    assert [bad for sql, plan in plans for bad in scans_in_file(sql, plan)] == []


def test_a_matter_is_found_by_its_number_without_a_walk_through_the_list(
    seen: list[tuple[str, str, Watched]],
):
    asked = [plan for address, _, watched in seen if "number=" in address for plan in watched.plans]
    plans = {plan for sql, plan in asked if " matter_lists" in sql}
    assert plans and not [plan for plan in plans if "matter_lists_in_order" in plan]


def test_no_question_does_so_on_a_server(seen: list[tuple[str, str, Watched]], server: Engine):
    questions = {str(question): (question, values) for _, _, w in seen for question, values in w.questions}
    plans: list[tuple[str, str]] = []

    def explain(connection, cursor, sql, values, context, many):
        plans.append((sql, plan_of(connection, sql, values)))

    with server.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        event.listen(server, "before_cursor_execute", explain)
        for question, values in questions.values():
            if not isinstance(question, str):
                connection.execute(question, values)
    event.remove(server, "before_cursor_execute", explain)
    assert len(plans) > 50
    assert [bad for sql, plan in plans for bad in scans_on_server(sql, plan)] == []


def test_a_planted_scan_is_seen(stage: Stage, server: Engine):
    node = stage.host.nodes["county"]
    sql = "SELECT * FROM matters WHERE channel = 'visit'"
    with node.engine.connect() as connection:
        assert scans_in_file(sql, plan_of(connection, sql, ()))
    with server.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        assert scans_on_server(sql, plan_of(connection, "SELECT * FROM node_of_plans.matters", ()))


def scans_in_file(sql: str, plan: str) -> list[str]:
    """Lines of SQLite's plan that look through a table that grows; a walk in the list's own order is ended by its limit."""
    ends = "LIMIT" in sql and "TEMP B-TREE" not in plan
    found = re.findall(r"SCAN (\w+)( USING (?:COVERING )?INDEX)?", plan)
    return [
        f"{table}: {sql[:300]}" for table, by_index in found if table in GROWING and not (ends and by_index)
    ]


def scans_on_server(sql: str, plan: str) -> list[str]:
    """The same in PostgreSQL's plan, where it was told to do so only if there is no other way."""
    return [f"{table}: {sql[:300]}" for table in re.findall(r"Seq Scan on (\w+)", plan) if table in GROWING]


_TABLES = (*PROJECTIONS.tables, *LOG.sorted_tables, *PROOF.sorted_tables, STORED_EVENTS)
GROWING = {table.name for table in _TABLES} - BOUNDED


@pytest.fixture(scope="module")
def server(postgres: str) -> Iterator[Engine]:
    """Every table of a node, empty, in a schema on PostgreSQL."""
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(CreateSchema("node_of_plans"))
    placed = engine.execution_options(schema_translate_map={None: "node_of_plans"})
    for metadata in (ACCOUNTS, LOG, PROOF, STORED_EVENTS.metadata):
        metadata.create_all(placed)
    PROJECTIONS.create_tables(placed)
    yield placed
    engine.dispose()
