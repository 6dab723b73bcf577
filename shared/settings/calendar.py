"""The calendar that this release comes with; a later release brings later years."""

from functools import cache

from shared import data
from shared.work.common.calendar import Calendar


@cache
def calendar_in_use() -> Calendar:
    """The packaged calendar, read once."""
    return Calendar.parse(data.text(data.CALENDAR))
