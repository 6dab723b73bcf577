"""Every page that each role can reach by links, in both languages, in a browser 320 pixels wide."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.services.asking import things_of
from tests.services.browsing import Surfer, window
from tests.services.network import COUNTY, DEPARTMENT, FAR_VILLAGE, NEXT_TOWN, NODE_OF, Stage

WHO = {
    "information officer of a village": (FAR_VILLAGE, "information_officer", 17),
    "clerk of a township": (NEXT_TOWN, "petition_clerk", 25),
    "clerk of a department": (DEPARTMENT, "petition_clerk", 20),
    "director of the bureau": (COUNTY, "director", 20),
    "supervisor of the bureau": (COUNTY, "supervisor", 15),
    "administrator of the bureau": (COUNTY, "administrator", 10),
}
"""Unit, role, and the least number of different pages that links lead to."""

EACH_SHAPE = 1
"""Pages visited of each kind; addresses that differ only in ids or values are of one kind."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d")


def shape(path: str) -> str:
    """An address without its ids and values."""
    parts = urlsplit(path)
    asked = ",".join(sorted(name for name, _ in parse_qsl(parts.query) if name != "language"))
    return f"{_ID.sub('*', parts.path)}?{asked}"


def links(surfer: Surfer) -> list[str]:
    """Addresses of this node that the page leads to, files left out."""
    found = surfer.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
    inside = [link.removeprefix(surfer.base) for link in found if link.startswith(surfer.base + "/")]
    return [link.split("#")[0] for link in inside if "format=csv" not in link and "language=" not in link]


def crawl(surfer: Surfer) -> set[str]:
    """Follow every link; each page is looked at as it comes. Gives the shapes that were seen."""
    seen: dict[str, int] = {}
    waiting, known = ["/"], {"/"}
    while waiting:
        path = waiting.pop(0)
        if seen.setdefault(shape(path), 0) >= EACH_SHAPE:
            continue
        seen[shape(path)] += 1
        surfer.open(path)
        assert "as-of" in surfer.page.content() or surfer.page.locator("footer time").count() == 1, path
        fresh = [link for link in dict.fromkeys(links(surfer)) if link not in known]
        known |= set(fresh)
        waiting += fresh
    return set(seen)


@pytest.fixture(scope="module")
def filled(stage: Stage) -> Stage:
    """The network with matters, letters and referrals in each office's hands."""
    for node, code in (("county", DEPARTMENT), ("town-102", NEXT_TOWN), ("villages-102", FAR_VILLAGE)):
        things_of(stage, node, code)
    return stage


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", WHO)
def test_each_page_that_links_lead_to_is_whole(filled: Stage, browser: Browser, who: str, language: str):
    code, role, least = WHO[who]
    with window(browser, filled.door(NODE_OF[code]), language, login=filled.account(code, role)) as surfer:
        seen = crawl(surfer)
    assert len(seen) >= least, sorted(seen)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_for_everybody_are_whole(stage: Stage, browser: Browser, language: str):
    with window(browser, stage.door("county"), language) as surfer:
        for path in ("/sign-in", "/ask", "/nowhere", "/matters"):
            surfer.open(path)
        surfer.base = stage.address
        for path in ("/", "/?q=%E6%9D%91", "/?q=nobody", "/nowhere", "/n/nobody/"):
            surfer.open(path)


def test_a_page_of_ours_with_a_sideways_scroll_or_a_nameless_field_would_be_seen(stage, browser):
    with window(browser, stage.door("county"), "en") as surfer:
        surfer.open("/ask")
        for planted in (f"<pre>{'x' * 200}</pre>", "<input name=x>", "<h1>two</h1>", "<a href='/'></a>"):
            surfer.page.evaluate("html => document.querySelector('main').innerHTML += html", planted)
            with pytest.raises(AssertionError):
                surfer.look()
            surfer.open("/ask")
