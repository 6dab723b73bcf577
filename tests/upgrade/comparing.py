"""Comparing what two programs say: everything that the older one said has to be said again.

What a newer program says besides (a new value, a new table) is no difference; the network had nothing of it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tests.upgrade.differences import DIFFERENCES, Difference

MISSING = "(missing)"


@dataclass(frozen=True)
class Finding:
    """A place where the newer program says something else."""

    where: str
    expected: Any
    found: Any


def compare(expected: Any, found: Any, where: str = "") -> Iterator[Finding]:
    """Every place where `found` lacks something of `expected` or says it differently."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from compare(value, found.get(name, MISSING), f"{where}/{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        for number, (one, other) in enumerate(zip_longest(expected, found, fillvalue=MISSING)):
            yield from compare(one, other, f"{where}[{number}]")
    elif expected != found:
        yield Finding(where, expected, found)


def compare_tables(expected: dict[str, list], found: dict[str, list], where: str) -> Iterator[Finding]:
    """The same for dumps: rows in any order, and of each row the columns that the older program had."""
    for table, rows in expected.items():
        columns, place = {name for row in rows for name in row}, f"{where}/{table}"
        kept = [{name: row[name] for name in row if name in columns} for row in found.get(table, [])]
        ours, theirs = Counter(map(_text, rows)), Counter(map(_text, kept))
        missing, more = _values(ours - theirs), _values(theirs - ours)
        for row in missing:
            near = _nearest(row, more)
            yield from compare(row, near, place) if near else [Finding(place, row, MISSING)]
            more = [one for one in more if one is not near]
        yield from (Finding(place, MISSING, row) for row in more)


def unlisted(release: str, findings: Iterable[Finding]) -> list[Finding]:
    """Findings that nobody has asked for."""
    listed = [one for one in DIFFERENCES if one.release == release]
    return [finding for finding in findings if not any(one.fits(finding.where) for one in listed)]


def outlived(release: str, findings: Iterable[Finding]) -> list[Difference]:
    """Listed differences that are none any more."""
    places = [finding.where for finding in findings]
    return [one for one in DIFFERENCES if one.release == release and not any(map(one.fits, places))]


def _nearest(row: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row that shares most values, if it shares more than half."""
    best = max(others, key=lambda other: _shared(row, other), default=None)
    return best if best is not None and _shared(row, best) * 2 > len(row) else None


def _shared(row: dict[str, Any], other: dict[str, Any]) -> int:
    return sum(name in other and other[name] == value for name, value in row.items())


def _text(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, ensure_ascii=False)


def _values(counted: Counter[str]) -> list[dict[str, Any]]:
    return [json.loads(text) for text in sorted(counted.elements())]
