"""The doors of the three tiers: which pages each has, and one factory that makes an app of them."""

from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, FastAPI

from shared.orders.order import Order
from shared.web.api import orders_router
from shared.web.app import make_app
from shared.web.languages.labels import learn_words
from shared.web.step_pages import step_router
from shared.work.catalogue import SUBJECTS, orders_of
from shared.work.common.words import Tier
from shared.work.directory import pages as directory
from shared.work.matters.pages import matters, referrals
from shared.work.office.pages import accounts, parked, proof, sign_in, state
from shared.work.reports import pages as reports
from shared.work.supervision import pages as supervision
from shared.work.today import pages as today

for _subject in SUBJECTS:
    learn_words("Fact", {fact.TOPIC: fact.SAYS for fact in _subject.facts if fact.SAYS})
    for _kind, _words in _subject.words.items():
        learn_words(_kind, _words)

TEMPLATES = tuple(sorted(Path(__file__).parent.glob("*/templates")))
"""The folders of every subject; a template's name is used once in the whole house."""

THINGS = (matters.CASE, matters.REFERRAL, supervision.LETTER, directory.UNIT)
"""What steps are about: each has a page at which they are offered."""

_PAGES = {
    Tier.VILLAGE: (),
    Tier.TOWNSHIP: (reports.sheets,),
    Tier.COUNTY: (reports.sheets, directory.router),
}
"""Pages that not every tier has. What only one tier's people see stands in its door below `services`."""


def door(tier: Tier, own: Iterable[APIRouter] = (), templates: Iterable[Path] = ()) -> FastAPI:
    """The app that serves any node of a tier: what all have, what this tier has, and what it adds itself."""
    orders = orders_of(tier)
    return make_app(tier.value, [*_routers(tier, orders), *own], (*TEMPLATES, *templates), orders)


def _routers(tier: Tier, orders: list[type[Order]]) -> list[APIRouter]:
    """The routers of a tier, in the order in which addresses are tried."""
    everywhere = [today, sign_in, accounts, state, parked, proof, matters, referrals, reports, supervision]
    pages = [module.router for module in everywhere]
    return [orders_router(orders), *pages, *_PAGES[tier], *(step_router(thing, orders) for thing in THINGS)]
