"""The command knows every benchmark that the repository promises, and its page's form."""

from tests.benchmarks.__main__ import MEASURES, NAMES
from tests.benchmarks.race import Race, run
from tests.benchmarks.rows import Figure, PageRow
from tests.benchmarks.table import json_line, row

PROMISED = [
    "append-1",
    "append-8",
    "append-32",
    "append-8-projected",
    "append-8-stock",
    "append-sqlite-8",
    "http-order",
    "relay",
    "arrival",
    "fairness",
    "hand-to-page",
    "rebuild",
    "growth-append",
    "growth-page",
    "county-day",
    "national-day",
    "at-rest",
]


def test_every_benchmark_that_is_promised_can_be_asked_for():
    assert sorted([*NAMES, *MEASURES]) == sorted(PROMISED)


def test_a_result_names_both_sides_their_ratio_and_whether_the_goal_was_reached():
    race = Race("name", ours=lambda: 30.0, yardstick=lambda: 20.0, unit="ms (p99)", goal=1.4, lower=True)
    result = run(race, runs=5)
    assert row(result) == "| name | 30.0 | 20.0 | ms (p99) |  | 1.5 | at most 1.4 | missed |"
    assert '"ratio": 1.5, "unit": "ms (p99)", "n": 5' in json_line(result)


def test_a_page_that_is_slower_in_an_old_county_or_too_slow_there_has_missed_its_goals():
    usual = {"young": 9.0, "p95": 12.0, "young_cpu": 7.5, "cpu": 8.0, "statements": 3, "sent": 2_000}
    good = PageRow.of("village /", "sqlite", old=10.0, **usual)
    assert row(good) == "| village / | sqlite | 9.0 | 10.0 | 0.9 | 12.0 | 7.5 | 8.0 | 3 | 2,000 | reached |"
    assert not PageRow.of("village /", "sqlite", old=20.0, **usual).reached
    assert not PageRow.of("village /", "sqlite", old=10.0, **usual | {"p95": 51.0}).reached
    assert not PageRow.of("village /", "sqlite", old=10.0, **usual | {"sent": 60_001}).reached


def test_a_figure_names_its_goal_and_what_it_was_measured_with():
    figure = Figure.of("day", 12.0, "minutes", goal=30, lower=True, note="2 cores")
    assert row(figure) == "| day | 12.0 | minutes | at most 30 | reached | 2 cores |"
    assert '"goal": 30, "lower": true' in json_line(figure)
