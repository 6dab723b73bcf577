"""The county takes a matter from an office that cannot answer: only what was offered so, and has not ended."""

from typing import Any

import pytest

from shared.work.matters.orders.overriding import OfferNotToBeTaken
from tests.services.network import (
    COUNTY,
    FAR_VILLAGE,
    LONE_VILLAGE,
    NEXT_TOWN,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    petition,
    text_of,
)


@pytest.fixture(scope="module")
def county(stage: Stage) -> Person:
    return stage.person(COUNTY, "director")


def offered(stage: Stage) -> dict[str, Any]:
    """A matter that the village offered to its township, as the order names it."""
    clerk = stage.person(VILLAGE)
    case = clerk.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))["case"]
    body = {"case": case, "to": str(stage.unit(TOWN)), "reason": "competent_body"}
    offer = clerk.done("refer-matter", body)["facts"][-1]
    stage.settle()
    hands = {"sender": str(stage.unit(VILLAGE)), "receiver": str(stage.unit(TOWN))}
    return {"case": case, "offer": offer, "reason": "停电"} | hands


def refused(county: Person, body: dict[str, Any]) -> str:
    answer = county.order("override-offer", body)
    assert answer.status_code == 409
    return answer.json()["code"]


def test_given_an_offer_when_it_is_taken_by_others_names_then_it_is_refused_and_by_its_own_it_is_done(
    stage: Stage, county: Person
):
    body, other = offered(stage), offered(stage)
    wrong: list[dict[str, Any]] = [
        {"receiver": str(stage.unit(NEXT_TOWN))},
        {"sender": str(stage.unit(FAR_VILLAGE))},
        {"offer": other["offer"]},
        {"case": other["case"]},
        {"came_by": other["offer"]},
    ]
    before = stage.facts()
    assert {refused(county, body | one) for one in wrong} == {OfferNotToBeTaken.code}
    assert stage.facts() == before
    assert county.done("override-offer", body)["override"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_given_an_offer_that_was_taken_when_the_form_is_sent_again_then_it_says_what_to_look_at(
    stage: Stage, county: Person, language: str
):
    body = offered(stage)
    county.done("override-offer", body)
    assert refused(county, body) == OfferNotToBeTaken.code
    page = county.submit(f"/matters/{body['case']}/override", body, language=language)
    assert page.status_code == 409
    assert {"zh": "请重新查看该事项", "en": "Look at the matter again"}[language] in text_of(page.text)


def test_given_a_matter_that_was_passed_on_when_the_later_offer_is_taken_then_it_is_known_by_the_one_before(
    stage: Stage, county: Person
):
    body, town = offered(stage), stage.person(TOWN)
    referral = next(hand["referral"] for hand in town.get(f"/api/matters/{body['case']}").json()["hands"])
    passed = {"referral": referral, "to": str(stage.unit(LONE_VILLAGE)), "reason": "competent_body"}
    town.done("pass-on", passed)
    stage.settle()
    hands = county.get(f"/api/matters/{body['case']}").json()["hands"]
    last = hands[-1]
    later = body | {
        "offer": last["offer"],
        "came_by": last["came_by"],
        "sender": last["sender"],
        "receiver": last["unit"],
    }
    assert last["came_by"] == body["offer"]
    assert refused(county, later | {"came_by": None}) == OfferNotToBeTaken.code
    county.done("override-offer", later)
