"""The directory changes at the county, on a living network, and every node below follows."""

from datetime import date, timedelta
from itertools import count

from tests.journeys.county import BUREAU, COUNTY_NODE, TOWN, VILLAGE
from tests.journeys.network import Network
from tests.journeys.orders import moment, petition
from tests.journeys.people import PASSWORD, Person

_new_villages = count(301)


def known_at(network: Network, unit: str) -> dict[str, dict]:
    """Every unit by code as the node of a unit knows it, asked by somebody there."""
    clerk = network.person(unit, "director")
    return {row["code"]: row for row in clerk.ask("/api/units")}


def test_a_village_that_the_county_opens_works_below_without_a_restart_and_owes_nothing_once_closed(
    network: Network, day: date
):
    # Given the county's administrator on a network at work
    county = network.administrator(COUNTY_NODE)
    code = network.county.full_code(f"101{next(_new_villages)}")
    village = {"code": code, "name": "新塘村", "kind": "village", "parent": network.unit(TOWN)}
    # When a village is opened on a node that runs
    opened = county.order("open-unit", at=moment(day, 8), node="villages-101", **village)["unit"]
    network.settle()
    # Then somebody is given an account there, and registers a matter which reaches the county
    body = {"login": f"clerk-{code}", "name": "张敏", "unit": opened, "role": "information_officer"}
    network.administrator("villages-101").http.post(
        "/api/accounts", json=body | {"password": PASSWORD}
    ).raise_for_status()
    clerk = Person(network.address("villages-101"), f"clerk-{code}", token=network.token)
    matter = clerk.order("register-matter", at=moment(day, 9), **petition(opened, day))
    network.settle()
    bureau = network.person(BUREAU, "petition_clerk")
    assert bureau.ask(f"/api/matters/{matter['case']}")["line"]["owner"] == opened
    # And its township waits for its report, from tomorrow on
    township = network.person(TOWN, "petition_clerk")
    days = (day, day + timedelta(days=1))
    sheets = [township.ask("/api/sheet", at=moment(day, 20), day=each)["lines"] for each in days]
    assert [opened in {line["unit"] for line in lines} for lines in sheets] == [False, True]
    # When its matter has ended and it is closed, then it takes no more and owes nothing
    clerk.order("withdraw-matter", at=moment(day, 20), case=matter["case"], confirmed_by="second_call")
    network.settle()
    county.order("close-unit", at=moment(day, 21), unit=opened)
    network.settle()
    refusal = clerk.refused("register-matter", at=moment(day, 22), **petition(opened, day))
    assert refusal.code == "unknown-unit"
    closed = {row["code"]: row["closed_on"] for row in township.ask("/api/units")}
    assert closed[code] == day.isoformat()


def opened(network: Network, day: date, name: str) -> tuple[str, Person]:
    """A village of a test's own, on a node that runs, and somebody there."""
    code = network.county.full_code(f"101{next(_new_villages)}")
    village = {"code": code, "name": name, "kind": "village", "parent": network.unit(TOWN)}
    county = network.administrator(COUNTY_NODE)
    unit = county.order("open-unit", at=moment(day, 8), node="villages-101", **village)["unit"]
    network.settle()
    body = {"login": f"clerk-{code}", "name": "张敏", "unit": unit, "role": "petition_clerk"}
    network.administrator("villages-101").http.post(
        "/api/accounts", json=body | {"password": PASSWORD}
    ).raise_for_status()
    return unit, Person(network.address("villages-101"), f"clerk-{code}", token=network.token)


def test_the_matters_of_a_village_that_is_closed_into_another_go_on_there(network: Network, day: date):
    # Given a village with an open matter, and its neighbour
    county, (unit, clerk) = network.administrator(COUNTY_NODE), opened(network, day, "东并村")
    neighbour, neighbours = opened(network, day, "西并村")
    case = clerk.order("register-matter", at=moment(day, 9), **petition(unit, day))["case"]
    network.settle()
    # When it is closed, then not without the one that goes on
    assert county.refused("close-unit", at=moment(day, 10), unit=unit).code == "open-matters"
    county.order("close-unit", at=moment(day, 10), unit=unit, successor=neighbour)
    network.settle()
    # Then the neighbour's people do what is next, and its own do not
    assert clerk.refused("keep-matter", at=moment(day, 11), case=case).code == "office-is-closed"
    neighbours.order("keep-matter", at=moment(day, 11), case=case)
    network.settle()
    # And township and county see it
    for office in (TOWN, BUREAU):
        line = network.person(office, "petition_clerk").ask(f"/api/matters/{case}")["line"]
        assert (line["owner"], line["state"]) == (unit, "received"), office
    # When the closing was a mistake, then it is undone, and the matter is the village's again
    county.order("reopen-unit", at=moment(day, 12), unit=unit)
    network.settle()
    assert neighbours.refused(
        "withdraw-matter", at=moment(day, 13), case=case, confirmed_by="signed_paper"
    ).code == ("not-allowed")
    clerk.order("withdraw-matter", at=moment(day, 13), case=case, confirmed_by="signed_paper")


def test_a_renamed_village_has_its_new_name_everywhere_and_keeps_its_id(network: Network, day: date):
    # Given a village
    county, code = network.administrator(COUNTY_NODE), network.county.full_code(VILLAGE)
    # When the county renames it
    name = f"柳树沟新村{day:%m%d}"
    county.order("rename-unit", at=moment(day, 9), unit=network.unit(VILLAGE), name=name, code=code)
    network.settle()
    # Then the county and its township, whose node was told by the wire, know the name under the old id
    for office in (TOWN, BUREAU):
        row = known_at(network, office)[code]
        assert (row["name"], row["unit"]) == (name, str(network.unit(VILLAGE))), office
    assert name in network.person(VILLAGE, "information_officer").page("/")


def test_the_countys_telephone_stands_on_the_pages_of_the_offices_below(network: Network, day: date):
    # Given a township
    county = network.administrator(COUNTY_NODE)
    # When the county writes down its telephone
    county.order("set-contact", at=moment(day, 9), unit=network.unit(TOWN), contact="0731-5678")
    network.settle()
    # Then its village's page says whom to call
    assert "0731-5678" in network.person(VILLAGE, "information_officer").page("/", at=moment(day, 10))
