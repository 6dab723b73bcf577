"""The file of a county's divisions: read whole and checked whole, each fault with its line and column."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.work.common.refusals import Kind, Refusal

COLUMNS = ("code12", "level", "name_zh", "name_pinyin", "parent_code12")
COUNTY, TOWN, VILLAGE = 3, 4, 5
SHAPES = {
    COUNTY: (re.compile(r"[0-9]{6}0{6}"), "six digits and six zeros"),
    TOWN: (
        re.compile(r"[0-9]{6}(?!000)[0-9]{3}000"),
        "nine digits and three zeros, of which the last three are not zeros",
    ),
    VILLAGE: (re.compile(r"[0-9]{9}(?!000)[0-9]{3}"), "twelve digits, of which the last three are not zeros"),
}
"""What a code of each level looks like (GB/T 10114: two digits a province, prefecture and county, three a town and village)."""

ENCODINGS = ("utf-8-sig", "gb18030")
"""What files come in; GB 18030 reads all that was saved as GBK or GB 2312, and hardly anything of it is UTF-8."""

SHOWN = 20
"""Most faults that are told. Unit: faults; the first ones of a file that is wrong throughout say all there is to say."""


class WrongDivisions(Refusal):
    """The divisions file cannot be used."""

    code = "wrong-divisions"
    sentence = "The divisions file cannot be used: %(reason)s. See the columns in shared/data/README.md."
    kind = Kind.WRONG_INPUT


class WrongOffices(Refusal):
    """The file of office names cannot be used."""

    code = "wrong-offices"
    sentence = "The file of office names cannot be used: %(reason)s. See shared/data/offices.csv."
    kind = Kind.WRONG_INPUT


@dataclass(frozen=True)
class Division:
    """One line of a divisions file; `line` is where it stands in the file, counted from 1."""

    code: str
    level: int
    name: str
    pinyin: str
    parent: str
    line: int = 0


@dataclass(frozen=True)
class Fault:
    """What is wrong in one place of a file."""

    line: int
    column: str
    what: str

    def __str__(self) -> str:
        """In words."""
        return f"line {self.line}, column {self.column}: {self.what}"


def read_divisions(path: Path) -> list[Division]:
    """Read a divisions file. Errors: WrongDivisions with every fault."""
    head, rows = _table(path, WrongDivisions)
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise WrongDivisions(reason=f"line 1: there is no column {', '.join(missing)}")
    faults = [fault for line, row in rows for fault in _faults_of_row(line, row)]
    lines = [_division(line, row) for line, row in rows if not list(_faults_of_row(line, row))]
    faults += [*_doubles(lines), *_strays(lines), *_counties(lines, bool(faults))]
    if faults:
        raise WrongDivisions(reason=_told(sorted(faults, key=lambda fault: fault.line)))
    return lines


def read_offices(path: Path) -> list[dict[str, str]]:
    """Names of the bureau (first) and the departments. Errors: WrongOffices with every fault."""
    _, rows = _table(path, WrongOffices)
    faults = [
        Fault(line, column, "it is empty or missing")
        for line, row in rows
        for column in ("name_zh", "name_en")
        if not row.get(column)
    ]
    if faults or not rows:
        raise WrongOffices(
            reason=_told(faults) if faults else "it has no line, and the first one is the bureau"
        )
    return [row for _, row in rows]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column name. Errors: WrongDivisions."""
    return [row for _, row in _table(path, WrongDivisions)[1]]


def _table(path: Path, wrong: type[Refusal]) -> tuple[Sequence[str], list[tuple[int, dict[str, str]]]]:
    """The head, and each row that is not blank with its line."""
    try:
        reader = csv.DictReader(io.StringIO(_text(path), newline=""), restkey="beyond the head", restval="")
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise wrong(reason=_why(path, error)) from error
    plain = [(line, {name: _plain(cell) for name, cell in row.items()}) for line, row in rows]
    return reader.fieldnames or (), [(line, row) for line, row in plain if any(row.values())]


def _text(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ENCODINGS[:-1]:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return raw.decode(ENCODINGS[-1])


def _why(path: Path, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"{path}, line {line}: it is neither UTF-8 nor GBK"
    return (
        f"{path}: {error.strerror}" if isinstance(error, OSError) and error.strerror else f"{path}: {error}"
    )


def _plain(cell: str | Sequence[str]) -> str:
    """A cell without blanks around it; a cell beyond the head is kept as what it is."""
    return (cell if isinstance(cell, str) else ",".join(cell)).strip()


def _digits(cell: str) -> str:
    """A code as it is typed: full-width digits are digits."""
    return unicodedata.normalize("NFKC", cell)


def _division(line: int, row: dict[str, str]) -> Division:
    code, parent = _digits(row["code12"]), _digits(row["parent_code12"])
    return Division(code, int(row["level"]), row["name_zh"], row["name_pinyin"], parent, line)


def _faults_of_row(line: int, row: dict[str, str]) -> Iterator[Fault]:
    """What is wrong with a row by itself."""
    if row.get("beyond the head"):
        yield Fault(line, "beyond the last", "the line has more cells than the head")
    level, code = _digits(row["level"]), _digits(row["code12"])
    if level not in ("1", "2", "3", "4", "5"):
        yield Fault(line, "level", f"{row['level']!r} is none of 1 (province) to 5 (village)")
    if not re.fullmatch(r"[0-9]{12}", code):
        yield Fault(line, "code12", f"{row['code12']!r} is not twelve digits")
    elif level in ("3", "4", "5") and not SHAPES[int(level)][0].fullmatch(code):
        yield Fault(line, "code12", f"{code} is no code of level {level}: {SHAPES[int(level)][1]}")
    if not row["name_zh"]:
        yield Fault(line, "name_zh", "there is no name")


def _doubles(lines: Sequence[Division]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for one in lines:
        if one.code in first:
            yield Fault(one.line, "code12", f"{one.code} stands in line {first[one.code]} already")
        first.setdefault(one.code, one.line)


def _strays(lines: Sequence[Division]) -> Iterator[Fault]:
    """Towns that are not the county's, and villages that are no town's of the file."""
    for level, above, digits in ((TOWN, COUNTY, 6), (VILLAGE, TOWN, 9)):
        parents = {one.code for one in lines if one.level == above}
        for one in (one for one in lines if one.level == level):
            if one.parent not in parents:
                yield Fault(
                    one.line, "parent_code12", f"{one.parent or 'nothing'} is no line of level {above} here"
                )
            elif one.parent[:digits] != one.code[:digits]:
                yield Fault(one.line, "code12", f"{one.code} does not begin as its parent {one.parent} does")


def _counties(lines: Sequence[Division], some_are_wrong: bool) -> Iterator[Fault]:
    counties = [one.line for one in lines if one.level == COUNTY]
    for line in counties[1:]:
        yield Fault(line, "level", f"line {counties[0]} is a county already; a network has exactly one")
    if not counties and not some_are_wrong:
        yield Fault(1, "level", "no line is a county (level 3)")


def _told(faults: Sequence[Fault]) -> str:
    if len(faults) == 1:
        return str(faults[0])
    more = f"\n  and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return f"{len(faults)} faults\n  " + "\n  ".join(map(str, faults[:SHOWN])) + more
