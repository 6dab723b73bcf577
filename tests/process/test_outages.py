"""Nodes and roads that fail are said once when they go and once when they are back, and shown while they stand."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from shared.process import rhythm
from shared.process.nodes import HostedNodes
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, TinyNetwork

TOWN = "town-100"


@pytest.fixture
def nodes(tiny_on_files: TinyNetwork) -> HostedNodes:  # noqa: F811
    """Two nodes of one process."""
    return HostedNodes(tiny_on_files.open(ALONE, TOWN))


def fail(nodes: HostedNodes, *names: str) -> None:
    for name in names:
        with nodes.alone(nodes.by_name[name]):
            raise OperationalError("SELECT", {}, Exception("the server is gone"))


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """What is over, and what lasts, in the order of the log."""
    return [
        ("over", over)
        if (over := getattr(record, "outage_over", ""))
        else ("lasts", getattr(record, "outage", ""))
        for record in caplog.records
    ]


def test_given_nodes_that_fail_when_all_take_part_again_then_that_is_said_once(
    nodes: HostedNodes, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.WARNING)
    fail(nodes, ALONE, TOWN)
    assert nodes.standing_for(ALONE) == nodes.standing_for(TOWN) == ["left-out"]
    nodes.recovered(nodes.by_name[ALONE])
    assert nodes.standing_for(ALONE) == []
    nodes.recovered(nodes.by_name[TOWN])
    nodes.recovered(nodes.by_name[TOWN])
    assert said(caplog) == [("lasts", "nodes"), ("lasts", "nodes"), ("over", "nodes")]


def test_given_a_node_that_nothing_arrives_for_then_it_is_well_after_a_while_without_a_failure(
    nodes: HostedNodes,
):
    fail(nodes, ALONE)
    nodes.try_again(0.0)
    nodes.try_again(rhythm.LONGEST_PAUSE)
    nodes.try_again(rhythm.LONGEST_PAUSE + rhythm.WELL_AFTER - 0.1)
    assert nodes.standing_for(ALONE) == ["left-out"]
    nodes.try_again(rhythm.LONGEST_PAUSE + rhythm.WELL_AFTER)
    assert nodes.standing_for(ALONE) == []


def test_given_a_node_that_fails_again_then_it_does_not_count_as_well(nodes: HostedNodes):
    fail(nodes, ALONE)
    for number in range(20):
        nodes.try_again(number * rhythm.LONGEST_PAUSE)
        fail(nodes, ALONE)
    assert nodes.standing_for(ALONE) == ["left-out"]


def test_given_a_road_that_stands_then_its_going_on_is_said_once(
    nodes: HostedNodes, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.WARNING)
    nodes.goes("reader")
    assert nodes.stands("reader") == {"outage": "reader"}
    assert nodes.standing_for(ALONE) == ["reader"]
    nodes.goes("reader")
    nodes.goes("reader")
    assert said(caplog) == [("over", "reader")]
