"""The page for what did not work: what happened, what to do, and what was typed, kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse

from shared.web.form import Form, Typed
from shared.web.languages.words import sentence
from shared.web.render import Frame, language_of, render
from shared.work.common.sentences import N_


@dataclass(frozen=True)
class Trouble:
    """One kind of failure. `again`: sending the same form once more can help and does no harm."""

    title: str
    advice: str
    again: bool = False


TROUBLES = {
    400: Trouble(
        N_("This request could not be read"),
        N_("Go back, check what you entered and send it again."),
    ),
    401: Trouble(
        N_("Please sign in first"),
        N_("Nothing was changed. Sign in, then open this page again."),
    ),
    403: Trouble(
        N_("You may not do this here"),
        N_("Nothing was changed. If it belongs to your work, ask your office's administrator."),
    ),
    404: Trouble(
        N_("There is no such page"),
        N_("Check the address, or start from the first page. Another office may keep this matter."),
    ),
    405: Trouble(
        N_("This page cannot be opened in this way"),
        N_("Start from the first page and use the buttons there."),
    ),
    409: Trouble(
        N_("This cannot be done as things stand now"),
        N_(
            "Nothing of yours was recorded. Open it again, see how it stands now, and repeat what"
            " is still needed."
        ),
    ),
    413: Trouble(
        N_("This is too large to take"),
        N_("Nothing was recorded. Shorten the text or choose a smaller file, then send it again."),
    ),
    422: Trouble(
        N_("This cannot be done as asked"),
        N_("Nothing was recorded. Go back, change the answer and send it again."),
    ),
    429: Trouble(
        N_("Too many tries in a short time"),
        N_("Wait five minutes, then try again."),
        again=True,
    ),
    500: Trouble(
        N_("Something went wrong on our side"),
        N_("What was acknowledged before is safe. You may send it again: it counts only once."),
        again=True,
    ),
    503: Trouble(
        N_("This office cannot record anything at the moment"),
        N_("Wait a minute, then send it again: even if it did arrive, it counts only once."),
        again=True,
    ),
}
"""By HTTP status; a status that is not here is shown as 500 (or 400 below it)."""

_SECRET = ("password", "csrf", "query_code", "token")


def error_page(
    request: Request,
    status: int,
    frame: Frame,
    *,
    sentence_id: str = "",
    facts: Mapping[str, object] | None = None,
    typed: Typed | None = None,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page for `status` in the reader's language.

    `sentence_id` and `facts` are a refusal's own sentence, shown above the advice. `typed` is what
    the refused form held: it is shown for copying, and offered for sending again where that helps;
    passwords and codes never are.
    """
    trouble = trouble_of(status)
    told = sentence(language_of(request), sentence_id, facts) if sentence_id else ""
    return render(
        request,
        "error.html",
        frame,
        status=status,
        headers=headers,
        trouble=trouble,
        told=told,
        kept=_kept(typed or {}),
        again=trouble.again and bool(typed) and not _has_secret(typed or {}),
    )


def trouble_of(status: int) -> Trouble:
    """What a status means to a reader."""
    return TROUBLES.get(status) or TROUBLES[400 if status < 500 else 500]


def _kept(typed: Typed) -> Form:
    """What may be shown again."""
    return Form({name: value for name, value in typed.items() if not _is_secret(name)})


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET)


def _has_secret(typed: Typed) -> bool:
    """Whether the form would be incomplete without what must not be echoed."""
    return any(_is_secret(name) and name != "csrf" for name in typed)
