"""What the county bureau's people can open: the shared pages, the county's own, the public question."""

from fastapi import APIRouter

from shared.pages.api import ABOVE_VILLAGES, AT_THE_COUNTY, EVERYWHERE, orders_router
from shared.pages.routes import (
    county,
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
    """The routers of the county's node, in the order in which addresses are tried."""
    shared = [today, door, people, state, parked, proof, matters, referrals, reports, letters, county]
    tables = [orders_router(table) for table in (EVERYWHERE, ABOVE_VILLAGES, AT_THE_COUNTY)]
    return [*tables, *(module.router for module in shared), letters.issuing, reports.sheets]
