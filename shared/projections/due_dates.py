"""Due dates in rows: reckoned when the fact is written, by the calendar of the release that writes it."""

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date

from shared.settings.calendar import calendar_in_use
from shared.work.common.limits import Limit, due


def due_columns(name: str) -> tuple[Column[Any], Column[Any]]:
    """A due date, and whether it is provisional. Its projection names `calendar_rules` among its rules."""
    return Column(name, Date), Column(f"{name}_provisional", Boolean)


def due_values(name: str, limit: Limit, start: date) -> dict[str, Any]:
    """The values of `due_columns` for a limit that started on a day, by the packaged calendar."""
    reckoned = due(limit, start, calendar_in_use())
    return {name: reckoned.day, f"{name}_provisional": reckoned.provisional}


def calendar_rules() -> str:
    """What the calendar says: with another one the rows are made anew."""
    return calendar_in_use().text()
