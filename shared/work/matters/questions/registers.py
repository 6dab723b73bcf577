"""The numbers of a unit's own register."""

from sqlalchemy import Connection, bindparam, func, select

from shared.work.common.fact import UnitId
from shared.work.common.numbering import numbers_before
from shared.work.matters.questions.cases import CASES

_UNIT, _YEAR = bindparam("unit", type_=CASES.c.unit.type), bindparam("year", type_=CASES.c.year.type)
_HIGHEST = select(func.max(CASES.c.register_no)).where(CASES.c.unit == _UNIT, CASES.c.year == _YEAR)


def last_register_no(connection: Connection, unit: UnitId, year: int) -> int:
    """The last number of the unit's register of a year that is known; 0 when there is none."""
    return connection.scalar(_HIGHEST, {"unit": unit, "year": year}) or 0


def next_register_no(connection: Connection, unit: UnitId, year: int, life: int = 1) -> int:
    """The number that the unit's next matter of the year gets: counted from 1, in a later life from where that begins."""
    return max(last_register_no(connection, unit, year), numbers_before(life)) + 1
