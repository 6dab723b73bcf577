"""The list of subjects, and what a node is handed of all of them.

To add a subject: its folder (or, for a register, its one file), and a line in `SUBJECTS`.
"""

from collections.abc import Iterable

from shared.event_log.names import learn
from shared.node.work import Work
from shared.orders.order import Reaction
from shared.projections import entitlements, last_contact
from shared.projections.projections import Projections
from shared.work.directory import questions as units
from shared.work.directory import unit
from shared.work.key_origins import began
from shared.work.matters import case, override, reactions, referral
from shared.work.matters.questions import cases, offers, referrals, timeline
from shared.work.reports import reporting_day
from shared.work.reports.questions import reporting_obligations, reports
from shared.work.subject import Subject
from shared.work.supervision import letter
from shared.work.supervision import questions as supervisions

DIRECTORY = Subject("directory", (unit,), (units.PROJECTION,))

SUBJECTS = (
    DIRECTORY,
    Subject(
        "matters",
        (case, referral, override),
        (cases.PROJECTION, referrals.PROJECTION, timeline.PROJECTION),
        reactions.REACTIONS,
    ),
    Subject("reports", (reporting_day,), (reporting_obligations.PROJECTION, reports.PROJECTION)),
    Subject("supervision", (letter,), (supervisions.PROJECTION,)),
)

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


WORK = work_of(SUBJECTS)
PROJECTIONS = WORK.projections
