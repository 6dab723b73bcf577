"""Matters on their way through a running network, on one machine and on servers."""

from datetime import date, timedelta
from typing import Any

from tests.journeys.county import BUREAU, NODES, OTHER_TOWN, OWN_NODE_VILLAGE, TOWN, VILLAGE
from tests.journeys.network import Network
from tests.journeys.orders import SUMMARY, moment, petition
from tests.journeys.people import Person

FINDINGS = "现场查看，线路老化，已更换。"


def registered(network: Network, unit: str, day: date) -> dict[str, Any]:
    """A matter, registered and classified at an office."""
    clerk = network.person(unit, "information_officer")
    answer = clerk.order("register-matter", at=moment(day, 9), **petition(network.unit(unit), day))
    clerk.order(
        "assess-matter",
        at=moment(day, 9, 10),
        case=answer["case"],
        matter_class="urban_rural",
        purpose="seeking_decision",
    )
    return answer


def referral_at(office: Person, case: str) -> dict[str, Any]:
    """The newest hand of a matter as an office sees it."""
    return office.ask(f"/api/matters/{case}")["hands"][-1]


def test_a_matter_goes_from_a_village_clerks_hand_to_the_township_and_to_its_end_and_the_county_sees_it(
    network: Network, day: date
):
    # Given a matter that a village registered and referred to its township
    village, town = network.person(VILLAGE, "information_officer"), network.person(TOWN, "petition_clerk")
    county = network.person(BUREAU, "petition_clerk")
    matter = registered(network, VILLAGE, day)
    case = matter["case"]
    village.order("refer-matter", at=moment(day, 9, 20), case=case, to=network.unit(TOWN))
    network.settle()
    # When the township accepts it, gives its opinion, serves it and completes it
    hand = referral_at(town, case)["referral"]
    town.order("accept-referral", at=moment(day, 10), referral=hand)
    opinion = {"outcome": "supported", "findings": FINDINGS, "legal_basis": "《信访工作条例》第三十二条"}
    town.order("give-opinion", at=moment(day, 11), referral=hand, **opinion)
    town.order("serve-opinion", at=moment(day, 12), referral=hand, way="in_person", served_on=day)
    town.order("complete-referral", at=moment(day, 13), referral=hand, performed=True, report="路灯已亮。")
    network.settle()
    # Then village, township and county all know its end, under the number on the receipt
    lines = [office.ask(f"/api/matters/{case}")["line"] for office in (village, town, county)]
    assert [line["state"] for line in lines] == ["answered"] * 3
    assert {line["number"] for line in lines} == {matter["number"]}
    # And the village reads the opinion on its page
    assert FINDINGS in village.page(f"/matters/{case}")


def test_a_matter_goes_sideways_through_the_county_and_an_office_that_only_sees_it_go_by_cannot_read_it(
    network: Network, day: date
):
    # Given a matter of a village that belongs to another township
    village, town = network.person(VILLAGE, "information_officer"), network.person(TOWN, "petition_clerk")
    county, other = network.person(BUREAU, "petition_clerk"), network.person(OTHER_TOWN, "petition_clerk")
    case = registered(network, VILLAGE, day)["case"]
    # When it is referred there, and the county, which decides that, passes it on
    village.order("refer-matter", at=moment(day, 10), case=case, to=network.unit(OTHER_TOWN))
    network.settle()
    between = referral_at(county, case)["referral"]
    county.order("pass-on", at=moment(day, 11), referral=between, reason="place_of_problem")
    network.settle()
    # Then the other township has it in hand, and reads it like the county that decided
    assert referral_at(other, case)["unit"] == str(network.unit(OTHER_TOWN))
    assert SUMMARY in other.page(f"/matters/{case}")
    assert SUMMARY in county.page(f"/matters/{case}")
    # But the village's own township, which saw every fact of it go by, has the facts and not the keys
    assert town.ask(f"/api/matters/{case}")["line"]["state"] == "offered"
    assert SUMMARY not in town.page(f"/matters/{case}")
    holders = {node for node in NODES if network.keys_of(node, case)}
    assert holders == {"villages-101", "county", "town-102"}


def test_a_matter_that_its_petitioner_withdraws_is_over_for_everybody(network: Network, day: date):
    # Given a matter that waits at the township
    village, town = network.person(VILLAGE, "information_officer"), network.person(TOWN, "petition_clerk")
    case = registered(network, VILLAGE, day)["case"]
    village.order("refer-matter", at=moment(day, 10), case=case, to=network.unit(TOWN))
    network.settle()
    hand = referral_at(town, case)["referral"]
    # When the petitioner withdraws it at the village
    village.order("withdraw-matter", at=moment(day, 11), case=case, confirmed_by="second_visit")
    network.settle()
    # Then the township sees it withdrawn and can do nothing more
    assert town.ask(f"/api/matters/{case}")["line"]["state"] == "withdrawn"
    assert town.refused("accept-referral", at=moment(day, 12), referral=hand).status == 409


def test_the_county_supervises_a_stuck_matter_until_the_office_has_answered(network: Network, day: date):
    # Given a matter that a village with a node of its own kept and did nothing about
    village = network.person(OWN_NODE_VILLAGE, "information_officer")
    supervisor = network.person(BUREAU, "supervisor")
    case = registered(network, OWN_NODE_VILLAGE, day)["case"]
    village.order("keep-matter", at=moment(day, 10), case=case)
    network.settle()
    # When the county writes a letter and the village answers
    late = day + timedelta(days=16)
    letter = {"case": case, "to": network.unit(OWN_NODE_VILLAGE), "trigger": "overdue"}
    letter |= {"demand": "请书面告知信访人受理情况", "answer_by": late + timedelta(days=5)}
    sent = supervisor.order("issue-letter", at=moment(late, 9), **letter)["supervision"]
    network.settle()
    assert letter["demand"] in village.page(f"/supervision/{sent}", at=moment(late, 10))
    village.order("answer-letter", at=moment(late, 11), supervision=sent, answer="done", text="今日已告知。")
    network.settle()
    # Then the county reads the answer and lifts the supervision, which the village sees
    assert "今日已告知。" in supervisor.page(f"/supervision/{sent}", at=moment(late, 12))
    supervisor.order("lift-letter", at=moment(late, 13), supervision=sent)
    network.settle()
    (seen,) = [one for one in village.ask("/api/letters", at=moment(late, 14)) if one["supervision"] == sent]
    assert seen["state"] == "lifted"
