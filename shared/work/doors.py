"""The doors of the three tiers: which pages each has, and one factory that makes an app of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, FastAPI

from shared.web.api import ABOVE_VILLAGES, AT_THE_COUNTY, EVERYWHERE, orders_router
from shared.web.app import make_app
from shared.work.directory import pages as directory
from shared.work.matters.pages import matters, referrals
from shared.work.office.pages import accounts, parked, proof, sign_in, state
from shared.work.reports import pages as reports
from shared.work.supervision import pages as supervision
from shared.work.today import pages as today

Door = Literal["village", "township", "county"]

TEMPLATES = tuple(sorted(Path(__file__).parent.glob("*/templates")))
"""The folders of every subject; a template's name is used once in the whole house."""


def door(tier: Door, own: Iterable[APIRouter] = (), templates: Iterable[Path] = ()) -> FastAPI:
    """The app that serves any node of a tier: what all have, what this tier has, and what it adds itself."""
    return make_app(tier, [*_routers(tier), *own], (*TEMPLATES, *templates))


def _routers(tier: Door) -> list[APIRouter]:
    """The routers of a tier, in the order in which addresses are tried."""
    everywhere = [today, sign_in, accounts, state, parked, proof, matters, referrals, reports, supervision]
    tables = {
        "village": (EVERYWHERE,),
        "township": (EVERYWHERE, ABOVE_VILLAGES),
        "county": (EVERYWHERE, ABOVE_VILLAGES, AT_THE_COUNTY),
    }[tier]
    more = {"village": (), "township": (reports.sheets,), "county": _OF_THE_COUNTY}[tier]
    return [*map(orders_router, tables), *(module.router for module in everywhere), *more]


_OF_THE_COUNTY = (directory.router, supervision.issuing, reports.sheets)
