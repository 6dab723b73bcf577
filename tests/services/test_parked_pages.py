"""The pages of parked messages: seen by those who may, decided by the administrator, in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import insert

from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.event_log.tables import GAPS, SOURCES
from shared.transport.wire import Arrived, Message, Place
from tests.services.browsing import window
from tests.services.network import COUNTY, NINE, TOWN, VILLAGE, Stage

NODE = "town-101"


@pytest.fixture
def strange(stage: Stage) -> Message:
    """A message that the township cannot read, parked there as the only one."""
    node = stage.host.nodes[NODE]
    for row in node.parked.listed(limit=100):
        node.parked.discard(row.id, by="setup", why="of another test")
    count = node.parked.discarded_count()
    topic = next(topic for topic in node.ways.topics() if ".to." in topic)
    headers = {"ce_type": "七", "ce_source": f"nobody-{count}", "long": "长" * 500}
    message = Message(topic, "nobody", headers, bytes(range(128, 256)) * 40)
    node.take([Arrived(message, Place("by hand", 1))]).result()
    return message


def test_the_administrator_sees_the_bytes_tries_it_again_and_gives_it_up_with_a_reason(
    stage: Stage, browser: Browser, strange: Message
):
    login = stage.account(TOWN, "administrator")
    for language in ("zh", "en"):
        with window(browser, stage.door(NODE), language, login=login) as surfer:
            surfer.open("/").follow("/parked").tap('a[href*="/parked/"]')
            assert "80 81 82" in surfer.text() and strange.headers["ce_source"] in surfer.text()
            surfer.tap('button[value="retry"]')
            assert surfer.page.locator('main [role="status"]').count() == 1
    with window(browser, stage.door(NODE), "en", login=login) as surfer:
        surfer.open("/parked").tap('a[href*="/parked/"]').tap('button[value="discard"]')
        assert surfer.page.locator(".govuk-error-summary").count() == 1
        surfer.fill(why="试验消息服务器").tap('button[value="discard"]')
        assert "试验消息服务器" in surfer.text() and login in surfer.text()
        assert surfer.page.locator('main a[href*="/parked/"]').count() == 0


def test_what_was_not_even_kept_is_counted_in_both_languages(
    stage: Stage, browser: Browser, strange: Message, monkeypatch: pytest.MonkeyPatch
):
    # Given a township with no more room for what bears nobody's name
    node = stage.host.nodes[NODE]
    monkeypatch.setattr("shared.transport.admitting.PARKED_AT_MOST", 1)
    before = node.parked.refused_count()
    node.take([Arrived(replace(strange, value=b"more"), Place("by hand", 2))]).result()
    # When somebody looks at what is parked, then he reads how many were not kept
    assert node.parked.refused_count() == before + 1
    for language, sentence in (
        ("en", f"{before + 1} more were not kept"),
        ("zh", f"另有 {before + 1} 条没有保留"),
    ):
        with window(
            browser, stage.door(NODE), language, login=stage.account(TOWN, "administrator")
        ) as surfer:
            assert sentence in surfer.open("/parked").text()


def test_a_clerk_sees_that_something_is_parked_and_cannot_decide(stage: Stage, strange: Message):
    (row,) = stage.host.nodes[NODE].parked.listed(limit=10)
    clerk = stage.person(TOWN)
    assert strange.headers["ce_source"] in clerk.get("/parked").text
    assert f"/parked/{row.id}" not in clerk.get("/parked").text
    assert clerk.get(f"/parked/{row.id}").status_code == 403
    assert clerk.submit(f"/parked/{row.id}", {"what": "discard", "why": "x"}).status_code == 403
    assert stage.person(VILLAGE, "information_officer").get("/parked").status_code == 403


def test_a_form_from_elsewhere_an_unknown_act_and_a_message_that_is_gone_change_nothing(
    stage: Stage, strange: Message
):
    node = stage.host.nodes[NODE]
    (row,) = node.parked.listed(limit=10)
    boss = stage.person(TOWN, "administrator")
    form = {"what": "discard", "why": "x"}
    assert boss.submit(f"/parked/{row.id}", form | {"csrf": "of somebody else"}).status_code == 403
    assert boss.submit(f"/parked/{row.id}", {"what": "burn"}).status_code == 422
    assert node.parked.listed(limit=10) == [row]
    assert boss.submit(f"/parked/{row.id}", form).status_code == 303
    assert boss.submit(f"/parked/{row.id}", form).status_code == 404


@pytest.fixture
def hole(stage: Stage) -> Iterator[None]:
    """The county's database as it is when numbers of a village's node do not come for an hour."""
    lane = {"source": "villages-102", "incarnation": 9, "route": "up"}
    since = {"since": moment_text(NINE - timedelta(hours=1))}
    node = stage.host.nodes["county"]

    def dig(group: Group) -> None:
        group.connection.execute(insert(SOURCES), lane | {"held": 4, "highest": 7, "chain": b""})
        group.connection.execute(insert(GAPS), lane | since)

    def fill(group: Group) -> None:
        for table in (SOURCES, GAPS):
            group.connection.execute(table.delete().where(table.c.incarnation == lane["incarnation"]))

    node.log.write(dig).result()
    yield
    node.log.write(fill).result()


@pytest.mark.usefixtures("hole")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_hole_stands_on_the_first_page_of_the_county_and_in_the_state_of_its_computer(
    stage: Stage, browser: Browser, language: str
):
    with window(
        browser, stage.door("county"), language, login=stage.account(COUNTY, "petition_clerk")
    ) as surfer:
        for path in ("/", "/state"):
            said = surfer.open(path).page.locator("#holes").inner_text()
            assert "villages-102" in said and "5" in said and "7" in said and "08:00" in said
    state = stage.anybody("county").get("/statusz").json()
    (said,) = state["holes"]
    assert (said["source"], said["first"], said["last"], said["discarded"]) == ("villages-102", 5, 7, False)


def test_without_a_hole_the_first_page_does_not_speak_of_one(stage: Stage):
    assert 'id="holes"' not in stage.person(COUNTY).get("/").text
