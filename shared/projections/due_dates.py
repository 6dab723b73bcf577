"""Due dates by the calendar of the release that reckons: in rows, while their limit runs; asked for, also of ended ones.

A row is written by the fact that starts a limit and reads nothing, so it does not know the deed that ends it. Lists ask
rows for limits that run; who shows one that ended reckons it with the day of its end.
"""

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date

from shared.settings.calendar import calendar_in_use
from shared.work.common.limits import Due, Limit, due


def due_columns(name: str) -> tuple[Column[Any], Column[Any]]:
    """A due date, and whether it is provisional. Its projection names `calendar_rules` among its rules."""
    day, provisional = due_names(name)
    return Column(day, Date), Column(provisional, Boolean)


def due_names(name: str) -> tuple[str, str]:
    """What the columns of a due date are called."""
    return name, f"{name}_provisional"


def due_values(name: str, limit: Limit, start: date) -> dict[str, Any]:
    """The values of `due_columns` for a limit that started on a day."""
    reckoned = due_in_use(limit, start)
    return {name: reckoned.day, f"{name}_provisional": reckoned.provisional}


def due_in_use(limit: Limit, start: date, ended: date | None = None) -> Due:
    """`due` by the packaged calendar."""
    return due(limit, start, calendar_in_use(), ended)


def calendar_rules() -> str:
    """What the calendar says: with another one the rows are made anew."""
    return calendar_in_use().text
