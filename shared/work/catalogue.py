"""The list of subjects, and what a node is handed of all of them.

To add a subject: its folder (or, for a register, its one file), and a line in `SUBJECTS`.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection

from shared.event_log.names import learn
from shared.node.work import Work
from shared.orders.order import Order, Reaction
from shared.projections import entitlements, hand_overs, last_contact, timeline
from shared.projections.projections import Projections
from shared.work.account_changes import change as account_change
from shared.work.account_changes import questions as account_changes
from shared.work.administration import reset
from shared.work.alarms import alarm
from shared.work.alarms import questions as alarms
from shared.work.alarms.raising import raise_alarm
from shared.work.common import hand_over
from shared.work.common.hand_over import HandedOver
from shared.work.common.words import Tier
from shared.work.directory import node_entry, node_orders, tree_orders, unit
from shared.work.directory import orders as directory_orders
from shared.work.directory import questions as units
from shared.work.duty import DUTY_NOTES
from shared.work.matters import case, handling_facts, override, reactions, referral
from shared.work.matters.orders import handling, overriding, referring, registering
from shared.work.matters.questions import cases, key_origins, offers, present_matters, referrals
from shared.work.quotas import orders as quota_orders
from shared.work.quotas import raised, spending
from shared.work.reception_day import RECEPTION_DAYS
from shared.work.reports import excuses, reporting_day
from shared.work.reports import orders as report_orders
from shared.work.reports.questions import excuses as excused_days
from shared.work.reports.questions import reporting_obligations, reports
from shared.work.subject import Subject, register_subject, subject
from shared.work.supervision import answer, letter
from shared.work.supervision import orders as supervision_orders
from shared.work.supervision import questions as supervisions

DIRECTORY = subject(
    "directory", unit, node_entry, directory_orders, tree_orders, node_orders, projections=[units.PROJECTION]
)

ALARMS = subject("alarms", alarm, projections=[alarms.PROJECTION])

HAND_OVERS = subject("hand-overs", hand_over, projections=[hand_overs.PROJECTION])

SUBJECTS = (
    subject(
        "reports",
        *(reporting_day, excuses, report_orders),
        projections=[reporting_obligations.PROJECTION, reports.PROJECTION, excused_days.PROJECTION],
    ),
    subject(
        "matters",
        *(case, handling_facts, referral, override),
        *(registering, referring, handling, overriding),
        projections=[cases.PROJECTION, referrals.PROJECTION, present_matters.PROJECTION],
        reactions=reactions.REACTIONS,
        made_keys=key_origins.made_keys,
    ),
    subject(
        "supervision",
        *(letter, answer, supervision_orders),
        projections=[supervisions.PROJECTION],
        made_keys=supervisions.made_keys,
    ),
    DIRECTORY,
    ALARMS,
    HAND_OVERS,
    subject("account changes", account_change, projections=[account_changes.PROJECTION]),
    subject("administration", reset),
    subject("quotas", raised, quota_orders),
    register_subject(DUTY_NOTES),
    register_subject(RECEPTION_DAYS),
)
"""Reports come first: two of three orders of a day are reports, and addresses are tried in this order."""


def work_of(subjects: Iterable[Subject]) -> Work:
    """What a node is handed of these subjects. Errors: NameTaken."""
    listed = tuple(subjects)
    facts = [fact for one in listed for fact in one.facts]
    followed: dict[str, tuple[Reaction, ...]] = {}
    for one in listed:
        learn(one.streams, one.facts)
        for name, reaction in one.reactions.items():
            followed[name] = (*followed.get(name, ()), reaction)
    declared = [projection for one in listed for projection in one.projections]
    of_every_subject = (timeline.PROJECTION, last_contact.PROJECTION, entitlements.projection(facts))
    origins = [one.made_keys for one in listed if one.made_keys]

    def made_keys(connection: Connection, of: UUID, units: set[UUID]) -> bool:
        return any(origin(connection, of, units) for origin in origins)

    return Work(
        projections=Projections(
            (*declared, *of_every_subject),
            apart=[fact.TOPIC for fact in (*DIRECTORY.facts, *ALARMS.facts, HandedOver)],
        ),
        reactions=followed,
        directory=units.directory,
        offers_not_received=offers.not_received,
        keys_for={fact.TOPIC: fact.KEYS_FOR for fact in facts if fact.KEYS_FOR},
        stays=frozenset(stream.STREAM for one in listed for stream in one.streams if stream.STAYS),
        made_keys=made_keys,
        raise_alarm=raise_alarm,
        within_text=spending.within_text,
        take_file=spending.take_file,
    )


def orders_of(tier: Tier, subjects: Iterable[Subject] = SUBJECTS) -> list[type[Order]]:
    """The orders that the doors of a tier take."""
    return [order for one in subjects for order in one.orders if tier in order.DECLARED.tiers]


WORK = work_of(SUBJECTS)
PROJECTIONS = WORK.projections
ORDERS = {order.DECLARED.name: order for one in SUBJECTS for order in one.orders}
"""Address to class."""
