"""The doors of the three tiers: which pages each has, and one factory that makes an app of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from shared.orders.order import Order
from shared.web.api import orders_router
from shared.web.app import make_app
from shared.web.languages.labels import learn_words
from shared.web.render import MenuEntry, NavigationItem
from shared.web.step_pages import Thing, step_router
from shared.work.account_changes import pages as account_changes
from shared.work.catalogue import SUBJECTS, orders_of
from shared.work.common.sentences import N_
from shared.work.common.words import Tier
from shared.work.directory.pages import nodes as node_pages
from shared.work.directory.pages import units as directory
from shared.work.matters.pages import matter, matters, referrals, registration
from shared.work.office.pages import accounts, own_account, parked, proof, sign_in, state
from shared.work.quotas import pages as quotas
from shared.work.registers.pages.register import RegisterPages
from shared.work.reports.pages import reports, sheets
from shared.work.subject import Subject
from shared.work.supervision import pages as supervision
from shared.work.today import pages as today

TEMPLATES = tuple(sorted(Path(__file__).parent.glob("*/templates")))
"""The folders of every subject; a template's name is used once in the whole house."""

_EVERYWHERE = (
    *(today, sign_in, own_account, accounts, account_changes, state, parked, proof, quotas),
    *(matters, registration, matter, referrals, reports, supervision),
)
_PAGES = {
    Tier.VILLAGE: (),
    Tier.TOWNSHIP: (sheets.router,),
    Tier.COUNTY: (sheets.router, node_pages.router, directory.router),
}
"""Pages that not every tier has. What only one tier's people see stands in its door below `services`."""


QUOTAS = MenuEntry(NavigationItem(N_("Quotas"), "/quotas"), quotas.RAISE.action)
"""For directors alone: nobody else has more to do there than to look, and comes from the account's page."""


def tier_app(
    tier: Tier,
    own: Iterable[APIRouter] = (),
    templates: Iterable[Path] = (),
    subjects: Sequence[Subject] = SUBJECTS,
) -> FastAPI:
    """The app that serves any node of a tier: what all have, what this tier has, and what it adds itself."""
    for one in subjects:
        learn_words("Fact", {fact.TOPIC: fact.SAYS for fact in one.facts if fact.SAYS})
        for kind, words in one.words.items():
            learn_words(kind, words)
    orders = orders_of(tier, subjects)
    registers = [page for page in registers_of(subjects) if tier in page.register.tiers]
    routers = [*_routers(tier, orders, registers), *own]
    menu = [*map(_menu_entry, registers), QUOTAS]
    return make_app(tier.value, routers, (*TEMPLATES, *templates), orders, menu)


def registers_of(subjects: Iterable[Subject] = SUBJECTS) -> list[RegisterPages]:
    """The pages of every register."""
    return [RegisterPages(one, one.records) for one in subjects if one.records]


def things(registers: Iterable[RegisterPages]) -> list[Thing]:
    """What steps are about: each has a page at which they are offered."""
    return [
        matter.CASE,
        matter.REFERRAL,
        supervision.LETTER,
        node_pages.NODE,
        directory.UNIT,
        *(one.thing for one in registers),
    ]


def _routers(tier: Tier, orders: list[type[Order]], registers: list[RegisterPages]) -> Iterable[APIRouter]:
    """The routers of a tier, in the order in which addresses are tried."""
    yield orders_router(orders)
    yield from (module.router for module in _EVERYWHERE)
    yield from _PAGES[tier]
    yield from (one.router for one in registers)
    yield from (step_router(thing, orders) for thing in things(registers))


def _menu_entry(pages: RegisterPages) -> MenuEntry:
    """A register stands in the menu after the tier's own entries."""
    return MenuEntry(NavigationItem(pages.register.title, pages.path), pages.register.read.action)
