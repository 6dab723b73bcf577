"""The description of an app's JSON doors: each with a sentence, what it answers, and how it refuses."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

PROBLEM = "application/problem+json"
REFUSALS = {
    400: "The request could not be read.",
    401: "Nobody is signed in.",
    403: "The rights table says no, or the form token is missing.",
    404: "There is no such thing at this office.",
    409: "It stands differently now, for example because of a stale version.",
    413: "The body is too large.",
    422: "The input is impossible or has another shape.",
    429: "Too many tries in a short time.",
    503: "Nothing can be recorded at the moment; send it again.",
}
"""Every status that a JSON door refuses with, and why."""


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


def describe(app: FastAPI) -> None:
    """Let the app's OpenAPI document say of every operation what it is and how it refuses."""
    usual = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(usual())
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete(operation)
    return document


def _complete(operation: dict[str, Any]) -> None:
    if said := operation.pop("description", ""):
        operation["summary"] = said.splitlines()[0]
    answers = {status: said for status, said in operation["responses"].items() if int(status) < 400}
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {str(status): {"description": why, "content": content} for status, why in REFUSALS.items()}
    operation["responses"] = answers | refusals
