"""A restored node's earlier lives end: what nobody held when it asked is not taken afterwards."""

from typing import Any

import pytest

from shared.transport.gaps import open_gaps
from shared.transport.messages import control_message
from shared.transport.wire import Message
from shared.work.matters.orders.referring import ReferMatter
from tests.parts.tiny_network import ALONE, NINE, TOWN_A, VILLAGE_2, TinyNetwork
from tests.transport.postman import Pen, hand, journal, known_from, letters
from tests.transport.test_inbox import Road
from tests.transport.test_restored import backup, impatient, restore, settled  # noqa: F401


@pytest.fixture
def road(tiny_on_files: TinyNetwork) -> Road:
    """A village that has registered five matters, and its township that holds two of them and saw the last."""
    road = Road(tiny_on_files)
    hand(road.town, [*road.letters[:2], road.letters[4]])
    return road


def said(road: Road, kind: str, **body: Any) -> Message:
    """A control message of the village to its township."""
    topic = next(topic for topic in road.town.ways.topics() if ".to." in topic)
    return control_message(topic, kind, ALONE, NINE, road.village.keys, body)


def asked(road: Road) -> Message:
    return said(road, "return-request", have={}, mark="a")


def begun(road: Road, up: int) -> Message:
    return said(road, "new-life", incarnation=2, ends={"1": {"up": up}}, mark="a")


def test_what_was_on_the_road_when_a_restored_node_asked_is_not_taken_later(road: Road):
    # Given a village that was restored, and was told what its township holds
    hand(road.town, [asked(road)])
    # When the rest comes, late
    hand(road.town, road.letters[2:])
    # Then it is not taken; nobody waits for it, and people are shown that it is missing
    assert road.held() == 2
    assert road.town.positions.gaps() == {}
    assert [(gap.first, gap.last) for gap in road.town.ask(open_gaps)] == [(3, 5)]


def test_what_comes_with_the_question_is_not_taken_behind_the_answer(road: Road):
    # When the question and the rest come in one batch
    hand(road.town, [*road.letters[2:], asked(road)])
    # Then the answer, which says two, stays true
    assert road.held() == 2


def test_what_somebody_else_had_held_is_taken_when_the_new_life_has_begun(road: Road):
    # Given an answer, and a county that held one fact more
    hand(road.town, [asked(road)])
    # When the new life begins, then that one is taken and no other
    hand(road.town, [begun(road, 3)])
    hand(road.town, road.letters[2:])
    assert road.held() == 3


def test_a_question_that_comes_again_after_the_new_life_ends_nothing(road: Road):
    # Given a new life
    hand(road.town, [asked(road), begun(road, 5)])
    # When the question comes once more, then what is held goes on
    hand(road.town, [asked(road)])
    hand(road.town, road.letters[2:])
    assert road.held() == 5


def test_a_late_word_of_a_life_does_not_open_it_again_after_a_second_restore(road: Road):
    # Given a life that began, and ended when its node was restored once more
    hand(road.town, [asked(road), begun(road, 2), said(road, "return-request", have={}, mark="b")])
    # When the word of its beginning comes again, late
    hand(road.town, [begun(road, 5)])
    # Then nothing more is taken of what was on the wire
    hand(road.town, road.letters[2:])
    assert road.held() == 2


def of_new_life(road: Road, *, route: str = "up", number: int) -> Message:
    """A fact of the second life, the first on its route, of a record that the first life began."""
    other = {"incarnation": "2", "type": "case.classified.v1", "streamversion": str(number)}
    other |= {"dataschema": "urn:huiyin:schema:case.classified.v1"}
    value = b'{"matter_class":"health","purpose":"suggestion"}'
    return Pen(road.village.keys, route=route).write(road.letters[0], value=value, **other)


def versions(road: Road) -> list[int]:
    return [version for source, _, version in journal(road.town) if source == ALONE]


def test_what_a_new_life_says_waits_until_all_that_goes_before_it_is_held(road: Road):
    # Given a life whose earlier one goes to five, of which two are held, and a fact that came back without its place
    ends = {"1": {"up": 5}, "2": {"up+2": 1}}
    again, new = of_new_life(road, route="up+2", number=8), of_new_life(road, number=9)
    hand(road.town, [said(road, "new-life", incarnation=2, ends=ends, mark="a")])
    # When the later ones come first, then they are asked for, and not taken
    hand(road.town, [new, again])
    assert versions(road) == [1, 1]
    assert {lane[1:] for lane in road.town.positions.gaps()} == {(1, "up"), (2, "up"), (2, "up+2")}
    # And when they come again after what goes before them, each is taken in its turn
    for message in (*road.letters[2:], new, again, new):
        hand(road.town, [message])
    assert versions(road) == [1, 1, 1, 1, 1, 8, 9]
    assert road.town.positions.gaps() == {}


def test_nothing_is_taken_of_a_life_that_nobody_has_heard_of(road: Road):
    # When a fact of a new life overtakes the word of its beginning, then it waits for that
    new = of_new_life(road, number=9)
    hand(road.town, [new])
    assert versions(road) == [1, 1]
    # And when the life has begun, it comes again and is taken
    hand(road.town, [begun(road, 2), new])
    assert versions(road) == [1, 1, 9]


def test_what_came_back_from_a_neighbour_alone_goes_up_again(tiny_on_files: TinyNetwork):
    # Given a township whose offer to a village reached that village, and nobody above
    with tiny_on_files.host() as host:
        case = tiny_on_files.register(host.nodes["town-100"], TOWN_A)
        settled(host)
    kept = backup(tiny_on_files, "town-100")
    town, village = tiny_on_files.open("town-100", ALONE)
    tiny_on_files.give(town, TOWN_A, ReferMatter(case=case, to=tiny_on_files.units[VILLAGE_2]))
    hand(village, [message for message in letters(town) if message.topic in village.ways.topics()])
    tiny_on_files.close("town-100", ALONE)
    # When its disk is lost and it is restored from an older backup
    kept.put_back()
    assert restore(tiny_on_files, "town-100").taken_back == 1
    # Then the county comes to know of it, too
    with tiny_on_files.host() as host:
        settled(host)
        town, county = host.nodes["town-100"], host.nodes["county"]
        assert known_from(county, "town-100") == known_from(town, "town-100")
