"""The JSON doors: every order under `/api/orders/<name>`, the same classes as the pages use.

An order that is as it should be is read, given and answered without FastAPI's machinery, which took more time than
deciding it did; one that is not goes to FastAPI, which says what is wrong with it.
"""

from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.orders.example import example_of
from shared.orders.giving import give
from shared.orders.order import Order
from shared.web.here import Here, HereNow, asked_here
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


JSON = "application/json"
KEY, TOKEN = "Idempotency-Key", "Huiyin-Form-Token"
Key = Annotated[
    str | None,
    Header(alias=KEY, max_length=KEY_LONGEST, description="makes a repeated request harmless"),
]


def orders_router(orders: Iterable[type[Order]]) -> APIRouter:
    """JSON routes for orders; tried in the given order, so the most frequent come first."""
    router = APIRouter(prefix="/api/orders", tags=["orders"], route_class=OrderRoute)
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


class OrderRoute(APIRoute):
    """The route of an order: declared like any other, so that description and rights are as of every route."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The short way, and FastAPI's where the request is not as described."""
        usual, kind = super().get_route_handler(), self.endpoint.__annotations__["order"]

        async def handler(request: Request) -> Response:
            order, key = await _read(kind, request), request.headers.get(KEY)
            if order is None or len(key or "") > KEY_LONGEST:
                return await usual(request)
            answer = await _give(order, await asked_here(request), key, request.headers.get(TOKEN))
            return Response(orjson.dumps(answer), self.status_code or 201, media_type=JSON)

        return handler


async def _read(kind: type[Order], request: Request) -> Order | None:
    """The order in a request's body; none when it is not as described."""
    if request.headers.get("content-type") != JSON:
        return None
    try:
        return kind.model_validate(orjson.loads(await request.body()))
    except (orjson.JSONDecodeError, ValidationError):
        return None


def _handler(kind: type[Order]) -> Callable[..., Any]:
    async def handler(
        order: Any, here: HereNow, idempotency_key: Key = None, form_token: str | None = None
    ) -> Any:
        return await _give(order, here, idempotency_key, form_token)

    handler.__annotations__ |= {
        "order": kind,
        "form_token": Annotated[str | None, Header(alias=TOKEN)],
    }
    return handler


async def _give(order: Order, here: Here, key: str | None, form_token: str | None) -> dict[str, Any]:
    person = here.signed_in()
    here.require_token(form_token)
    return await give(here.office, person, order, key=key, at=here.at)
