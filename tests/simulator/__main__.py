"""Play seeds: `python -m tests.simulator --seed N [--count K] [--steps M] [--json] [--planted BUG]`.

With `--json` one JSON object a seed (faults, orders, state hash, violations), in the order of the
seeds; otherwise the violations and one line at the end. Exit code 1 when there is a violation.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable

from tests.simulator.planted import PLANTED
from tests.simulator.run import STEPS, Result
from tests.simulator.seeds import play_seeds


def main() -> int:
    """Play what the command line says."""
    said = _arguments()
    seeds = range(said.seed, said.seed + said.count)
    results = play_seeds(
        seeds, steps=said.steps, processes=said.processes, planted=said.planted, with_liar=said.liar
    )
    return _tell(results, as_json=said.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=1, help="how many seeds, one after the other")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of work before everything is healed")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="seeds played side by side")
    parser.add_argument("--planted", choices=sorted(PLANTED), help="play with this bug in the code")
    parser.add_argument("--liar", action="store_true", help="with a node that lies")
    parser.add_argument("--json", action="store_true", help="one JSON object a seed")
    return parser.parse_args()


def _tell(results: Iterable[Result], *, as_json: bool) -> int:
    seeds = bad = 0
    for result in results:
        seeds, bad = seeds + 1, bad + bool(result.violations)
        if as_json:
            print(json.dumps(result.as_json(), ensure_ascii=False), flush=True)
        for found in result.violations if not as_json else ():
            print(f"seed {result.seed}: {found}", flush=True)
    if not as_json:
        print(f"{seeds} seeds, {bad} with violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
