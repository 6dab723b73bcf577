"""Plays cases: python -m tests.tamper --count N --seed S [--json]."""

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.parts.tiny_network import found
from tests.tamper.cases import Outcome, play
from tests.tamper.ground import build


def main() -> int:
    """Play the cases; 0 when everything was found."""
    asked = argparse.ArgumentParser(prog="python -m tests.tamper", description=__doc__)
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1, help="the first case; the others follow by number")
    asked.add_argument("--json", action="store_true", help="one JSON object a case")
    args = asked.parse_args()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="huiyin-tamper-") as folder:
        top = Path(folder)
        ground = build(top / "founded", found(top / "founded"), top)
        for seed in range(args.seed, args.seed + args.count):
            outcomes.append(play(ground, seed, top / "case"))
            if args.json or not outcomes[-1].found:
                print(json.dumps(vars(outcomes[-1]), ensure_ascii=False), flush=True)
    return _told(outcomes)


def _told(outcomes: list[Outcome]) -> int:
    tried, missed = Counter(o.kind for o in outcomes), Counter(o.kind for o in outcomes if not o.found)
    for kind, count in sorted(tried.items()):
        print(f"{kind:20} {count:6} tried {count - missed[kind]:6} found", file=sys.stderr)
    return int(any(missed.values()))


if __name__ == "__main__":
    sys.exit(main())
