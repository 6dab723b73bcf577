"""Orders that wait together are decided one after the other: each sees what the one before it recorded."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from services.nodes import open_node
from shared.orders.giving import hand_in
from shared.orders.order import Order
from shared.settings.network import read_node
from shared.work.common.calendar import day_of
from shared.work.common.words import CheckedSource, ReportKind, UnitKind
from shared.work.directory.orders import MarkTaken, OpenUnit
from shared.work.reports.orders import FileReport
from shared.work.reports.questions import registers
from shared.work.reports.statement import ZeroContradictsRegister
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, VILLAGE_1, TinyNetwork, matter


def zero_report(tiny: TinyNetwork, code: str, day: date) -> FileReport:
    """Nothing came in that day, says a village."""
    return FileReport(unit=tiny.units[code], day=day, kind=ReportKind.ZERO, checked=[CheckedSource.PHONE])


def decided_together(tiny: TinyNetwork, name: str, orders: Collection[tuple[str, Order]]) -> list[Any]:
    """Orders of clerks of units that wait while their node is still starting; their answers or refusals."""
    node = open_node(read_node(tiny.data, name), clock=tiny.clock)
    waiting = [hand_in(node, tiny.clerk(code), order, key=None) for code, order in orders]
    node.start()
    tiny.nodes[name] = node
    return [answer.exception() or answer.result() for answer in waiting]


def test_given_two_orders_that_open_the_same_code_at_once_then_the_second_is_refused(tiny: TinyNetwork):
    # Given two administrators who ask for the same code while the county's node is still starting
    county = open_node(read_node(tiny.data, "county"), clock=tiny.clock)
    where = {"parent": tiny.units[TOWN_A], "node": ALONE, "kind": UnitKind.VILLAGE}
    order = OpenUnit(code="430321100203", name="新塘村", **where)
    later = tiny.clock.now() + timedelta(seconds=1)
    administrator = tiny.clerk(COUNTY, "administrator")
    first = hand_in(county, administrator, order, key=None)
    second = hand_in(county, administrator, order, key=None, at=later)
    # When both are decided in one group
    county.start()
    tiny.nodes["county"] = county
    # Then the code belongs to one of them
    assert first.result()["unit"]
    with pytest.raises(MarkTaken):
        second.result()


def test_given_reports_at_once_then_registers_are_asked_for_together_and_anew_once_the_unit_has_news(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a village that reports for yesterday and for today
    asked, answer = list[set[Any]](), registers.register_states

    def noting(connection: Connection, keys: Collection[Any]) -> dict[Any, Any]:
        asked.append(set(keys))
        return answer(connection, keys)

    monkeypatch.setattr(registers, "register_states", noting)
    today = day_of(tiny.clock.now())
    days = (today - timedelta(days=1), today)
    # When both are decided in one group
    orders = [(VILLAGE_1, zero_report(tiny, VILLAGE_1, day)) for day in days]
    answers = decided_together(tiny, "villages-100", orders)
    # Then both are kept
    assert [len(answer["facts"]) for answer in answers] == [1, 1], answers
    # And both registers were one question, and the second was asked again after the first report
    unit = tiny.units[VILLAGE_1]
    assert asked == [{(unit, day, day < today) for day in days}, {(unit, today, False)}]


def test_given_a_matter_and_a_zero_report_of_its_unit_at_once_then_the_report_sees_the_matter(
    tiny: TinyNetwork,
):
    # Given a clerk who registers a matter, and another one of the village who says that nothing came in
    today = day_of(tiny.clock.now())
    came_in = matter(tiny.units[VILLAGE_1], received_on=today)
    orders = [(VILLAGE_1, came_in), (VILLAGE_1, zero_report(tiny, VILLAGE_1, today))]
    # When both are decided in one group
    registered, reported = decided_together(tiny, "villages-100", orders)
    # Then the answer that was read before both does not count
    assert registered["case"]
    assert isinstance(reported, ZeroContradictsRegister)
