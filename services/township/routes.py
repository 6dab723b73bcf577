"""What a township's people can open: the shared pages, and the sheet of its villages."""

from fastapi import APIRouter

from shared.pages.api import ABOVE_VILLAGES, EVERYWHERE, orders_router
from shared.pages.routes import (
    door,
    letters,
    matters,
    parked,
    people,
    proof,
    referrals,
    reports,
    state,
    today,
)


def routers() -> list[APIRouter]:
    """The routers of a township node, in the order in which addresses are tried."""
    shared = [today, door, people, state, parked, proof, matters, referrals, reports, letters]
    tables = [orders_router(EVERYWHERE), orders_router(ABOVE_VILLAGES)]
    return [*tables, *(module.router for module in shared), reports.sheets]
