"""The walk of the clerks through a matter and a day, in a browser 320 pixels wide without JavaScript."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Browser

from services.running import running
from shared.settings.network import node_names
from tests.services.browsing import Surfer, window
from tests.services.network import (
    COUNTY,
    FAR_VILLAGE,
    LONE_VILLAGE,
    NODE_OF,
    TODAY,
    TOWN,
    VILLAGE,
    Stage,
    found_small,
)

At = Callable[..., AbstractContextManager[Surfer]]
TOMORROW = "2026-03-27"


@pytest.fixture(scope="module", params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """The language of everybody's browser."""
    return request.param


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, language: str) -> Iterator[Stage]:
    """A network of its own, so that the day begins empty."""
    data = found_small(tmp_path_factory.mktemp(f"walk-{language}") / "network")
    with running(data, node_names(data), port=0) as (host, web):
        yield Stage(host, f"http://127.0.0.1:{web.port}")


@pytest.fixture(scope="module")
def at(browser: Browser, county: Stage, language: str) -> At:
    """`at(code, role)`: the window of somebody of a unit, signed in through the form."""
    logins: dict[tuple[str, str], str] = {}

    def opened(code: str, role: str = "petition_clerk") -> AbstractContextManager[Surfer]:
        county.settle()
        login = logins.setdefault((code, role), county.account(code, role))
        return window(browser, county.door(NODE_OF[code]), language, login=login)

    return opened


def number_in(surfer: Surfer) -> str:
    """The number of the matter on the page."""
    return re.search(r"\d{6}-2026-\d{5}-\d", surfer.text())[0]  # type: ignore[index]


def register(surfer: Surfer) -> str:
    """Register a matter; gives its number."""
    surfer.open("/").follow("/matters/new").send(
        received_on=TODAY.isoformat(),
        channel="visit",
        purpose="seeking_decision",
        matter_class="land",
        summary="井台旁的路灯不亮",
        request="请修好",
        account="已有三晚不亮\n孩子摔了一跤",
        persons="1",
        name_1="甲𠅤",
        contact_1="1",
        role_1="petitioner",
    )
    return number_in(surfer)


def referred_upward(at: At, county: Stage, code: str = VILLAGE) -> str:
    """A matter that a village registered and referred to its township."""
    with at(code) as clerk:
        number = register(clerk)
        clerk.follow("/refer").send(to=str(county.unit(TOWN)), reason="competent_body")
    county.settle()
    return number


def open_matter(surfer: Surfer, number: str) -> Surfer:
    """Find a matter among the referrals."""
    surfer.open("/referrals").tap(f'a:text-is("{number}")')
    return surfer


def test_a_zero_report_takes_two_taps_on_the_first_page_what_was_looked_at_and_send(at, county):
    with at(VILLAGE, "information_officer") as officer:
        officer.taps = 0
        assert not officer.page.is_checked('main [name="looked"]')
        officer.page.locator('main label[for="looked"]').click()
        officer.tap('form button[type="submit"]')
        assert officer.taps == 1, "the tick is the other one"
        assert f"{TODAY.isoformat()}-1" in officer.text()
        assert officer.path() == f"/reports/{county.unit(VILLAGE)}/{TODAY}?done=sent"
        officer.open("/")
        assert officer.page.locator('main [name="looked"]').count() == 0
        assert "○" in officer.page.locator("main .status").first.inner_text()


def test_a_report_says_what_was_checked_or_is_not_taken(at):
    with at(FAR_VILLAGE) as clerk:
        clerk.follow("kind=daily").send(disputes_found="3")
        assert clerk.page.locator(".govuk-error-summary").count() == 1
        assert clerk.page.input_value('[name="disputes_found"]') == "3"
        clerk.send(looked="usual", disputes_found="1")
        clerk.follow("kind=daily").send(looked="usual", disputes_found="4", reason="disputes_miscounted")
        assert clerk.page.locator("main h2.version").count() == 2


def test_a_matter_goes_from_the_village_up_and_its_answer_comes_back(at, county):
    with at(VILLAGE) as clerk:
        number = register(clerk)
        case = clerk.path().split("?")[0]
        clerk.follow("/correct").send(summary="井台旁的两盏路灯不亮", reason="漏写一盏")
        assert "两盏" in clerk.text()
        clerk.follow("/assess").send(matter_class="urban_rural", purpose="seeking_decision")
        clerk.follow("/refer").send(to=str(county.unit(TOWN)), reason="competent_body")
    with at(TOWN) as town:
        open_matter(town, number).follow("/object").send(ground="other_place", reason="不在本镇")
    with at(VILLAGE) as clerk:
        clerk.open(case)
        assert "不在本镇" in clerk.text()
        clerk.tap('a[href*="/answer-objection"]').send(agreed="false")
    with at(TOWN) as town:
        open_matter(town, number).follow("/accept").send()
        town.follow("/opinion").send(
            outcome="supported", findings="属实，予以修复", legal_basis="条例第三十二条"
        )
        town.follow("/serve").send(way="in_person", served_on=TODAY.isoformat())
        town.follow("/complete").send(performed="true", report="已修好")
    county.settle()
    with at(VILLAGE) as clerk:
        clerk.open(case)
        assert "已修好" in clerk.text() and clerk.page.locator("#steps").count() == 0
        # To refer, to answer the objection, to tell the petitioner, to answer: each was done in time.
        verdicts = clerk.page.locator("#verdicts td:last-child").all_inner_texts()
        assert verdicts in (["按期"] * 4, ["in time"] * 4)


def test_the_receipt_opens_the_public_question_and_a_wrong_code_tells_nothing(at, county, browser, language):
    with at(LONE_VILLAGE) as clerk:
        number = register(clerk)
        clerk.follow("/receipt")
        code = clerk.page.locator(".receipt__code strong").inner_text()
        assert number in clerk.text() and len(code) == 10
    county.settle()
    with window(browser, county.door("county"), language) as petitioner:
        petitioner.open("/ask").send(number=number, query_code=f"{code[:5]} {code[5:].lower()}")
        assert number in petitioner.text() and "甲" not in petitioner.text()
        petitioner.follow("/ask").send(number=number, query_code="2222222222")
        known = petitioner.text()
        assert petitioner.page.input_value('[name="number"]') == number
        petitioner.open("/ask").send(number="101201-2026-99999-9", query_code="2222222222")
        assert petitioner.text() == known


def test_an_accusation_is_not_taken_and_the_form_says_where_to_go(at, county):
    with at(VILLAGE) as clerk:
        clerk.open("/matters/new")
        assert county.name(COUNTY) in clerk.page.locator("main .govuk-inset-text").inner_text()
        assert clerk.page.locator('option[value="discipline"]').count() == 0


def test_the_county_writes_a_letter_the_township_answers_and_it_is_lifted(at, county):
    number = referred_upward(at, county)
    with at(COUNTY, "director") as director:
        director.open(f"/matters?scope=all&number={number}").tap(f'a:text-is("{number}")')
        director.follow("/letter").send(
            to=str(county.unit(TOWN)),
            trigger="shirking_or_delay",
            demand="请说明进展",
            answer_by=TODAY.isoformat(),
        )
    with at(TOWN) as town:
        town.open("/supervision?state=open").tap("th a")
        assert "请说明进展" in town.text()
        town.follow("/answer").send(answer="under_way", text="已派人")
    with at(COUNTY, "director") as director:
        director.open("/supervision?state=answered").tap("th a")
        assert "已派人" in director.text()
        director.follow("/lift").send()
        assert director.page.locator("main .steps").count() == 0


def test_the_county_sees_who_is_silent_when_it_was_last_heard_and_what_came_in(at, county):
    number = referred_upward(at, county)
    with at(COUNTY) as clerk:
        clerk.open("/sheet?status=silent")
        assert county.name(LONE_VILLAGE) in clerk.text() and "▲" in clerk.text()
        clerk.open("/feed").tap("tbody tr a")
        assert number in clerk.text()
        clerk.open("/ages").tap("td a.number")
        assert clerk.path().startswith("/matters?scope=all&state=")
    with at(TOWN) as town:
        assert town.open("/sheet").page.locator("tbody tr").count() == 2


def test_a_village_that_is_added_renamed_and_closed_appears_below_without_a_restart(at, county):
    below = county.host.nodes["villages-102"].directory
    with at(COUNTY, "administrator") as boss:
        boss.open("/directory").tap('h2 a[href*="below="]')
        boss.tap('a[href*="/directory/add"]').send(
            code="430321101250",
            name="新𠅤村",
            kind="village",
            node="villages-101",
            parent=str(county.unit(TOWN)),
        )
    with at(TOWN) as town:
        assert "新𠅤村" not in town.open("/sheet").text(), "it owes from tomorrow"
        assert "新𠅤村" in town.open(f"/sheet?day={TOMORROW}").text()
    added = next(u for u in county.host.nodes["villages-101"].directory.units.values() if u.name == "新𠅤村")
    with at(COUNTY, "administrator") as boss:
        boss.open(f"/directory/{added.unit}/rename").send(name="新𠅤社区")
        boss.open(f"/directory/{added.unit}/contact").send(contact="0731-000 0000")
    with at(TOWN) as town:
        assert "新𠅤社区" in town.open(f"/sheet?day={TOMORROW}").text()
    with at(COUNTY, "administrator") as boss:
        boss.open(f"/directory/{added.unit}/close").send()
    county.settle()
    kept = county.host.nodes["villages-101"].directory.find(added.unit)
    assert kept is not None and not kept.open and below.find(added.unit) is None


def test_the_administrator_makes_an_account_and_its_owner_chooses_a_password(at, county, browser, language):
    with at(COUNTY, "administrator") as boss:
        boss.open("/accounts").send(
            login="newcomer", name="新来的", unit=str(county.unit(COUNTY)), role="director"
        )
        temporary = boss.page.locator("code.secret").inner_text()
    with window(browser, county.door("county"), language, login="newcomer", password=temporary) as owner:
        assert owner.path() == "/password"
        owner.send(current=temporary, new="six green kettles in a row")
        assert owner.open("/ages").page.locator("h1").count() == 1
    account = county.host.nodes["county"].accounts.find("newcomer")
    with at(COUNTY, "administrator") as boss:
        boss.open("/accounts").tap(f'form:has([value="{account.id}"]) button[value="reset"]')
        assert boss.page.locator("code.secret").inner_text() != temporary
