"""Turns a template and what a route knows into a page in the reader's language.

One Jinja2 environment per language and set of template folders, made once; what belongs to one
request (paths, the switch to the other language) is passed along with the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    select_autoescape,
)

from shared.web.filters import filters
from shared.web.govuk import Govuk
from shared.web.headers import static_version
from shared.web.languages import COOKIE, PARAMETER, Language, choose, known, translate
from shared.web.macro_help import helpers

TEMPLATES = Path(__file__).parent / "templates"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the main menu. `text` is an English msgid (mark it with `N_`)."""

    text: str
    path: str


@dataclass(frozen=True)
class MenuEntry:
    """A menu entry for whoever has the right to what it opens."""

    item: NavigationItem
    right: str


@dataclass(frozen=True)
class Help:
    """Whom to ask: shown in the same place on every page. `name` is an office, not a person."""

    name: str
    phone: str


@dataclass(frozen=True)
class Frame:
    """What surrounds every page of a node, whatever its content.

    `now` is the moment the page is true of (aware UTC). `office` is the unit the reader works for
    and `above` the unit over it, by their own (Chinese) names. `person` is None when nobody is
    signed in; `csrf` is that session's token. `rehearsal` puts the banner on the page, `reset_at` the word that somebody
    else set the person's password then.
    """

    now: datetime
    office: str = ""
    above: str = ""
    person: str | None = None
    csrf: str = ""
    reset_at: datetime | None = None
    rehearsal: bool = False
    navigation: tuple[NavigationItem, ...] = ()
    help: Help | None = None


@cache
def environment(language: Language, folders: tuple[Path, ...] = ()) -> Environment:
    """Jinja2 for one language: the kit's templates first, then those of `folders` in order."""
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (TEMPLATES, *folders)]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(translate(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(filters(language))
    made.globals.update(helpers(language), govuk=Govuk(), new_key=lambda: str(uuid4()))
    return made


def language_of(request: Request) -> Language:
    """The language this request is to be answered in."""
    accept = request.headers.get("accept-language", "")
    return choose(request.query_params, request.cookies, accept)


def render(
    request: Request,
    template: str,
    frame: Frame,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: object,
) -> HTMLResponse:
    """The page made of `template` with `context`, in the reader's language.

    The app's own template folders are `app.state.templates` (see `headers.dress`). Raises
    jinja2.UndefinedError for a name the template uses and nobody gave.
    """
    language = language_of(request)
    jinja = environment(language, getattr(request.app.state, "templates", ()))
    text = jinja.get_template(template).render(**_surroundings(request, language, frame), **context)
    page = HTMLResponse(text, status_code=status, headers=headers)
    page.headers["Content-Language"] = language.tag
    page.headers.update(kept_under(getattr(request.state, "tag", "") if status == 200 else ""))
    if known(request.query_params.get(PARAMETER)):
        page.set_cookie(COOKIE, language.value, max_age=YEAR, httponly=True, samesite="lax")
    return page


def kept_under(tag: str) -> dict[str, str]:
    """The headers of a page that its reader may keep and has to ask about each time; without a tag nobody keeps it."""
    if not tag:
        return {"Cache-Control": "no-store"}
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}


def _surroundings(request: Request, language: Language, frame: Frame) -> dict[str, object]:
    """The names every template may use."""
    root = request.scope.get("root_path", "").rstrip("/")

    def url(path: str, **query: object) -> str:
        """A path of this node as a link; `query` is added, leaving out what is None."""
        given = {name: value for name, value in query.items() if value is not None}
        return root + path + ("?" + urlencode(given, doseq=True) if given else "")

    def static(path: str) -> str:
        """A file of shared/web/static, with its content's hash so that it may be kept."""
        return f"{root}/static/{path}?v={static_version(path)}"

    here = "/" + request.scope["path"].removeprefix(root).lstrip("/")
    return {
        "frame": frame,
        "language": language,
        "other_language": language.other,
        "other_language_link": _switch(request, url(here), language.other),
        "here": here,
        "url": url,
        "static": static,
    }


def _switch(request: Request, path: str, language: Language) -> str:
    """This very page in the other language."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != PARAMETER]
    return path + "?" + urlencode([*kept, (PARAMETER, language.value)])
