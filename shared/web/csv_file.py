"""Lists as files for a spreadsheet: they open in Excel with their Chinese, run no formula and keep their codes whole.

Every moment is in the offices' zone, as `2026-03-27 01:00:00`, every day as `2026-03-27`. A file for Excel alone, which
says itself what is a text, is the better way for codes; here a tab that nobody sees keeps them from being reckoned with.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import StreamingResponse

from shared.orders.folding import is_visible
from shared.web.languages.words import local

if TYPE_CHECKING:
    from shared.web.here import Here

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8; without it Chinese turns into rubbish."""

STARTS_OF_FORMULAS = frozenset("=+-@−")
"""Text cells whose first sign that is seen is one of these, also in its wide and small forms, get an apostrophe; so do those
that begin with a tab or a line break. East Asian Excel reads the wide forms as well."""

TAB = "\t"
"""Before a text that a spreadsheet would take for a number, a day or an hour: it shows the text whole and no tab."""

_READ_AS_NUMBER = re.compile(
    r"0[0-9]+|[0-9]{12,}"  # loses its zeros; is rounded and shown as 4.30321E+11
    r"|[0-9]+(\.[0-9]*)?e[+-]?[0-9]+|\([0-9]+\)"  # a power of ten; below nothing
    r"|[0-9]{1,4}[-/.][0-9]{1,2}([-/.][0-9]{1,4})?|[0-9]+ [0-9]+/[0-9]+"  # a day; a fraction
    r"|[0-9]{1,4}:[0-9]{1,2}(:[0-9]{1,2})?|[0-9]{1,3}(,[0-9]{3})+|[0-9.]+%",  # an hour; thousands; a share
    re.IGNORECASE,
)

LINES_AT_ONCE = 100
"""Lines that are sent together; each piece is a change of threads, which costs as much as twenty lines."""

Cell = str | int | float | date | datetime | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The whole file as text, byte order mark included."""
    return "".join(csv_lines(header, rows))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file line by line (CRLF), byte order mark first; a cell may hold line breaks."""
    yield BOM + _line(header)
    for row in rows:
        yield _line(row)


def csv_response(
    here: Here, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingResponse:
    """The file for whoever asks, for whom it is counted. Errors: NotSignedIn, FilesReached."""
    here.office.take_file(here.signed_in(), name, here.at)
    return csv_download(name, header, rows)


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingResponse:
    """The file as a download called `name`.csv; rows are read while they are sent."""
    headers = {"Content-Disposition": _disposition(name), "Cache-Control": "no-store"}
    return StreamingResponse(csv_pieces(header, rows), media_type="text/csv; charset=utf-8", headers=headers)


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file as it is sent: what heads it at once, before any row is read, then some lines at a time."""
    lines = csv_lines(header, rows)
    yield next(lines).encode("utf-8")
    while piece := "".join(islice(lines, LINES_AT_ONCE)):
        yield piece.encode("utf-8")


def _line(row: Iterable[Cell]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_cell(value) for value in row])
    return line.getvalue()


def _cell(value: Cell) -> str | int | float:
    """A cell as a spreadsheet should take it: moments in the offices' zone, text as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _as_text(value)
    return value


def _as_text(text: str) -> str:
    if text.startswith(("\t", "\r", "\n")) or _first_seen(text) in STARTS_OF_FORMULAS:
        return "'" + text
    return TAB + text if _READ_AS_NUMBER.fullmatch(text.strip()) else text


def _first_seen(text: str) -> str:
    """The first sign that a reader sees, in its usual width; empty when there is none."""
    seen = next((sign for sign in text if is_visible(sign)), "")
    return unicodedata.normalize("NFKC", seen)


def _disposition(name: str) -> str:
    """A download's name in any characters (RFC 6266), and a plain one for old programs."""
    clean = "".join(sign for sign in name if sign.isalnum() or sign in "-_. ").strip(". ") or "list"
    plain = clean.encode("ascii", "ignore").decode().strip("-_. ") or "list"
    encoded = quote(f"{clean}.csv")
    return f"attachment; filename=\"{plain}.csv\"; filename*=UTF-8''{encoded}"
