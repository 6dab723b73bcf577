"""A person at a browser: clicks, fills in, and a look at every page that comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from playwright.sync_api import Browser, Page

from tests.services.network import NINE, PASSWORD

LOOK = """() => ({
  wide: document.documentElement.scrollWidth > window.innerWidth,
  headings: document.querySelectorAll('h1').length,
  language: document.documentElement.lang,
  title: document.title,
  nameless: [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
    .filter(field => !(field.labels && field.labels.length && field.labels[0].textContent.trim()))
    .map(field => field.name),
  wordless: [...document.querySelectorAll('a[href], button')]
    .filter(link => !link.textContent.trim()).map(link => link.outerHTML),
  twice: [...document.querySelectorAll('[id]')].map(one => one.id)
    .filter((id, at, all) => all.indexOf(id) !== at),
})"""
"""What can be wrong with any page, as the browser sees it."""

TAGS = {"zh": "zh-Hans", "en": "en"}


class Surfer:
    """One person's browser window, 320 pixels wide and without JavaScript."""

    def __init__(self, page: Page, door: str, language: str) -> None:
        self.page, self.base, self.language = page, door, language
        self._site = door.split("/n/")[0]
        self.foreign: list[str] = []
        self.taps = 0
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith(self._site):
            self.foreign.append(url)

    def look(self) -> None:
        """Every page: one heading, its language, labels, nothing from elsewhere, no sideways scroll."""
        seen = self.page.evaluate(LOOK)
        expected = {"wide": False, "headings": 1, "language": TAGS[self.language]}
        expected |= {"nameless": [], "wordless": [], "twice": []}
        wrong = {name: seen[name] for name in expected if seen[name] != expected[name]}
        assert not wrong, f"{self.page.url}: {wrong}"
        assert seen["title"].strip(" -"), self.page.url
        assert self.foreign == [], self.page.url

    def open(self, path: str) -> "Surfer":
        """Go to a page of this node."""
        answer = self.page.goto(self.base + path)
        assert answer is not None and answer.status < 500, path
        self.look()
        return self

    def tap(self, selector: str) -> "Surfer":
        """Tap what is there exactly once, or the first of it inside the page's content."""
        self.taps += 1
        with self.page.expect_navigation():
            self.page.locator(f"main {selector}").first.click()
        self.look()
        return self

    def follow(self, end: str) -> "Surfer":
        """Tap the link whose address ends so."""
        return self.tap(f'a[href$="{end}"]')

    def fill(self, **fields: str) -> "Surfer":
        """Type into fields, tick and choose, by the fields' names."""
        for name, value in fields.items():
            self._fill(name, value)
        return self

    def _fill(self, name: str, value: str) -> None:
        field = self.page.locator(f'main [name="{name}"]').first
        kind = field.evaluate("field => field.type")
        if kind in ("radio", "checkbox"):
            self.page.locator(f'main [name="{name}"][value="{value}"]').check(force=True)
        elif kind.startswith("select"):
            field.select_option(value)
        else:
            field.fill(value)

    def send(self, **fields: str) -> "Surfer":
        """Fill in the form and press its one button."""
        return self.fill(**fields).tap('form:not(.beside):not(.filter) button[type="submit"]')

    def text(self) -> str:
        """The words of the content."""
        return self.page.locator("main").inner_text()

    def path(self) -> str:
        """Where the window is, without the node."""
        return self.page.url.removeprefix(self.base)


@contextmanager
def window(
    browser: Browser,
    door: str,
    language: str,
    *,
    login: str = "",
    password: str = PASSWORD,
    at: datetime = NINE,
    token: str = "",
) -> Iterator[Surfer]:
    """A window at a node's door, at a moment of the rehearsal, whose `token` it shows; with a login, signed in."""
    headers = {"Huiyin-Rehearsal-Clock": at.isoformat()}
    options: dict[str, Any] = {
        "java_script_enabled": False,
        "viewport": {"width": 320, "height": 640},
        "locale": {"zh": "zh-CN", "en": "en-GB"}[language],
        "extra_http_headers": headers | ({"Huiyin-Rehearsal-Token": token} if token else {}),
    }
    context = browser.new_context(**options)
    context.set_default_timeout(20_000)
    try:
        surfer = Surfer(context.new_page(), door, language)
        if login:
            surfer.open("/sign-in").send(login=login, password=password)
        yield surfer
    finally:
        context.close()
