"""Who began a matter: the one office that made its keys, and may ask for them back after a restore."""

from uuid import UUID

from sqlalchemy import Connection, select

from shared.work.matters.case import Case
from shared.work.matters.numbers import year_and_number
from shared.work.matters.questions.cases import CASES


def made_keys(connection: Connection, subject: UUID, units: set[UUID]) -> bool:
    """Whether one of the units registered the matter.

    Nobody's word is taken: the id was made of the office and the register number.
    """
    number = connection.scalar(select(CASES.c.number).where(CASES.c.case == subject))
    if number is None:
        return False
    year, register_no = year_and_number(number)
    return any(Case.id_for(unit, year, register_no) == subject for unit in units)
