"""Pages that have not changed are not made again: whoever asks with the tag of what he has gets 304, and no database is asked.

A tag says of what a page was made: the revision of the node, who reads it with which rights, the language, the stretch
of the day (what only the clock changes, it changes at midnight and at the cut-offs). A page that shows an opened sealed
text has none, and is never kept (decision 0018).
"""

from datetime import datetime, time
from hashlib import blake2s
from typing import Any

from fastapi import Depends

from shared.web.here import Here, HereNow
from shared.web.render import language_of
from shared.work.common.calendar import ZONE


class Unchanged(Exception):
    """The reader has the page already; `tag` is its tag."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


async def _unless_unchanged(here: HereNow) -> None:
    """Give the page its tag before anything is asked. Errors: Unchanged."""
    tag = _tag(here)
    if tag and tag in here.request.headers.get("if-none-match", ""):
        raise Unchanged(tag)
    here.request.state.tag = tag


KEPT: Any = Depends(_unless_unchanged)
"""The dependency of a page that whoever has it need not be sent again."""


def _tag(here: Here) -> str:
    revision, person = here.office.revision(), here.person
    if not revision or person is None:
        return ""
    reader = (
        person.account,
        person.name,
        person.role,
        person.unit,
        person.must_change_password,
        person.reset_at,
        person.form_token,
    )
    said = (here.office.name, revision, reader, language_of(here.request).value, _stretch_of_the_day(here))
    return f'W/"{blake2s(repr(said).encode(), digest_size=16).hexdigest()}"'


def _stretch_of_the_day(here: Here) -> datetime:
    """When the clock last changed what a page shows."""
    at = here.at.astimezone(ZONE)
    hours = {time(), *vars(here.office.settings.network.cut_offs).values()}
    return datetime.combine(
        at.date(), max(hour for hour in hours if hour < at.time() or hour == time()), ZONE
    )
