"""Offices that have moved to another computer, and whether the earlier one has handed over what it had."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Integer, String, Table, Uuid, func, select

from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.common.hand_over import HandedOver
from shared.work.common.unit_info import UnitInfo

HAND_OVERS = Table(
    "hand_overs",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("home", Integer, primary_key=True),
    Column("source", String, primary_key=True),
    Column("running", Integer, primary_key=True),
    Column("portions", Integer),
)
"""Each portion that is known here; `portions` of a home there are, 0 in those that followed afterwards."""


def _handed_over(fact: RecordedFact) -> Iterable[RowChange]:
    named = {name: fact.data[name] for name in ("home", "running")}
    key = {"unit": fact.envelope.unit, "source": fact.envelope.source, **named}
    yield Put(HAND_OVERS, key, {"portions": fact.data["portions"]})


_WHOLE = (
    select(HAND_OVERS.c.unit, HAND_OVERS.c.home)
    .where(HAND_OVERS.c.portions > 0)
    .group_by(HAND_OVERS.c.unit, HAND_OVERS.c.home)
    .having(func.count() == func.max(HAND_OVERS.c.portions))
)


def is_handed_over(connection: Connection, unit: UnitId, home: int) -> bool:
    """Whether all is here that the earlier computer handed over to the one that is the unit's `home`-th."""
    of_home = _WHOLE.where(HAND_OVERS.c.unit == unit, HAND_OVERS.c.home == home)
    return connection.execute(of_home).first() is not None


def on_the_way(connection: Connection, units: Iterable[UnitInfo]) -> set[UnitId]:
    """Those of the units whose earlier computer has not handed over what it had, as far as is known here."""
    moved = [unit for unit in units if len(unit.homes) > 1 and not unit.begins_anew]
    asked = _WHOLE.where(HAND_OVERS.c.unit.in_([unit.unit for unit in moved]))
    handed_over = {(row.unit, row.home) for row in connection.execute(asked)} if moved else set()
    return {unit.unit for unit in moved if (unit.unit, len(unit.homes)) not in handed_over}


PROJECTION = Projection("hand_overs", (HAND_OVERS,), {HandedOver.TOPIC: _handed_over})
