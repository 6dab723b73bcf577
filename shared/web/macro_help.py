"""What template language cannot build itself: lists of choices, parameters for the govuk macros."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from shared.web.form import Form
from shared.web.languages import Language, translate
from shared.web.languages.labels import choices

Parameters = Mapping[str, Any]


def helpers(language: Language) -> Mapping[str, Callable[..., Any]]:
    """The functions that templates/parts/*.html call, bound to a language."""
    return {
        "_fault": partial(_fault, translate(language).gettext("Error")),
        "_choice": partial(_choice, translate(language).gettext("Error")),
        "choices": partial(choices, language),
        "_errors": _errors,
        "_first_two": _first_two,
        "_link": _link,
        "_numeric": _numeric,
    }


def _numeric(headings: Iterable[str]) -> list[tuple[str, str]]:
    """Headings of columns of numbers."""
    return [(str(heading), "numeric") for heading in headings]


def _link(href: str, text: object) -> Markup:
    """A link as a table's cell."""
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(href, text)


def _fault(spoken: str, form: Form, name: str) -> Parameters | None:
    """The errorMessage of a field; `spoken` is the word that screen readers say before it."""
    text = form.errors.get(name)
    return {"text": text, "visuallyHiddenText": spoken} if text else None


def _choice(
    spoken: str,
    form: Form,
    name: str,
    label: str,
    choices: Sequence[Sequence[str]],
    hint: str | None,
    chosen: Collection[str],
) -> Parameters:
    """Parameters of radios and checkboxes; a choice is (value, text) or (value, text, hint)."""
    items = [
        {
            "value": value,
            "text": text,
            "hint": {"text": more[0]} if more else None,
            "checked": str(value) in chosen,
        }
        for value, text, *more in choices
    ]
    return {
        "name": name,
        "fieldset": {"legend": {"text": label, "classes": "govuk-fieldset__legend--s"}},
        "hint": {"text": hint} if hint else None,
        "errorMessage": _fault(spoken, form, name),
        "items": items,
    }


def _errors(form: Form, labels: Mapping[str, str]) -> list[Parameters]:
    """The errorList of a form: each error leads to its field and names it, one of the whole form leads to nothing."""
    return [
        {"href": f"#{name}", "text": f"{labels[name]}: {text}" if name in labels else text}
        if name
        else {"text": text}
        for name, text in form.errors.items()
    ]


def _first_two(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Label and number of each point; what a table shows of a chart."""
    return [row[:2] for row in rows]
