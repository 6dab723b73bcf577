"""A form as it goes back to the person who filled it: what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError
from starlette.datastructures import FormData

from shared.web.languages import Language
from shared.web.languages.words import sentence
from shared.work.common.order_refusals import TextNotStorable
from shared.work.common.refusals import Refusal
from shared.work.common.sentences import N_

Typed = Mapping[str, str | Sequence[str]]
"""Field name to what was typed; a list for checkboxes."""


@dataclass(frozen=True)
class Form:
    """Typed values and errors by field; the errors are finished sentences in the reader's language.

    The error of the name "" belongs to the whole form. An empty Form is a fresh one.
    """

    values: Typed = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """What was typed into a field of one value; "" when nothing was."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else (value[0] if value else "")

    def beside(self, fields: Collection[str]) -> Form:
        """The same with every error of a field that is none of these at the whole form, so that none leads nowhere."""
        errors = {name: text for name, text in self.errors.items() if name in fields}
        rest = [text for name, text in self.errors.items() if name not in fields]
        return Form(self.values, {"": rest[0], **errors} if rest else errors)

    def many(self, name: str) -> list[str]:
        """What was ticked in a field of many values."""
        value = self.values.get(name, [])
        return [value] if isinstance(value, str) else list(value)


def typed(data: FormData) -> dict[str, str | list[str]]:
    """The text fields of a submitted form; files are left out, browsers do not keep them."""
    kept: dict[str, str | list[str]] = {}
    for name in data:
        values = [value for value in data.getlist(name) if isinstance(value, str)]
        kept[name] = values[0] if len(values) == 1 else values
    return kept


def require_storable(values: Typed) -> None:
    """Refuse NUL, the one sign that a database server takes in no text; for what no order checks. Errors: TextNotStorable."""
    for name, value in values.items():
        if "\0" in "".join(value):
            raise TextNotStorable(field=name)


def with_errors(language: Language, values: Typed, problem: ValidationError) -> Form:
    """The typed form with pydantic's complaints put into our own sentences, one a field."""
    errors: dict[str, str] = {}
    for error in problem.errors():
        errors.setdefault(_field_of(error["loc"]), complaint(language, error["type"], error.get("ctx", {})))
    return Form(values, errors)


def _field_of(place: tuple[int | str, ...]) -> str:
    """The field that an error belongs to: of an entry in a list, `list.number.field`, counted from 0."""
    of_entry = len(place) > 2 and isinstance(place[1], int)
    return ".".join(map(str, place[:3])) if of_entry else str(place[0]) if place else ""


def with_refusal(language: Language, values: Typed, refusal: Refusal) -> Form:
    """The typed form with a refusal's sentence at the field that it names, ready to be put right and sent as a new order."""
    kept = {name: value for name, value in values.items() if name != "idempotency_key"}
    field = str(refusal.facts.get("field", ""))
    return Form(kept, {field: sentence(language, refusal.sentence, refusal.facts)})


def complaint(language: Language, kind: str, context: Mapping[str, object]) -> str:
    """What to do about one pydantic error type."""
    empty = kind == "string_too_short" and context.get("min_length") == 1
    msgid = _COMPLAINTS["missing"] if empty else _COMPLAINTS.get(kind, _COMPLAINTS[""])
    return sentence(language, msgid, context)


_COMPLAINTS = {
    "": N_("Check this answer: it cannot be used as it is"),
    "missing": N_("Fill in this field"),
    "string_too_short": N_("Write at least %(min_length)s characters"),
    "string_too_long": N_("Shorten this text to %(max_length)s characters"),
    "string_pattern_mismatch": N_("Check the form of this answer"),
    "not_a_name": N_("That is no name. Where the petitioner gave none, leave this empty and say so above"),
    "string_unicode": N_("Type this text again: some of its characters arrived broken"),
    "control_character": N_("Take the invisible control characters out of this text"),
    "nothing_visible": N_("Fill in this field: nothing can be seen of what stands in it"),
    "not_one_line": N_(
        "Type this anew, in one line: it holds hidden signs that break the line or turn its direction"
    ),
    "impossible_day": N_("Choose a day between %(first)s and %(last)s"),
    "int_parsing_size": N_("Write a whole number, for example 12"),
    "int_parsing": N_("Write a whole number, for example 12"),
    "int_from_float": N_("Write a whole number, for example 12"),
    "greater_than_equal": N_("Write a number of %(ge)s or more"),
    "less_than_equal": N_("Write a number of %(le)s or less"),
    "too_long": N_("Give %(max_length)s entries at most"),
    "too_short": N_("Give at least %(min_length)s entries"),
    "enum": N_("Choose one of the answers"),
    "literal_error": N_("Choose one of the answers"),
    "date_parsing": N_("Write a date as year-month-day, for example 2026-03-27"),
    "date_from_datetime_parsing": N_("Write a date as year-month-day, for example 2026-03-27"),
    "uuid_parsing": N_("Choose from the list again: this entry is not known"),
}
