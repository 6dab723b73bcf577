"""Speed as ratios: ours against a yardstick that runs beside it, alternating, medians of several runs.

    python -m tests.benchmarks NAME --json      one object a line: name, ours, yardstick, ratio, unit, n
    python -m tests.benchmarks all              the table that docs/benchmarks.md holds

A race is a function in one of these files that yields `Race`s; `__main__` knows them by name. The
yardstick stands beside ours and does the same durable work on the same server, no less. What has no
yardstick yields rows with a goal (`rows.py`): pages of an old county (`pages`), a county's last minutes
before the cut-off (`county_day`), the country's day (`national_day`).
"""
