"""The command knows every benchmark that the repository promises, and its page's form."""

from tests.benchmarks.__main__ import NAMES
from tests.benchmarks.race import Race, run
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
    "growth",
]


def test_every_benchmark_that_is_promised_can_be_asked_for():
    assert sorted(NAMES) == sorted(PROMISED)


def test_a_result_names_both_sides_their_ratio_and_whether_the_goal_was_reached():
    race = Race("name", ours=lambda: 30.0, yardstick=lambda: 20.0, unit="ms (p99)", goal=1.4, lower=True)
    result = run(race, runs=5)
    assert row(result) == "| name | 30.0 | 20.0 | ms (p99) |  | 1.5 | at most 1.4 | missed |"
    assert '"ratio": 1.5, "unit": "ms (p99)", "n": 5' in json_line(result)
