"""The JSON doors: every order under `/api/orders/<name>`, the same classes as the pages use."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field

from shared.orders.example import example_of
from shared.orders.giving import give
from shared.orders.order import Order
from shared.web.here import HereNow
from shared.web.openapi import operation_name
from shared.web.rules import right
from shared.web.stepping import KEY_LONGEST


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


def orders_router(orders: Iterable[type[Order]]) -> APIRouter:
    """JSON routes for orders; tried in the given order, so the most frequent come first."""
    router = APIRouter(prefix="/api/orders", tags=["orders"])
    for order in orders:
        declared = order.DECLARED
        for name in (declared.name, *declared.earlier_names):
            router.add_api_route(
                f"/{name}",
                _handler(order),
                methods=["POST"],
                status_code=201,
                response_model=Answer,
                dependencies=[right(*declared.actions)],
                summary=(order.__doc__ or declared.name).strip().splitlines()[0],
                operation_id=operation_name(order),
                openapi_extra={
                    "requestBody": {"content": {"application/json": {"example": example_of(order)}}}
                },
                include_in_schema=name == declared.name,
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
