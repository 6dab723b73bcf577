"""Offers that wait for an office: made to it, known here, and not received by it yet."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, select, union

from shared.work.common.fact import UnitId
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.referrals import REFERRALS


def not_received(connection: Connection, units: Collection[UnitId]) -> list[UUID]:
    """Open offers to these units without a referral that took them; an offer has the id of its fact."""
    received = select(REFERRALS.c.offer).where(REFERRALS.c.offer.is_not(None))
    waiting = (
        select(table.c.open_offer).where(table.c.offered_to.in_(units), table.c.open_offer.not_in(received))
        for table in (CASES, REFERRALS)
    )
    return sorted(connection.scalars(union(*waiting)))
