"""Offers that wait for an office: made to it, known here, and not received by it yet."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, Uuid, bindparam, exists, select, union

from shared.work.common.fact import UnitId
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.referrals import REFERRALS


def not_received(connection: Connection, units: Collection[UnitId]) -> list[UUID]:
    """Open offers to these units without a referral that took them; an offer has the id of its fact."""
    return sorted(connection.scalars(_WAITING, {"units": list(units)}))


def _waiting(table: Table) -> Select[Any]:
    received = REFERRALS.alias("received")
    to = table.c.offered_to.in_(bindparam("units", expanding=True, type_=Uuid()))
    return select(table.c.open_offer).where(to, ~exists().where(received.c.offer == table.c.open_offer))


_WAITING = union(_waiting(CASES), _waiting(REFERRALS))
