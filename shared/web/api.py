"""The JSON doors: every order under `/api/orders/<name>`, the same classes as the pages use."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field

from shared.orders.giving import give
from shared.orders.order import Order
from shared.web.here import HereNow
from shared.web.rules import right
from shared.web.stepping import KEY_LONGEST
from shared.work.directory import orders as directory
from shared.work.matters.orders import handling, registering
from shared.work.reports import orders as reports
from shared.work.supervision import orders as supervision

EVERYWHERE: dict[str, tuple[type[Order], tuple[str, ...]]] = {
    "file-report": (reports.FileReport, ("report.file",)),
    "register-matter": (registering.RegisterMatter, ("matter.register",)),
    "correct-matter": (registering.CorrectMatter, ("matter.correct",)),
    "classify-matter": (registering.ClassifyMatter, ("matter.classify",)),
    "refer-matter": (registering.ReferMatter, ("matter.refer", "matter.assign")),
    "keep-matter": (registering.KeepMatter, ("matter.keep",)),
    "withdraw-matter": (registering.WithdrawMatter, ("matter.withdraw",)),
    "answer-objection": (registering.AnswerObjection, ("referral.answer_objection",)),
    "accept-referral": (handling.AcceptReferral, ("referral.accept",)),
    "decline-referral": (handling.DeclineReferral, ("referral.not_accept",)),
    "object-to-referral": (handling.ObjectToReferral, ("referral.object",)),
    "pass-on": (handling.PassOn, ("matter.pass_on",)),
    "answer-passed-on-objection": (handling.AnswerPassedOnObjection, ("referral.answer_objection",)),
    "give-opinion": (handling.GiveOpinion, ("referral.opinion",)),
    "serve-opinion": (handling.ServeOpinion, ("referral.serve",)),
    "complete-referral": (handling.CompleteReferral, ("referral.complete",)),
    "release-referral": (handling.ReleaseReferral, ("referral.release",)),
    "correct-report": (reports.CorrectReport, ("report.correct",)),
    "answer-letter": (supervision.AnswerLetter, ("supervision.answer",)),
}
"""Orders of every tier: name in the address, class, rights that it checks. Tried in this order: two of three are
reports."""

ABOVE_VILLAGES: dict[str, tuple[type[Order], tuple[str, ...]]] = {
    "excuse-unit": (reports.ExcuseUnit, ("report.excuse",)),
}

AT_THE_COUNTY: dict[str, tuple[type[Order], tuple[str, ...]]] = {
    "issue-letter": (supervision.IssueLetter, ("supervision.issue",)),
    "repeat-letter": (supervision.RepeatLetter, ("supervision.issue",)),
    "lift-letter": (supervision.LiftLetter, ("supervision.lift",)),
    "override-offer": (handling.OverrideOffer, ("referral.override",)),
    "open-unit": (directory.OpenUnit, ("directory.change",)),
    "rename-unit": (directory.RenameUnit, ("directory.change",)),
    "rehost-unit": (directory.RehostUnit, ("directory.change",)),
    "set-contact": (directory.SetContact, ("directory.change",)),
    "close-unit": (directory.CloseUnit, ("directory.change",)),
}


class Answer(BaseModel):
    """What an order answers once it is durable.

    `stream` and `version` are what a following order names; `facts` are the ids of what was recorded.
    """

    model_config = ConfigDict(extra="allow")

    stream: str | None = Field(description="id of the stream that was changed")
    version: int | None = Field(description="its version now; send it with the next order")
    recorded_at: datetime
    facts: list[str]


Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=KEY_LONGEST, description="makes a repeated request harmless"),
]


def orders_router(table: dict[str, tuple[type[Order], tuple[str, ...]]]) -> APIRouter:
    """JSON routes for a table of orders."""
    router = APIRouter(prefix="/api/orders", tags=["orders"])
    for name, (order, rights) in table.items():
        router.add_api_route(
            f"/{name}",
            _handler(order),
            methods=["POST"],
            status_code=201,
            response_model=Answer,
            dependencies=[right(*rights)],
            summary=(order.__doc__ or name).strip().splitlines()[0],
            operation_id=name.replace("-", "_"),
        )
    return router


def _handler(kind: type[Order]) -> Callable[..., Any]:
    async def handler(
        order: Any, here: HereNow, idempotency_key: Key = None, form_token: str | None = None
    ) -> Any:
        person = here.signed_in()
        here.require_token(form_token)
        return await give(here.office, person, order, key=idempotency_key, at=here.at)

    handler.__annotations__ |= {
        "order": kind,
        "form_token": Annotated[str | None, Header(alias="Huiyin-Form-Token")],
    }
    return handler
