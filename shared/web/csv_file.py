"""Lists as files for a spreadsheet: they open in Excel with their Chinese and run no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from urllib.parse import quote

from starlette.responses import StreamingResponse

from shared.web.languages.words import local

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8; without it Chinese turns into rubbish."""

STARTS_OF_FORMULAS = "=+-@\t\r\n＝＋－＠"
"""Text cells that begin so get an apostrophe; East Asian Excel reads the wide forms as well."""

Cell = str | int | float | date | datetime | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The whole file as text, byte order mark included."""
    return "".join(csv_lines(header, rows))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file line by line (CRLF), byte order mark first; a cell may hold line breaks."""
    yield BOM + _line(header)
    for row in rows:
        yield _line(row)


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingResponse:
    """The file as a download called `name`.csv; rows are read while they are sent."""
    lines = (line.encode("utf-8") for line in csv_lines(header, rows))
    headers = {"Content-Disposition": _disposition(name), "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


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
        return "'" + value if value.startswith(tuple(STARTS_OF_FORMULAS)) else value
    return value


def _disposition(name: str) -> str:
    """A download's name in any characters (RFC 6266), and a plain one for old programs."""
    clean = "".join(sign for sign in name if sign.isalnum() or sign in "-_. ").strip(". ") or "list"
    plain = clean.encode("ascii", "ignore").decode().strip("-_. ") or "list"
    encoded = quote(f"{clean}.csv")
    return f"attachment; filename=\"{plain}.csv\"; filename*=UTF-8''{encoded}"
