"""The description of an app's JSON doors: each with a sentence, what it answers, and how it refuses."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from shared.accounts.refusals import FormNotOurs
from shared.orders.order import Order
from shared.web.here import NotSignedIn, PasswordMustChange
from shared.web.rehearsal_clock import MomentNotOfTheRehearsal, NoSuchMoment, NotOfTheRehearsal
from shared.web.statuses import status_of
from shared.work.common.refusals import Refusal

PROBLEM = "application/problem+json"
REFUSALS = {
    400: "The request could not be read.",
    401: "Nobody is signed in.",
    403: "The rights table says no, or the form token is missing.",
    404: "There is no such thing at this office.",
    409: "It stands differently now, for example because of a stale version.",
    413: "The body is too large.",
    422: "The input is impossible, or has another shape (`wrong-shape`).",
    429: "Too many tries in a short time.",
    503: "Nothing can be recorded at the moment; send it again.",
}
"""Every status that a JSON door refuses with, and why."""

BEFORE_AN_ORDER = (
    NotSignedIn,
    PasswordMustChange,
    FormNotOurs,
    NotOfTheRehearsal,
    MomentNotOfTheRehearsal,
    NoSuchMoment,
)
"""How the door itself refuses, before it gives an order."""

UNREAD = (400, 413)
"""What is refused so was not read, so no refusal has these."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    kind: str
    says: str


class Problem(BaseModel):
    """Why something was not done (RFC 9457); `code` is stable, `title` is in the reader's language."""

    type: str
    status: int
    code: str
    title: str
    facts: dict[str, str] = Field(default={}, description="values of the sentence")
    errors: list[FieldProblem] = Field(default=[], description="one entry a wrong field")


def describe(app: FastAPI, orders: Iterable[type[Order]]) -> None:
    """Let the app's OpenAPI document say of every operation what it is and how it refuses; of an order, with what."""
    usual = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(usual(), {operation_name(order): order for order in orders})
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def operation_name(order: type[Order]) -> str:
    """What the operation is called that gives this order."""
    return order.DECLARED.name.replace("-", "_")


def refusals_of(order: type[Order]) -> tuple[type[Refusal], ...]:
    """Everything that a program may be refused with which gives this order."""
    return (*BEFORE_AN_ORDER, *order.DECLARED.possible_refusals)


def _completed(document: dict[str, Any], orders: Mapping[str, type[Order]]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    refused = {kind.code: kind for order in orders.values() for kind in refusals_of(order)}
    document["components"]["examples"] = {code: _example(kind) for code, kind in sorted(refused.items())}
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete(operation, orders.get(operation["operationId"]))
    return document


def _complete(operation: dict[str, Any], order: type[Order] | None) -> None:
    if said := operation.pop("description", ""):
        operation["summary"] = said.splitlines()[0]
    answers = {status: said for status, said in operation["responses"].items() if int(status) < 400}
    refused = {status: _refused(status) for status in REFUSALS} if order is None else _refused_order(order)
    operation["responses"] = answers | {str(status): answer for status, answer in refused.items()}


def _refused_order(order: type[Order]) -> dict[int, Any]:
    """How an order is refused: under each status its codes, as many as it has."""
    by_status: dict[int, list[str]] = {status: [] for status in UNREAD}
    for kind in refusals_of(order):
        by_status.setdefault(status_of(kind), []).append(kind.code)
    return {status: _refused(status, sorted(codes)) for status, codes in sorted(by_status.items())}


def _refused(status: int, codes: Iterable[str] = ()) -> dict[str, Any]:
    """One way of refusing; every code is an example, whose summary is its sentence."""
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if examples := {code: {"$ref": f"#/components/examples/{code}"} for code in codes}:
        content["examples"] = examples
    told = ", ".join(f"`{code}`" for code in examples)
    why = f"{REFUSALS[status]} Codes: {told}." if told else REFUSALS[status]
    return {"description": why, "content": {PROBLEM: content}}


def _example(kind: type[Refusal]) -> dict[str, Any]:
    """A refusal as a program reads it; values of the sentence stand in braces."""
    told = re.sub(r"%\((\w+)\)s", r"{\1}", kind.sentence)
    problem = {"type": problem_type(kind.code), "status": status_of(kind), "code": kind.code, "title": told}
    return {"summary": told, "value": problem}


def problem_type(code: str) -> str:
    """The stable name of a kind of problem, in RFC 9457's form."""
    return f"urn:huiyin:problem:{code}"
