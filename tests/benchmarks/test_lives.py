"""Made-up lives are real ones: every tier has matters at every usual state, and a replay comes to the same."""

from collections import Counter
from collections.abc import Iterator

import pytest

from shared.node.node import Node
from shared.work.catalogue import PROJECTIONS
from tests.benchmarks.door import Door
from tests.benchmarks.lives.kept import fill
from tests.benchmarks.lives.places import NOW, Places
from tests.benchmarks.lives.years import Years
from tests.parts.tiny_network import ClockOfTests, TinyNetwork

MATTERS = 200
USUAL = {
    "registered",
    "classified",
    "received",
    "accepted",
    "served",
    "answered",
    "not_accepted",
    "withdrawn",
}
"""States that a county of this size has at every tier; the others last seconds, or come to one matter in fifty."""


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    places = Places()
    tiny = TinyNetwork(tmp_path_factory.mktemp("lives") / "network", places.plan, ClockOfTests(NOW))
    fill(tiny, places, Years(places, MATTERS, least_days=2), None)
    yield tiny.open(*(place.node for place in places.measured()))
    tiny.close()


def test_every_tier_has_matters_at_every_usual_state_letters_and_reports(nodes: list[Node]):
    for node in nodes:
        door = Door(node)
        cookie = door.sign_in("director")
        matters = door.get("/api/matters?scope=all&limit=1000", cookie).json()
        states = Counter(matter["state"] for matter in matters)
        assert states.keys() >= USUAL, node.name
        assert any(matter["overdue"] for matter in matters), node.name
        assert door.get("/", cookie).status == 200, node.name
        door.close()


def test_the_county_has_every_matter_its_letters_and_everybodys_reports(nodes: list[Node]):
    door = Door(nodes[0])
    cookie = door.sign_in("director")
    assert len(door.get("/api/matters?scope=all&limit=1000", cookie).json()) == MATTERS
    assert door.get("/api/letters", cookie).json()
    sheet = door.get("/api/sheet", cookie).text
    assert '"zero"' in sheet and '"silent"' in sheet
    door.close()


def test_a_county_that_is_rebuilt_from_its_journal_knows_the_same(nodes: list[Node]):
    county = nodes[0]
    before = county.ask(PROJECTIONS.dump)
    assert county.rebuild() == county.log.last_position()
    assert county.ask(PROJECTIONS.dump) == before


def test_the_same_size_gives_the_same_facts_in_the_order_of_time():
    first, second = (list(Years(Places(), 60, least_days=2).facts()) for _ in range(2))
    assert [one.envelope.id for one in first] == [one.envelope.id for one in second]
    assert [one.at for one in first] == sorted(one.at for one in first)
