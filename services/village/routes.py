"""What a village's people can open; most of it is mounted from the shared pages."""

from fastapi import APIRouter

from shared.pages.api import EVERYWHERE, orders_router
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
    """The routers of a village node, in the order in which addresses are tried."""
    shared = [today, door, people, state, parked, proof, matters, referrals, reports, letters]
    return [orders_router(EVERYWHERE), *(module.router for module in shared)]
