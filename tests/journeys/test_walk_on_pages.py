"""A matter's way in a browser, on both settings: on servers each tier answers from a process of its own."""

import re
from contextlib import AbstractContextManager
from datetime import date

import pytest
from playwright.sync_api import Browser

from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, TOWN, VILLAGE
from tests.journeys.network import Network
from tests.journeys.orders import moment
from tests.journeys.people import PASSWORD
from tests.services.browsing import Surfer, window

ROLES = {VILLAGE: "information_officer", TOWN: "petition_clerk", BUREAU: "petition_clerk"}


class Offices:
    """Windows of the offices of one network on one day."""

    def __init__(self, browser: Browser, network: Network, language: str, day: date) -> None:
        self._browser, self._network, self._language, self._day = browser, network, language, day

    def at(self, unit: str) -> AbstractContextManager[Surfer]:
        """The window of an office's clerk, with everything arrived that was sent before."""
        self._network.settle()
        role = ROLES[unit]
        self._network.person(unit, role)
        return self._window(NODE_OF[unit], login=f"{role.replace('_', '-')}-{unit}")

    def outside(self) -> AbstractContextManager[Surfer]:
        """The window of somebody at home."""
        self._network.settle()
        return self._window(COUNTY_NODE)

    def _window(self, node: str, login: str = "") -> AbstractContextManager[Surfer]:
        door, at = self._network.address(node), moment(self._day, 9)
        return window(
            self._browser,
            door,
            self._language,
            login=login,
            password=PASSWORD,
            at=at,
            token=self._network.token,
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_matter_goes_from_the_village_to_its_end_and_the_petitioner_reads_it(
    browser: Browser, network: Network, day: date, language: str
):
    offices = Offices(browser, network, language, day)
    # Given a matter that a village registered and referred
    with offices.at(VILLAGE) as clerk:
        number, code = register(clerk, day)
        clerk.follow("/assess").send(matter_class="urban_rural", purpose="seeking_decision")
        clerk.follow("/refer").send(to=str(network.unit(TOWN)), reason="competent_body")
    # When the township takes it up, decides, serves and completes it
    with offices.at(TOWN) as town:
        town.open("/referrals").tap(f'a:text-is("{number}")').follow("/accept").send()
        town.follow("/opinion").send(outcome="supported", findings="属实", legal_basis="条例第三十二条")
        town.follow("/serve").send(way="in_person", served_on=day.isoformat())
        town.follow("/complete").send(performed="true", report="路灯已修好")
    # Then the village reads how it ended
    with offices.at(VILLAGE) as clerk:
        clerk.open("/matters").tap(f'a:text-is("{number}")')
        assert "路灯已修好" in clerk.text()
    # And the county lists it, and the petitioner finds it by number and code
    with offices.at(BUREAU) as bureau:
        assert number in bureau.open(f"/matters?scope=all&number={number}").text()
    with offices.outside() as petitioner:
        assert number in petitioner.open("/ask").send(number=number, query_code=code).text()


def register(clerk: Surfer, day: date) -> tuple[str, str]:
    """Register a matter through the form; its number and query code as the receipt prints them."""
    clerk.open("/").follow("/matters/new").send(
        received_on=day.isoformat(),
        channel="visit",
        purpose="seeking_decision",
        matter_class="land",
        summary="井台旁的路灯不亮",
        request="请修好",
        account="已有三晚不亮",
        persons="1",
        name_1="甲𠅤",
        contact_1="1",
        role_1="petitioner",
    )
    matter = clerk.path().split("?")[0]
    clerk.follow("/receipt")
    found = re.search(r"\d{6}-\d{4}-\d{5}-\d", clerk.text())
    assert found
    code = clerk.page.locator(".receipt__code strong").inner_text()
    clerk.open(matter)
    return found[0], code
