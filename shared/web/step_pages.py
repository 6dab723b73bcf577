"""Pages of steps: an order as a small form at the thing that it is about, derived from its declaration."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from shared.orders.order import Order
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.rules import right
from shared.web.stepping import show_step, take_step


@dataclass(frozen=True)
class Begun:
    """What the page of a step begins with.

    `unit` is the office whose right it is, `subject` what stands above the form, `version` the state that is shown,
    `values` what is filled in already.
    """

    unit: UUID
    subject: str
    version: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """What steps are about: a case, a letter, a unit.

    `name` is what a step calls it, `field` the field of the order and the parameter in `path` (`/matters/{case}`).
    `begin` looks the thing up; errors: NotFound, NotAllowed. `back` is the page to go to afterwards.
    """

    name: str
    field: str
    path: str
    begin: Callable[[Here, UUID, type[Order]], Begun]
    back: Callable[[Here, UUID], str]


def step_router(thing: Thing, orders: Iterable[type[Order]]) -> APIRouter:
    """A page for each order that is a step of the thing: shown by GET, taken by POST."""
    router = APIRouter()
    for order in orders:
        step = order.DECLARED.step
        if step and step.thing == thing.name and not step.drawn_by_hand:
            _add(router, thing, order, f"{thing.path}/{step.name}")
    return router


def _add(router: APIRouter, thing: Thing, order: type[Order], path: str) -> None:
    rights = order.DECLARED.actions

    def show(about: UUID, here: HereNow) -> Response:
        begun = thing.begin(here, about, order)
        here.require_any(rights, begun.unit)
        return show_step(
            here,
            order,
            action=_at(path, thing, about),
            back=thing.back(here, about),
            subject=begun.subject,
            version=begun.version if "version" in order.model_fields else None,
            form=Form({**here.request.query_params, **begun.values}),
        )

    async def take(about: UUID, here: HereNow) -> Response:
        back = await run_in_threadpool(thing.back, here, about)
        known: dict[str, Any] = {thing.field: about}
        return await take_step(here, order, action=_at(path, thing, about), back=back, **known)

    for page, method in ((show, "GET"), (take, "POST")):
        page.__annotations__["about"] = Annotated[UUID, Path(alias=thing.field)]
        _add_route(router, path, page, method, rights)


def _add_route(router: APIRouter, path: str, page: Any, method: str, rights: tuple[str, ...]) -> None:
    rule = [right(*rights)]
    router.add_api_route(path, page, methods=[method], dependencies=rule, include_in_schema=False)


def _at(path: str, thing: Thing, about: UUID) -> str:
    return path.replace(f"{{{thing.field}}}", str(about))
