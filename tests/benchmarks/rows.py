"""Rows that are no race: a page in an old county, and a figure that has to reach a goal."""

from dataclasses import dataclass

RATIO, P95, FIRST_VIEW = 0.8, 50.0, 60_000
"""Goals of a page: its speed in an old county against a young one (at least), its p95 there (at most, milliseconds), and
the size of what a browser loads with the first page (at most, bytes as sent)."""


@dataclass(frozen=True)
class PageRow:
    """A page: milliseconds of the median request with 1,000 matters (`young`) and with 100,000 (`old`), the ratio of
    speeds, the p95 in the old county in milliseconds, the processor's part of both medians (of this process, which whoever
    else works on the machine disturbs least), statements of a request, bytes as sent."""

    name: str
    database: str
    young: float | None
    old: float
    ratio: float | None
    p95: float
    young_cpu: float | None
    cpu: float
    statements: int
    sent: int
    reached: bool

    @classmethod
    def of(
        cls,
        name: str,
        database: str,
        *,
        young: float | None,
        old: float,
        p95: float,
        young_cpu: float | None,
        cpu: float,
        statements: int,
        sent: int,
    ) -> "PageRow":
        """A row, with its ratio and whether every goal was reached."""
        ratio = None if young is None else round(young / old, 2)
        slim = not name.endswith(" /") or sent <= FIRST_VIEW
        reached = slim and p95 <= P95 and (ratio is None or ratio >= RATIO)
        before, before_cpu = (None if one is None else round(one, 1) for one in (young, young_cpu))
        times = (before, round(old, 1), ratio, round(p95, 1), before_cpu, round(cpu, 1))
        return cls(name, database, *times, statements, sent, reached)


@dataclass(frozen=True)
class Figure:
    """A figure by itself; `goal` is to be reached at least, at most when `lower` is better. `note` says with what."""

    name: str
    value: float
    unit: str
    goal: float
    lower: bool
    reached: bool
    note: str

    @classmethod
    def of(
        cls, name: str, value: float, unit: str, *, goal: float, lower: bool = False, note: str = ""
    ) -> "Figure":
        """A figure, and whether its goal was reached."""
        reached = value <= goal if lower else value >= goal
        return cls(name, round(value, 3), unit, goal, lower, reached, note)
