"""The reconciliation at the end: what was acknowledged is kept, and every figure adds up."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from services.rehearsal.acts import Month, Place
from services.rehearsal.clerks import HttpClient, Staff
from shared.work.common.calendar import ZONE

WORDS = ("reported", "zero", "excused", "silent")


@dataclass
class Played:
    """What was answered while the month was played; used from several threads."""

    orders: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, node: str, order: str, answer: dict[str, Any]) -> None:
        """An order was answered with its facts."""
        with self._lock:
            self.orders[order] += 1
            self.facts[node] += len(answer["facts"])

    def refused(self, order: str, code: str) -> None:
        """An order was refused; its plan met another state."""
        with self._lock:
            self.refusals[order, code] += 1


@dataclass(frozen=True)
class Row:
    """One line of the table: two figures that have to be equal."""

    what: str
    expected: int
    found: int

    @property
    def right(self) -> bool:
        return self.expected == self.found


@dataclass(frozen=True)
class Reckoning:
    """The reconciliation table with what was played and how long it took."""

    rows: tuple[Row, ...]
    orders: dict[str, int]
    refusals: dict[str, int]
    seconds: float

    @property
    def reconciled(self) -> bool:
        """Whether every line is right."""
        return all(row.right for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "reconciled": self.reconciled,
            "seconds": round(self.seconds, 1),
            "orders": sum(self.orders.values()),
            "orders_per_second": round(sum(self.orders.values()) / max(self.seconds, 0.001), 1),
            "by_order": self.orders,
            "refusals": self.refusals,
            "rows": [vars(row) | {"right": row.right} for row in self.rows],
        }

    def table(self) -> str:
        """The same for people; lines that are right are summed up."""
        total = sum(self.orders.values())
        lines = [f"{total} orders in {self.seconds:.1f} s ({total / max(self.seconds, 0.001):.0f} a second)"]
        lines += [f"  {count:6d}  {name}" for name, count in sorted(self.orders.items())]
        lines += [f"  {count:6d}  refused: {name}" for name, count in sorted(self.refusals.items())]
        wrong = [row for row in self.rows if not row.right]
        lines.append(f"{len(self.rows) - len(wrong)} of {len(self.rows)} comparisons are right")
        lines += [f"  NOT EQUAL  {row.what}: expected {row.expected}, found {row.found}" for row in wrong]
        return "\n".join(lines)


def reckon(
    data: Path,
    staff: Staff,
    places: list[Place],
    month: Month,
    played: Played,
    names: list[str],
    clients: dict[str, HttpClient],
    seconds: float,
) -> Reckoning:
    """Compare everything that can be compared from outside."""
    county = next(place for place in places if place.tier == "county")
    states = {name: staff.administrator(name).ask("/statusz?tally=true") for name in names}
    rows = [
        Row(f"{name}: facts of orders", played.facts[name], states[name]["ordered_facts"]) for name in names
    ]
    rows += _sheets(staff, county, places, month)
    rows += _matters(staff, county, played, states)
    rows += _routes(states)
    refusals = {f"{order}: {code}": count for (order, code), count in played.refusals.items()}
    return Reckoning(tuple(rows), dict(played.orders), refusals, seconds)


def _sheets(staff: Staff, county: Place, places: list[Place], month: Month) -> list[Row]:
    """For each day and each parent: reported + zero + excused + silent = expected, as planned."""
    rows: list[Row] = []
    parents = {county.unit: county} | {p.unit: p for p in places if p.tier == "township"}
    for day in month.days:
        end = datetime.combine(day, time(23, 59), ZONE)
        for unit, parent in parents.items():
            sheet = staff.of(unit).ask(f"/api/sheet?day={day}&below={unit}", end)
            planned = Counter(month.statuses[p.unit, day] for p in places if p.above == unit)
            what = f"{day} {parent.code}"
            rows.append(
                Row(f"{what}: sum of the four words", sheet["expected"], sum(sheet[word] for word in WORDS))
            )
            rows += [Row(f"{what}: {word}", planned[word], sheet[word]) for word in WORDS]
            below = [(p.unit, day) for p in places if p.above == unit]
            planned_flags = {"late": month.late, "contradicted": month.contradicted, "questions": month.asked}
            rows += [
                Row(f"{what}: {flag}", sum(1 for key in below if key in planned), sheet[flag])
                for flag, planned in planned_flags.items()
            ]
            reported = sum(month.covered.get(key, 0) for key in below)
            rows.append(Row(f"{what}: matters in its reports", reported, sheet["figures"]["new"]))
    return rows


def _matters(staff: Staff, county: Place, played: Played, states: dict[str, Any]) -> list[Row]:
    """County totals are the sum of all logs; open, ended and withdrawn are all that were registered."""
    registered = played.orders["register-matter"]
    in_logs = sum(state["registered"] for state in states.values())
    ages = staff.of(county.unit).ask("/api/ages")
    shown = Counter({row["state"]: 0 for row in ages})
    for row in ages:
        shown[row["state"]] += row["count"]
    ended = sum(shown[word] for word in ("answered", "not_accepted", "withdrawn"))
    still_open = sum(shown.values()) - ended
    return [
        Row("matters in the logs of all offices", registered, in_logs),
        Row("matters on the county's page", registered, sum(shown.values())),
        Row("open + ended + withdrawn", registered, still_open + ended),
        Row("withdrawn", played.orders["withdraw-matter"], shown["withdrawn"]),
    ]


def _routes(states: dict[str, Any]) -> list[Row]:
    """Every route's numbers are held without a gap at each of its receivers."""
    return [
        Row(f"{name}: {route['route']} at {holder}", route["last"], held)
        for name, state in states.items()
        for route in state["routes"]
        for holder, held in route["held"].items()
    ]
