"""A record as its reader sees it: cells of a list, fields of a page, in words and opened where the office has the key."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from shared.web.csv_file import Cell
from shared.web.here import Here
from shared.web.languages import translate
from shared.web.languages.labels import label
from shared.web.languages.words import day_words
from shared.web.lists import Names, open_text
from shared.web.render import language_of
from shared.web.stepping import NO, YES
from shared.work.common.sentences import N_
from shared.work.registers.declaration import Register, kind_of
from shared.work.registers.records import RecordRow

_NO_KEY = N_("The text is sealed. Its key has not arrived at this office yet; it comes by itself.")
_AND_BELOW = N_("%(office)s and the offices below it")
COUNTED = N_("Counted in the figures as")


class Wording:
    """The words of a register for one request."""

    def __init__(self, here: Here, register: Register) -> None:
        self._here, self._register = here, register
        self.language = language_of(here.request)
        self.names = Names(here)
        self.say = translate(self.language).gettext

    def titles(self) -> list[str]:
        """What heads the columns of a list."""
        shown = [self._title(name) for name in self._register.listed]
        return [self.say(N_("Office")), *shown, self.say(N_("State"))]

    def cells(self, line: RecordRow) -> list[str]:
        """A line of a list, as `titles` heads it."""
        shown = [self._said(name, line.entry[name]) for name in self._register.listed]
        return [self.names[line.unit], *shown, self.state(line)]

    def file_cells(self, line: RecordRow) -> list[Cell]:
        """The same for a file: days and numbers as such, in the form that every file has."""
        plain = {name: line.entry[name] for name in self._register.listed}
        shown = [
            value if type(value) in (date, int) else self._said(name, value) for name, value in plain.items()
        ]
        return [self.names[line.unit], *shown, self.state(line)]

    def state(self, line: RecordRow) -> str:
        """The state that a record is in."""
        return self.state_called(line.state)

    def state_called(self, state: str) -> str:
        """The words for a state."""
        return label(self.language, state, self._register.state_kind)

    def with_those_below(self, unit: UUID | None) -> str:
        """The name of an office, saying that those under it are meant as well."""
        return self.say(_AND_BELOW) % {"office": self.names[unit]}

    def fields(self, line: RecordRow, only: Collection[str] = ()) -> list[tuple[str, str]]:
        """Title and words of every field, or of `only` some, that has something in it; a text without its key says so."""
        texts = {name: open_text(self._here, text) or self.say(_NO_KEY) for name, text in line.texts.items()}
        said = {name: self._said(name, value) for name, value in line.entry.items()} | texts
        return [
            (self._title(name), said[name]) for name in only or self._register.field_names if said.get(name)
        ]

    def _title(self, name: str) -> str:
        return self.say(self._register.field(name).title or "")

    def _said(self, name: str, value: Any) -> str:
        kind = kind_of(self._register.field(name))
        if value is None:
            return ""
        if kind is bool:
            return self.say(YES if value else NO)
        if kind is date:
            return day_words(self.language, value)
        if kind is UUID:
            return self.names[value]
        return (
            label(self.language, value, kind.__name__)
            if kind.__name__ in self._register.words
            else str(value)
        )
