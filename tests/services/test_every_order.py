"""Every order there is, over HTTP: given once, given again, given on an old state."""

import pytest

from shared.orders.order import Order
from shared.work.catalogue import ORDERS
from tests.services.every_order import ACTS, CARRIED, Given, give_all
from tests.services.network import FAR_VILLAGE, NINE, VILLAGE, Stage, petition

NUMBERS = range(len(ACTS))


def has_version(order: str) -> bool:
    """Whether an order names the state that it is based on."""
    kind: type[Order] = ORDERS[order]
    return "version" in kind.model_fields


@pytest.fixture(scope="module")
def day(stage: Stage) -> list[Given]:
    """A whole day of orders."""
    return list(give_all(stage))


def test_the_day_holds_every_order_that_there_is():
    assert {act.order for act in ACTS} == set(ORDERS) - CARRIED


@pytest.mark.parametrize("number", NUMBERS)
def test_an_order_sent_twice_under_one_key_has_one_answer_and_one_set_of_facts(day, number):
    given = day[number]
    assert given.again.status_code == 201, str(given)
    assert given.again.json() == given.first.json(), str(given)
    assert given.first.json()["facts"], str(given)
    assert given.after_first != given.before, str(given)
    assert given.after_again == given.after_first, str(given)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_order_on_a_state_that_is_not_the_present_one_is_refused_and_records_nothing(day, number):
    given = day[number]
    code, status = ("stale-version", 409) if has_version(given.act.order) else ("wrong-shape", 422)
    assert (given.stale.status_code, given.stale.json()["code"]) == (status, code), str(given)
    assert given.refused_at == given.before, str(given)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_order_that_names_what_is_not_there_is_refused_and_records_nothing(day, number):
    given = day[number]
    taken = {name: answer.text for name, answer in given.strangers.items() if answer.status_code < 400}
    assert taken == {}, str(given)
    assert {answer.status_code for answer in given.strangers.values()} <= {403, 404, 409, 422}
    assert given.refused_at == given.before, str(given)


def test_the_day_names_things_by_their_ids(day):
    assert sum(len(given.strangers) for given in day) > len(day)


def test_a_key_that_comes_again_with_something_else_is_refused(stage):
    clerk, unit = stage.person(VILLAGE), str(stage.unit(VILLAGE))
    first = clerk.order("register-matter", petition(unit=unit), key="one key")
    other = clerk.order("register-matter", petition(unit=unit, summary="别的事"), key="one key")
    assert (first.status_code, other.status_code) == (201, 422)
    assert other.json()["code"] == "same-key-other-order"


def test_a_key_belongs_to_one_person_and_says_nothing_to_another(stage):
    first, second = stage.newcomer(FAR_VILLAGE), stage.newcomer(FAR_VILLAGE)
    body = petition(unit=str(stage.unit(FAR_VILLAGE)))
    answers = [person.order("register-matter", body, key="the same").json() for person in (first, second)]
    assert answers[0]["number"] != answers[1]["number"]


def test_the_clock_of_a_rehearsal_takes_moments_only(stage):
    clerk = stage.newcomer(VILLAGE)
    for wrong in ("tomorrow", "2026-03-26T09:00:00", "0001-01-01T00:00:00+14:00"):
        answer = clerk.get("/api/matters", headers={"Huiyin-Rehearsal-Clock": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "no-such-moment")
    assert clerk.at(NINE).get("/api/matters").status_code == 200
