"""The list of subjects, and what a node is handed of all of them.

To add a subject: its folder (or, for a register, its one file), and a line in `SUBJECTS`.
"""

from collections.abc import Iterable

from shared.event_log.names import learn
from shared.node.work import Work
from shared.orders.order import Order, Reaction
from shared.projections import entitlements, last_contact
from shared.projections.projections import Projections
from shared.work.common.words import Tier
from shared.work.directory import orders as directory_orders
from shared.work.directory import questions as units
from shared.work.directory import unit
from shared.work.key_origins import began
from shared.work.matters import case, override, reactions, referral
from shared.work.matters.orders import handling, registering
from shared.work.matters.questions import cases, offers, referrals, timeline
from shared.work.reports import orders as report_orders
from shared.work.reports import reporting_day
from shared.work.reports.questions import reporting_obligations, reports
from shared.work.subject import Subject
from shared.work.supervision import letter
from shared.work.supervision import orders as supervision_orders
from shared.work.supervision import questions as supervisions

DIRECTORY = Subject("directory", (unit,), (directory_orders,), (units.PROJECTION,))

SUBJECTS = (
    Subject(
        "reports", (reporting_day,), (report_orders,), (reporting_obligations.PROJECTION, reports.PROJECTION)
    ),
    Subject(
        "matters",
        (case, referral, override),
        (registering, handling),
        (cases.PROJECTION, referrals.PROJECTION, timeline.PROJECTION),
        reactions.REACTIONS,
    ),
    Subject("supervision", (letter,), (supervision_orders,), (supervisions.PROJECTION,)),
    DIRECTORY,
)
"""Reports come first: two of three orders of a day are reports, and addresses are tried in this order."""

OF_EVERY_SUBJECT = (last_contact.PROJECTION, entitlements.PROJECTION)
"""Projections that take facts of whichever subject."""


def work_of(subjects: Iterable[Subject]) -> Work:
    """What a node is handed of these subjects. Errors: NameTaken."""
    listed = tuple(subjects)
    followed: dict[str, tuple[Reaction, ...]] = {}
    for subject in listed:
        learn(subject.streams, subject.facts)
        for name, reaction in subject.reactions.items():
            followed[name] = (*followed.get(name, ()), reaction)
    declared = [projection for subject in listed for projection in subject.projections]
    return Work(
        projections=Projections(
            (*declared, *OF_EVERY_SUBJECT), apart=[fact.TOPIC for fact in DIRECTORY.facts]
        ),
        reactions=followed,
        directory=units.directory,
        offers_not_received=offers.not_received,
        began=began,
    )


def orders_of(tier: Tier, subjects: Iterable[Subject] = SUBJECTS) -> list[type[Order]]:
    """The orders that the doors of a tier take."""
    return [order for subject in subjects for order in subject.orders if tier in order.DECLARED.tiers]


WORK = work_of(SUBJECTS)
ORDERS = {order.DECLARED.name: order for subject in SUBJECTS for order in subject.orders}
"""Address to class."""

FACTS = {fact.TOPIC: fact for subject in SUBJECTS for fact in subject.facts}
"""Stored name to class."""

PROJECTIONS = WORK.projections
