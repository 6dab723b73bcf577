"""An office with a past moves to another computer: its open matters, its register and what others say to it go along."""

import pytest

from shared.process.host import Host
from shared.work.common.order_refusals import KeptElsewhere, RecordsOnTheWay
from shared.work.common.refusals import NotFound
from shared.work.common.words import CheckedSource, MatterClass, ReportKind
from shared.work.directory.orders import BeginAnew, NodeOfAnotherPlace, NothingToWaitFor
from shared.work.matters.orders.handling import AcceptReferral
from shared.work.matters.orders.referring import AnswerObjection, ReferMatter
from shared.work.reports.orders import FileReport
from tests.parts.tiny_network import COUNTY, TOWN_A, VILLAGE_1, VILLAGE_2, TinyNetwork
from tests.transport.moving import NEW, OLD, STORY, assess, move, objects, referred, settled, shown, whole
from tests.transport.postman import Pen, hand_round, journal, letters, parked
from tests.transport.wire_tools import until

pytestmark = pytest.mark.usefixtures("impatient")


def test_open_matters_and_the_register_go_along(tiny: TinyNetwork, host: Host):
    # Given an office that registered three matters and referred one of them
    old, new, town, county = (host.nodes[name] for name in (OLD, NEW, "town-100", "county"))
    cases = [tiny.register(old, VILLAGE_1, account=STORY) for _ in range(3)]
    tiny.give(old, VILLAGE_1, ReferMatter(case=cases[0], to=tiny.units[TOWN_A]))
    settled(host)
    before = [shown(old, case).line for case in cases]
    # When it moves
    move(tiny, county, NEW)
    settled(host)
    # Then its matters stand there as they stood, and their texts can be read
    assert [shown(new, case).line for case in cases] == before
    assert [new.open(shown(new, case).content.account) for case in cases] == [STORY] * 3
    # And it goes on with one that it had, from the version that the page shows, which those above hear of
    tiny.give(new, VILLAGE_1, assess(cases[1]).model_copy(update={"version": 1}))
    settled(host)
    for node in (new, town, county):
        assert shown(node, cases[1]).line.matter_class == MatterClass.HEALTH
    # And with a new one, under a number that the old computer cannot have given
    number = shown(new, tiny.register(new, VILLAGE_1)).line.number
    assert number.split("-")[2] == "2000001"
    whole(host)


def test_the_old_computer_takes_nothing_more_for_it(tiny: TinyNetwork, host: Host):
    # Given an office that moved away with a matter
    old = host.nodes[OLD]
    case = tiny.register(old, VILLAGE_1)
    settled(host)
    move(tiny, host.nodes["county"], NEW)
    settled(host)
    # Then neither that matter nor a new one is taken where it was
    with pytest.raises(KeptElsewhere):
        tiny.give(old, VILLAGE_1, assess(case))
    with pytest.raises(KeptElsewhere):
        tiny.register(old, VILLAGE_1)


def test_nothing_is_taken_before_the_records_are_there(tiny: TinyNetwork):
    # Given an office that moved, and a new computer that has heard only of the move
    old, new, county = tiny.open(OLD, NEW, "county")
    case = tiny.register(old, VILLAGE_1)
    move(tiny, county, NEW)
    said = letters(county)
    hand_round([new], said)
    # Then it begins nothing, and knows nothing of what there was
    with pytest.raises(RecordsOnTheWay):
        tiny.register(new, VILLAGE_1)
    with pytest.raises(NotFound):
        tiny.give(new, VILLAGE_1, assess(case))
    # When the old one has handed over, then it takes both
    hand_round([old], said)
    until(lambda: hand_round([new], letters(old)) or not new.awaits(tiny.units[VILLAGE_1]))
    tiny.register(new, VILLAGE_1)
    tiny.give(new, VILLAGE_1, assess(case))


def recorded_by(host: Host, name: str) -> list[str]:
    return [kind for source, kind, _ in journal(host.nodes[name]) if source == name]


@pytest.mark.parametrize("hears_first", ["of the objection", "of the move"])
def test_an_answer_under_way_to_the_old_computer_arrives_at_the_new_one(tiny: TinyNetwork, hears_first: str):
    # Given a matter that an office referred, and its township objects while the office moves
    case = referred(tiny)
    old, town, county = tiny.open(OLD, "town-100", "county")
    objects(tiny, town, case)
    move(tiny, county, NEW)
    objection, moved = letters(town), letters(county)
    for said in (objection, moved) if hears_first == "of the objection" else (moved, objection):
        hand_round([old], said)
    tiny.close()
    with tiny.host() as host:
        settled(host)
        # Then it has arrived once
        at_old, at_new = (recorded_by(host, name).count("case.objection_arrived.v1") for name in (OLD, NEW))
        assert (at_old, at_new) == ((1, 0) if hears_first == "of the objection" else (0, 1))
        # And the office answers it where it is now
        offer = shown(host.nodes[NEW], case).hands[-1].offer
        tiny.give(host.nodes[NEW], VILLAGE_1, AnswerObjection(case=case, offer=offer, agreed=True))
        whole(host)


def test_an_office_that_comes_back_goes_on_where_it_was(tiny: TinyNetwork, host: Host):
    # Given an office that moved away, worked there, and moves back
    old, new, county = (host.nodes[name] for name in (OLD, NEW, "county"))
    first = tiny.register(old, VILLAGE_1)
    settled(host)
    move(tiny, county, NEW)
    settled(host)
    second = tiny.register(new, VILLAGE_1)
    tiny.give(new, VILLAGE_1, assess(first))
    settled(host)
    move(tiny, county, OLD)
    settled(host)
    # Then both matters go on there, and numbers begin once more
    for case in (first, second):
        tiny.give(old, VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_A]))
    assert shown(old, tiny.register(old, VILLAGE_1)).line.number.split("-")[2] == "4000001"
    settled(host)
    referral = shown(host.nodes["town-100"], first).hands[-1].referral
    tiny.give(host.nodes["town-100"], TOWN_A, AcceptReferral(referral=referral))
    whole(host)


def test_a_move_goes_on_after_a_start(tiny: TinyNetwork):
    # Given an office that moved while neither computer ran
    (old,) = tiny.open(OLD)
    case = tiny.register(old, VILLAGE_1, account=STORY)
    tiny.close(OLD)
    (county,) = tiny.open("county")
    move(tiny, county, NEW)
    tiny.close("county")
    # When they run, one after the other
    for name in (NEW, OLD):
        with tiny.host("county", "town-100", name) as some:
            until(lambda some=some: not any(node.positions.gaps() for node in some.nodes.values()))
    # Then the office has what it had
    with tiny.host() as host:
        settled(host)
        assert host.nodes[NEW].open(shown(host.nodes[NEW], case).content.account) == STORY
        whole(host)


def test_the_county_lets_an_office_begin_without_a_computer_that_is_lost(tiny: TinyNetwork):
    # Given an office that moved away from a computer which does not answer
    old, new, town, county = tiny.open(OLD, NEW, "town-100", "county")
    tiny.register(old, VILLAGE_1)
    tiny.close(OLD)
    move(tiny, county, NEW)
    hand_round([new, town], letters(county))
    with pytest.raises(RecordsOnTheWay):
        tiny.register(new, VILLAGE_1)
    # When the county says so, with its reason
    anew = BeginAnew(unit=tiny.units[VILLAGE_1], reason="旧电脑被盗")
    tiny.give(county, COUNTY, anew, role="administrator")
    hand_round([new, town], letters(county))
    # Then it works, under numbers of its own
    mine = tiny.register(new, VILLAGE_1)
    assert shown(new, mine).line.number.split("-")[2] == "2000001"
    tiny.close()
    # And when the old one answers after all, what it has follows
    with tiny.host() as host:
        settled(host)
        assert shown(host.nodes[NEW], mine).line.number.split("-")[2] == "2000001"
        whole(host)


def test_an_office_that_comes_back_without_its_records_touches_none_that_others_may_have_gone_on_with(
    tiny: TinyNetwork,
):
    # Given an office that moved away with a matter, and is to come back from a computer that does not answer
    with tiny.host() as host:
        case = tiny.register(host.nodes[OLD], VILLAGE_1)
        settled(host)
        move(tiny, host.nodes["county"], NEW)
        settled(host)
        tiny.give(host.nodes[NEW], VILLAGE_1, assess(case))
        settled(host)
    old, county = tiny.open(OLD, "county")
    move(tiny, county, OLD)
    anew = BeginAnew(unit=tiny.units[VILLAGE_1], reason="新电脑被盗")
    tiny.give(county, COUNTY, anew, role="administrator")
    hand_round([old], letters(county))
    # Then it takes a new matter, and the old one only when what was done with it has come
    tiny.register(old, VILLAGE_1)
    with pytest.raises(RecordsOnTheWay):
        tiny.give(old, VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_A]))
    tiny.close()
    with tiny.host() as host:
        settled(host)
        tiny.give(host.nodes[OLD], VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_A]))
        whole(host)


def test_there_is_nothing_to_decide_about_an_office_that_has_what_it_had(tiny: TinyNetwork, host: Host):
    move(tiny, host.nodes["county"], NEW)
    settled(host)
    for code in (VILLAGE_1, VILLAGE_2):
        anew = BeginAnew(unit=tiny.units[code], reason="旧电脑被盗")
        with pytest.raises(NothingToWaitFor):
            tiny.give(host.nodes["county"], COUNTY, anew, role="administrator")


def test_who_has_handed_over_says_nothing_more_for_the_office(tiny: TinyNetwork):
    # Given a computer that has handed an office over
    old, county = tiny.open(OLD, "county")
    tiny.register(old, VILLAGE_1)
    registered = letters(old)
    move(tiny, county, NEW)
    hand_round([old], letters(county))
    until(lambda: not old.moving.is_waiting())
    said = [one for one in letters(old) if one.topic in county.ways.topics()]
    # When it registers a matter for that office afterwards
    pen = Pen(old.keys)
    hand_round([county], [pen.write(message) for message in (*said, registered[0])])
    # Then nobody who hears all of it believes that
    assert [(row.reason, row.detail) for row in parked(county)] == [
        ("not-theirs", "speaks for a unit that it has handed over")
    ]


def test_both_reported_the_same_day_is_told_to_people(tiny: TinyNetwork):
    # Given a computer that is cut off and reports, while the county lets the office begin elsewhere
    old, new, county = tiny.open(OLD, NEW, "county")
    today = tiny.clock.now().date()
    zero = FileReport(
        unit=tiny.units[VILLAGE_1], day=today, kind=ReportKind.ZERO, checked=[CheckedSource.PHONE]
    )
    move(tiny, county, NEW)
    anew = BeginAnew(unit=tiny.units[VILLAGE_1], reason="旧电脑被盗")
    tiny.give(county, COUNTY, anew, role="administrator")
    hand_round([new], letters(county))
    tiny.give(old, VILLAGE_1, zero)
    tiny.give(new, VILLAGE_1, zero)
    # When the county hears of both, then it takes one and says whose the other is
    hand_round([county], letters(new))
    hand_round([county], letters(old))
    assert [row.reason for row in parked(county)] == ["not-theirs"]


def test_an_office_is_not_moved_to_where_its_township_does_not_hear_it(tiny: TinyNetwork):
    (county,) = tiny.open("county")
    with pytest.raises(NodeOfAnotherPlace):
        move(tiny, county, "villages-101")
