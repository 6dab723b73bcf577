"""Anybody may ask how a matter stands, by number and code; guessing is slow and tells nothing."""

import httpx
import pytest

from services.county.ask import ASKED_AT_MOST
from tests.services.network import VILLAGE, Person, Stage, petition


@pytest.fixture
def number(stage: Stage) -> str:
    """The number of a matter that the county knows."""
    made = stage.person(VILLAGE).done("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    stage.settle()
    return made["number"]


def asker(stage: Stage, address: str) -> Person:
    """Somebody who asks from an address of their own."""
    way = httpx.HTTPTransport(local_address=address)
    return Person(stage, "county", "", http=httpx.Client(base_url=stage.address, transport=way, timeout=60))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(stage, number, language):
    stranger = asker(stage, "127.0.0.21" if language == "zh" else "127.0.0.22")
    answers = [
        stranger.get(f"/api/ask?number={asked}&query_code=2222222222", language=language)
        for asked in (number, "101201-2026-99999-9")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_who_asks_too_often_waits_and_nobody_else_does(stage, number):
    hasty, patient = asker(stage, "127.0.0.23"), asker(stage, "127.0.0.24")
    codes = [
        hasty.send("POST", "/ask", data={"number": number, "query_code": "2" * 10}).status_code
        for _ in range(ASKED_AT_MOST + 1)
    ]
    assert codes == [404] * ASKED_AT_MOST + [429]
    assert hasty.get(f"/api/ask?number={number}&query_code=x").json()["code"] == "asked-too-often"
    assert patient.get(f"/api/ask?number={number}&query_code=x").status_code == 404


def test_the_start_page_leads_to_the_question(stage):
    assert 'href="/n/county/ask"' in httpx.get(stage.address).text
