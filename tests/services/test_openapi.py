"""The description of the JSON doors is whole, and the answers are as it says."""

import re
from typing import Any

import jsonschema
import pytest

from shared.orders.order import Order
from shared.web.openapi import PROBLEM, REFUSALS, refusals_of
from shared.web.statuses import status_of
from shared.work.catalogue import orders_of
from shared.work.common.words import Tier
from tests.services.network import COUNTY, TODAY, TOWN, VILLAGE, Stage, petition

TIERS = {
    "village": (VILLAGE, Tier.VILLAGE),
    "township": (TOWN, Tier.TOWNSHIP),
    "county": (COUNTY, Tier.COUNTY),
}


@pytest.fixture(scope="module", params=TIERS)
def door(request: pytest.FixtureRequest, stage: Stage) -> tuple[str, dict[str, Any]]:
    """A tier and the description that its node hands out."""
    code, _ = TIERS[request.param]
    return request.param, stage.person(code).get("/api/openapi.json").json()


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every operation with its name."""
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def check(document: dict[str, Any], schema: dict[str, Any], instance: Any) -> None:
    """Whether something is as a schema of the document says."""
    validator = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    validator.validate(instance)


def answer_schema(document: dict[str, Any], method: str, path: str, status: str) -> dict[str, Any]:
    """The schema of an operation's answer."""
    (content,) = document["paths"][path][method]["responses"][status]["content"].values()
    return content["schema"]


def test_every_json_route_says_what_it_is_what_it_answers_and_how_it_refuses(door):
    _, document = door
    for name, operation in operations(document):
        assert len(operation["summary"].split()) > 2, name
        (success,) = [answer for status, answer in operation["responses"].items() if status < "400"]
        schema = success["content"]["application/json"]["schema"]
        assert schema.keys() & {"$ref", "items", "type"} and schema.get("additionalProperties") is not True, (
            name
        )
        refused = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        for answer in refused.values():
            assert list(answer["content"]) == [PROBLEM], name
        if operation["tags"] != ["orders"]:
            assert refused.keys() == {str(status) for status in REFUSALS}, name


def told_of(operation: dict[str, Any]) -> dict[str, set[str]]:
    """The codes that an operation is said to be refused with, by their status."""
    return {
        status: codes
        for status, answer in operation["responses"].items()
        if status >= "400"
        for codes in (set(answer["content"][PROBLEM].get("examples", ())),)
        if codes == set(re.findall(r"`([a-z-]+)`", answer["description"].partition("Codes:")[2]))
    }


def possible(order: type[Order]) -> dict[str, set[str]]:
    """The codes that an order declares, and those of every order and of its door, by their status."""
    codes: dict[str, set[str]] = {"400": set(), "413": set()}
    for kind in refusals_of(order):
        codes.setdefault(str(status_of(kind)), set()).add(kind.code)
    return codes


def test_every_order_says_with_which_codes_it_may_be_refused_under_which_status(door):
    tier, document = door
    for order in orders_of(TIERS[tier][1]):
        operation = document["paths"][f"/api/orders/{order.DECLARED.name}"]["post"]
        assert told_of(operation) == possible(order), order


def test_every_code_of_an_order_has_an_example_with_its_english_sentence(door):
    _, document = door
    examples = document["components"]["examples"]
    assert set(re.findall(r"#/components/examples/([\w-]+)", str(document))) == set(examples)
    for code, example in examples.items():
        check(document, {"$ref": "#/components/schemas/Problem"}, example["value"])
        assert example["value"]["code"] == code and example["summary"] == example["value"]["title"]
        assert len(example["summary"].split()) > 3 and "%" not in example["summary"]


def test_an_order_names_what_its_own_rule_refuses_with(stage):
    document = stage.person(VILLAGE).get("/api/openapi.json").json()
    responses = document["paths"]["/api/orders/file-report"]["post"]["responses"]
    assert {"already-reported", "stale-version"} <= set(responses["409"]["content"][PROBLEM]["examples"])
    assert "429" not in responses and "letter-not-open" not in str(responses)


def test_every_order_of_the_tier_is_described(door):
    tier, document = door
    described = {path.removeprefix("/api/orders/") for path in document["paths"] if "/orders/" in path}
    assert described == {order.DECLARED.name for order in orders_of(TIERS[tier][1])}


def test_every_reference_leads_somewhere_and_every_schema_is_valid(door):
    _, document = door
    schemas = document["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/([\w-]+)", str(document))) <= set(schemas)
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_operation_names_are_used_once(door):
    names = [operation["operationId"] for _, operation in operations(door[1])]
    assert len(names) == len(set(names))


def questions(stage: Stage, case: str) -> list[tuple[str, str, str]]:
    """Who asks, the path in the description, and the address."""
    village, day = stage.unit(VILLAGE), TODAY.isoformat()
    return [
        (VILLAGE, "/api/matters", "/api/matters"),
        (VILLAGE, "/api/matters/{case}", f"/api/matters/{case}"),
        (VILLAGE, "/api/matters/{case}/timeline", f"/api/matters/{case}/timeline"),
        (VILLAGE, "/api/letters", "/api/letters"),
        (VILLAGE, "/api/units", "/api/units"),
        (VILLAGE, "/api/reports/{unit}", f"/api/reports/{village}?first={day}&last={day}"),
        (VILLAGE, "/api/register/{unit}/{day}", f"/api/register/{village}/{day}"),
        (VILLAGE, "/api/duty-notes/figures", "/api/duty-notes/figures"),
        (TOWN, "/api/duty-notes/figures", "/api/duty-notes/figures"),
        (TOWN, "/api/sheet", "/api/sheet"),
        (COUNTY, "/api/sheet", "/api/sheet"),
        (COUNTY, "/api/feed", "/api/feed"),
        (COUNTY, "/api/ages", "/api/ages"),
        (COUNTY, "/statusz", "/statusz?tally=true"),
        (COUNTY, "/readyz", "/readyz"),
        (COUNTY, "/settledz", "/settledz"),
        (COUNTY, "/livez", "/livez"),
    ]


def test_answers_to_questions_and_orders_are_as_described(stage):
    clerk = stage.person(VILLAGE)
    given = clerk.order("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    stage.settle()
    document = clerk.get("/api/openapi.json").json()
    check(document, answer_schema(document, "post", "/api/orders/register-matter", "201"), given.json())
    for code, path, address in questions(stage, given.json()["case"]):
        person = stage.person(code)
        answer, document = person.get(address), person.get("/api/openapi.json").json()
        assert answer.status_code == 200, (address, answer.text)
        check(document, answer_schema(document, "get", path, "200"), answer.json())


@pytest.mark.parametrize(
    ("status", "method", "address"),
    [
        (401, "GET", "/api/matters"),
        (404, "GET", "/api/matters/00000000-0000-4000-8000-000000000000"),
        (404, "GET", "/api/nowhere"),
        (405, "DELETE", "/api/matters"),
        (422, "GET", "/api/matters?limit=-1"),
        (422, "GET", "/api/matters/no-id"),
    ],
)
def test_every_refusal_is_a_problem_document_with_a_code_and_a_sentence_in_both_languages(
    stage, status, method, address
):
    person = stage.anybody("villages-101") if status == 401 else stage.person(VILLAGE)
    document = stage.person(VILLAGE).get("/api/openapi.json").json()
    answers = {language: person.send(method, address, language=language) for language in ("zh", "en")}
    for answer in answers.values():
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        check(document, {"$ref": "#/components/schemas/Problem"}, answer.json())
    zh, en = (answers[language].json() for language in ("zh", "en"))
    assert zh["code"] == en["code"] and re.search(r"[一-鿿]", zh["title"]) and en["title"].isascii()
