"""Nobody says what is not his to say: it is parked, those above are told who signed it, and all others work on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.audit.verify import verify_node
from shared.envelope import fact_id
from shared.event_log.node_keys import NodeKeys, ReceivingKey
from shared.transport.authority import Authority
from shared.transport.wire import Message
from shared.work.common.words import UnitKind
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.orders import OpenUnit, RehostUnit
from shared.work.matters.case import Case
from shared.work.reports.reporting_day import ReportingDay
from tests.parts.tiny_network import ALONE, COUNTY, NINE, TOWN_A, VILLAGE_1, VILLAGE_3, TinyNetwork
from tests.transport.forger import County, believes, knows
from tests.transport.postman import hand, hand_round, letters, reasons

ABOVE = ("town-100", "county")
"""Who hears whatever the forger says upward."""
NEW_VILLAGE = "430321100203"


@pytest.fixture
def county(tiny_on_files: TinyNetwork) -> County:
    return County(tiny_on_files)


def a_report(county: County, unit: UUID, **changed: Any) -> dict[str, Any]:
    """The village's report of today, as that of another unit."""
    stream = ReportingDay.id_for(unit, NINE.date())
    return county.like(county.fact("report.filed"), unit=unit, stream=stream, **changed)


def report_of_another_township(county: County) -> Message:
    return county.forger.say(**a_report(county, county.unit(VILLAGE_3)))


def withdrawal_in_their_name(county: County, **changed: Any) -> Message:
    data = {"confirmed_by": "second_call", "handled_by": None, "offer": None}
    withdrawn = {"type": "case.withdrawn", "version": 1, "stream_version": 2, "data": data}
    return county.forger.say(**county.like(county.fact("case.registered"), **withdrawn | changed))


def withdrawal_in_its_own_name(county: County) -> Message:
    return withdrawal_in_their_name(county, unit=county.forger.unit)


def the_county_with_another_key(county: County, to: str = "", **changed: Any) -> Message:
    stream = NodeEntry.id_for("county")
    known = county.fact("node.admitted", "county", stream)
    key = {"signing_key": county.forger.keys.public_signing()}
    return county.forger.say(to=to, **county.like(known, **{"data": {**known.data, **key}} | changed))


def another_key_for_the_county(county: County) -> Message:
    data = {"name": "county", "receiving_key": "", "signing_key": county.forger.keys.public_signing()}
    return the_county_with_another_key(county, type="node.rekeyed", stream_version=2, data=data)


def closing_of_the_bureau(county: County) -> Message:
    known = county.fact("unit.opened", "county", county.unit(COUNTY))
    return county.forger.say(**county.like(known, type="unit.closed", stream_version=2))


def village_that_it_takes(county: County) -> Message:
    known = county.fact("unit.opened", "county", county.unit(VILLAGE_1))
    data = {"entry": {**known.data["entry"], "node": ALONE}}
    return county.forger.say(**county.like(known, type="unit.rehosted", stream_version=2, data=data))


def referral_of_their_matter(county: County) -> Message:
    """With a record of its own, in its own name, to itself."""
    registered, stream = county.fact("case.registered"), uuid4()
    offer = fact_id(ALONE, 1, stream, 1)
    handover: dict[str, Any] = {"offer": str(offer), "came_by": None, "case": str(county.case), "hop": 1}
    handover |= {"number": registered.data["number"], "owner": str(county.unit(VILLAGE_1))}
    handover |= {"assignment": False, "target": None, "report_back_by": None}
    handover |= {"content": registered.data["content"]}
    data = {"to": str(county.forger.unit), "through": None, "reason": "competent_body", "handover": handover}
    like = county.like(registered, stream=stream, type="case.referred", version=1, data=data)
    owner = (county.forger.unit, county.unit(VILLAGE_1))
    return county.forger.say(**like | {"unit": county.forger.unit, "addressees": owner})


def report_under_their_matter(county: County) -> Message:
    return county.forger.say(**a_report(county, county.forger.unit, correlation=county.case))


def report_to_others(county: County) -> Message:
    addressees = (county.unit(VILLAGE_3),)
    return county.forger.say(**a_report(county, county.forger.unit, addressees=addressees))


def _own_matter(county: County, data: dict[str, Any]) -> Message:
    stream = Case.id_for(county.forger.unit, data["year"], data["register_no"])
    changed = {"unit": county.forger.unit, "stream": stream, "correlation": stream, "data": data}
    return county.forger.say(**county.like(county.fact("case.registered"), **changed))


def matter_with_their_texts(county: County) -> Message:
    return _own_matter(county, dict(county.fact("case.registered").data))


def text_of_another_field(county: County) -> Message:
    content = county.fact("case.registered").data["content"]
    text = content["summary"] | {"field": "account", "fact": str(uuid4())}
    changed = {"content": content | {"summary": text}}
    return county.forger.say(**a_matter_of_its_own(county, changed))


def a_matter_of_its_own(county: County, changed: dict[str, Any]) -> dict[str, Any]:
    """A matter in its own register, every text of it under the keys of that matter."""
    known = county.fact("case.registered")
    stream = Case.id_for(county.forger.unit, known.data["year"], known.data["register_no"])
    id = fact_id(ALONE, 1, stream, 1)
    data = _resealed(
        {**known.data, **changed}, str(county.case), str(stream), str(known.envelope.id), str(id)
    )
    return county.like(known, unit=county.forger.unit, stream=stream, correlation=stream, data=data)


def _resealed(value: Any, *renamed: str) -> Any:
    """Data with the ids of a matter and of its first fact in place of others."""
    if isinstance(value, dict):
        return {name: _resealed(inner, *renamed) for name, inner in value.items()}
    if isinstance(value, list):
        return [_resealed(inner, *renamed) for inner in value]
    for before, after in zip(renamed[::2], renamed[1::2], strict=True):
        value = value.replace(before, after) if isinstance(value, str) else value
    return value


def record_of_another(county: County) -> Message:
    """The first fact of a record that the village would begin with its next matter."""
    known = county.fact("case.registered")
    data = {**known.data, "register_no": known.data["register_no"] + 1}
    stream = Case.id_for(county.unit(VILLAGE_1), data["year"], data["register_no"])
    seals = _resealed(data, str(county.case), str(stream))
    return county.forger.say(
        **county.like(known, unit=county.forger.unit, stream=stream, correlation=stream, data=seals)
    )


LIES: list[Callable[[County], Message]] = [
    *(report_of_another_township, withdrawal_in_their_name, withdrawal_in_its_own_name),
    *(the_county_with_another_key, another_key_for_the_county, closing_of_the_bureau, village_that_it_takes),
    *(referral_of_their_matter, report_under_their_matter, report_to_others),
    *(matter_with_their_texts, text_of_another_field, record_of_another),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_what_is_not_its_to_say_is_parked_and_told_to_those_above(
    county: County, lie: Callable[[County], Message]
):
    # Given a node that has said nothing so far
    message = lie(county)
    said = message.headers["ce_type"].rsplit(".v", 1)[0]
    # When it says what is not its to say
    county.hear(message)
    # Then whoever heard it has parked it, believes nothing of it, and tells those above who signed it
    for name in ABOVE:
        assert reasons(county.node(name)) == ["not-theirs"]
        assert believes(county.node(name), ALONE) == []
    assert county.alarms("town-100") == [(ALONE, said)]
    assert county.alarms("county") == [(ALONE, said)] * 2
    # And everybody else's work goes on
    assert county.works()


def test_what_is_its_own_to_say_is_believed(county: County):
    # Given the same node
    # When it reports about itself, and registers a matter of its own
    own = a_report(county, county.forger.unit), a_matter_of_its_own(county, {})
    county.hear(*(county.forger.say(**said) for said in own))
    # Then it is believed, and nobody is alarmed
    assert believes(county.node("town-100"), ALONE) == ["report.filed", "case.registered"]
    assert reasons(county.node("town-100")) == [] and county.alarms("county") == []


def test_a_lie_into_the_mailbox_of_a_village_is_told_by_the_village(county: County):
    # Given the county's node once more with another key, said to a village alone
    county.hear(the_county_with_another_key(county, to="villages-100"))
    # Then the village has parked it, goes by the county's key as before, and those above know who signed it
    assert reasons(county.village) == ["not-theirs"]
    assert believes(county.village, ALONE) == []
    for name in ("villages-100", "town-100", "county"):
        assert county.alarms(name) == [(ALONE, "node.admitted")]
    assert county.works()


@pytest.mark.parametrize("lie", [the_county_with_another_key, another_key_for_the_county])
def test_the_county_speaks_with_its_own_key_whoever_says_otherwise(county: County, lie: Any):
    # Given the key that the county signs with
    key = county.node("county").keys.public_signing()
    # When another node says that it is another one, then nobody goes by that
    county.hear(lie(county))
    assert {node.admission.key_of("county") for node in county.nodes} == {key}


def test_whoever_keeps_none_of_those_addressed_does_not_take_it(county: County):
    # Given a true fact of the node's own, in the mailbox of a node that it is not for
    county.hear(county.forger.say(to="villages-101", **a_report(county, county.forger.unit)))
    # Then it is parked there, and told above
    assert reasons(county.node("villages-101")) == ["not-theirs"]
    assert county.alarms("town-101") == county.alarms("county") == [(ALONE, "report.filed")]


def test_no_key_leaves_for_whoever_only_says_that_the_matter_is_his(county: County):
    # Given a forged referral of another's matter to the node's own village
    county.hear(referral_of_their_matter(county))
    # When it asks everybody for the keys
    key = ReceivingKey.make().public()
    asked = [
        county.forger.ask("key-request", node.name, subject=str(county.case), key=key)
        for node in county.nodes
    ]
    county.hear(*asked)
    # Then none are sent
    assert county.told("key-parcel") == []


def test_a_fact_under_the_id_of_another_is_told_and_its_route_stands_still(county: County):
    # Given a fact of the node's own under the id that the village's next fact will have
    theirs = fact_id("villages-100", 1, county.case, 2)
    county.hear(county.forger.say(id=theirs, **a_report(county, county.forger.unit)))
    # Then it is parked and told, and the village's own fact is taken
    for name in ABOVE:
        assert reasons(county.node(name)) == ["id-of-another"]
    assert {(row.node, row.code) for row in county.alarm_rows("county")} == {(ALONE, "id-of-another")}
    assert county.works()
    # And nothing more of its route is taken
    county.hear(county.forger.say(**a_matter_of_its_own(county, {})))
    assert believes(county.node("town-100"), ALONE) == []


def test_what_only_bears_the_name_of_a_node_raises_no_alarm_about_it(county: County):
    # Given a fact under the id of another, signed with a key of somebody else
    county.forger.keys = NodeKeys.make()
    theirs = fact_id("villages-100", 1, county.case, 2)
    county.hear(county.forger.say(id=theirs, **a_report(county, county.forger.unit)))
    # Then it is parked as what it is, and nobody is accused
    assert reasons(county.node("town-100")) == ["unreadable"]
    assert county.alarms("county") == []


def test_the_route_of_whoever_says_two_things_in_one_place_stands_still_and_no_other(county: County):
    # Given a report of the node's own that was believed
    county.hear(county.forger.say(**a_report(county, county.forger.unit)))
    # When it says another thing in the same place, and goes on
    other = a_report(county, county.forger.unit)
    other["data"] = other["data"] | {"signed_by": "另一人"}
    county.hear(county.forger.say(**other), county.forger.say(**a_matter_of_its_own(county, {})))
    # Then the first one stands, nothing more is taken on its route, and all others go on
    for name in ABOVE:
        assert reasons(county.node(name)) == ["two-facts"]
        assert believes(county.node(name), ALONE) == ["report.filed"]
    told = {(row.node, row.code, row.unit) for row in county.alarm_rows("county")}
    assert told == {(ALONE, "two-facts", county.unit(code)) for code in (TOWN_A, COUNTY)}
    assert county.works()


def test_another_chain_under_a_number_that_is_held_is_told(county: County):
    # Given a report of the node's own that was believed
    county.hear(county.forger.say(**a_report(county, county.forger.unit)))
    # When it signs another fact under the same number, as a computer does that was put back to an older state
    county.forger.take_back()
    other = county.forger.say(**a_matter_of_its_own(county, {}))
    county.hear(other, other)
    # Then the first one stands, and those above are told once each who signed both
    for name in ABOVE:
        assert reasons(county.node(name)) == ["two-facts"]
        assert believes(county.node(name), ALONE) == ["report.filed"]
    assert [(row.node, row.code) for row in county.alarm_rows("county")] == [(ALONE, "two-facts")] * 2
    # And what only somebody else signed under that number is nobody's
    county.forger.keys = NodeKeys.make()
    county.forger.take_back()
    county.hear(county.forger.say(**a_matter_of_its_own(county, {})))
    assert len(county.alarm_rows("county")) == 2
    assert county.works()


class NewOffice:
    """A village that the county has just opened at the village's node, which has registered a matter for it."""

    def __init__(self, county: County) -> None:
        node = county.node("county")
        where = {"parent": county.unit(TOWN_A), "node": "villages-100", "kind": UnitKind.VILLAGE}
        order = OpenUnit(code=NEW_VILLAGE, name="新塘村", **where)
        unit = UUID(county.tiny.give(node, COUNTY, order, role="administrator")["unit"])
        county.tiny.units[NEW_VILLAGE] = unit
        self.directory = letters(node)
        hand_round([county.village], self.directory)
        self.case = county.tiny.register(county.village, NEW_VILLAGE)
        self.letters = letters(county.village)


def test_what_outran_the_directory_waits_for_it_and_is_taken(county: County):
    # Given a matter of a new office that reaches the township before the directory
    new, town = NewOffice(county), county.node("town-100")
    hand(town, new.letters)
    # Then it waits, and nobody is alarmed
    assert reasons(town) == ["waits-for-evidence"]
    assert not knows(town, new.case) and county.alarms("town-100") == []
    # When the directory comes, then it is taken
    county.hear(*new.directory)
    assert reasons(town) == [] and knows(town, new.case)
    assert county.alarms("county") == []


def test_what_waits_is_asked_for_and_need_not_be_sent_by_chance(county: County):
    # Given a matter of a new office, and a directory whose way to the township is cut
    new, town = NewOffice(county), county.node("town-100")
    hand(town, new.letters)
    assert reasons(town) == ["waits-for-evidence"]
    # When the node asks the county, then what the county answers lets it in
    county.node("county").outbox.go_back("to:town-100", 0)
    county.carry()
    assert reasons(town) == [] and knows(town, new.case)


def test_what_speaks_for_a_unit_that_there_is_not_is_a_lie_once_the_county_says_so(county: County):
    # Given a report for a unit that nobody opened
    said = county.forger.say(**a_report(county, uuid4()))
    hand(county.node("town-100"), [said])
    # Then it waits, since the directory could be on its way
    assert reasons(county.node("town-100")) == ["waits-for-evidence"]
    # When the county has said that there is none, then it is parked for good and told
    county.carry()
    assert reasons(county.node("town-100")) == ["not-theirs"]
    assert county.alarms("county") == [(ALONE, "report.filed")]


def test_whoever_squats_on_a_record_does_not_hold_back_those_whose_it_is(county: County):
    # Given a lie in the record that the village will begin with its next matter
    county.hear(record_of_another(county))
    # When the village begins it, and does more in the record of its first matter
    assert county.works()
    # Then only the lie is parked
    assert reasons(county.node("town-100")) == ["not-theirs"]
    # And the liar's own other records are taken
    county.hear(county.forger.say(**a_report(county, county.forger.unit)))
    assert believes(county.node("town-100"), ALONE) == ["report.filed"]


def test_a_flood_of_lies_is_one_alarm_a_day(county: County):
    # Given one lie after another
    county.hear(report_of_another_township(county))
    county.hear(withdrawal_in_their_name(county), closing_of_the_bureau(county))
    # Then each is parked, and those above are told once by each who heard them
    assert reasons(county.node("county")) == ["not-theirs"] * 3
    assert len(county.alarms("county")) == len(ABOVE)


def test_an_office_that_moved_raises_alarms_of_its_own(tiny_on_files: TinyNetwork):
    # Given an office in whose name a node raised an alarm, and which another node keeps since
    county = County(tiny_on_files, at_work=False)
    county.hear(the_county_with_another_key(county, to="villages-100"))
    move = RehostUnit(unit=county.unit(VILLAGE_1), version=1, node="town-100")
    tiny_on_files.give(county.node("county"), COUNTY, move, role="administrator")
    county.carry()
    # When that one raises the same alarm the same day
    county.hear(the_county_with_another_key(county, to="town-100"))
    # Then those above hear both
    assert reasons(county.node("county")) == []
    assert county.alarms("county") == [(ALONE, "node.admitted")] * 2


def test_it_is_the_same_on_servers(tiny_on_server: TinyNetwork):
    # Given a county on PostgreSQL
    county = County(tiny_on_server)
    # When a node says what is not its to say, then it is parked and told, and all others go on
    county.hear(report_of_another_township(county))
    assert reasons(county.node("town-100")) == ["not-theirs"]
    assert county.alarms("county") == [(ALONE, "report.filed")] * 2
    assert county.works()


def test_what_was_taken_before_anybody_judged_stays_and_is_named(
    county: County, monkeypatch: pytest.MonkeyPatch
):
    # Given a report that was taken when nobody asked who may say it
    with monkeypatch.context() as before:
        before.setattr(Authority, "require_theirs", lambda *_: None)
        county.hear(report_of_another_township(county))
    bureau = county.node("county")
    assert "report.filed" in believes(bureau, ALONE)
    # When the node is checked, then nothing is wrong, and the report is named
    verdict = verify_node(bureau)
    assert verdict.findings == ()
    (note,) = [note for note in verdict.notes if "would not be taken today" in note]
    assert ALONE in note and "report.filed" in note
