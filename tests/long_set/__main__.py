"""Play the long set: `tests/long [PART ...] [--size S] [--anew]`. Exit code 1 when not everything survived."""

import argparse
import subprocess
import sys
from pathlib import Path

from tests.long_set.parts import PARTS, Piece
from tests.long_set.playing import play
from tests.long_set.results import Results, table

FOLDER = Path(__file__).parents[2] / ".long"


def main() -> int:
    """Play what was not played yet, and say what came of all of it."""
    said = _arguments()
    results = Results(FOLDER, _commit(), said.size)
    if said.anew:
        results.forget()
    wanted = {part: list(PARTS[part](said.size)) for part in said.parts or PARTS}
    try:
        _play_all(results, wanted, said.size)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here")
    return _told(results, wanted)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/long", description=(__doc__ or "").split(":")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all without one")
    parser.add_argument("--size", type=float, default=1, help="part of the whole set, to try it: 0.001")
    parser.add_argument("--anew", action="store_true", help="forget what was played")
    said = parser.parse_args()
    if unknown := set(said.parts) - PARTS.keys():
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    return said


def _commit() -> str:
    """The state of the code; what was played with another one says nothing of this one."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"]
    done = subprocess.run(asked, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _play_all(results: Results, wanted: dict[str, list[Piece]], size: float) -> None:
    """Play every piece that has not survived yet."""
    before = results.played()
    for part, pieces in wanted.items():
        for number, piece in enumerate(pieces, start=1):
            known = before.get((part, piece.name))
            if known and known.is_well:
                continue
            print(f"{part} {number} of {len(pieces)}: {piece.name} ... ", end="", flush=True)
            outcome = play(piece, size, FOLDER / "last.log")
            results.keep(part, piece.name, outcome)
            print(f"{outcome.survived} of {outcome.tried} survived, {outcome.seconds} s", flush=True)
            if outcome.said:
                print(outcome.said, flush=True)


def _told(results: Results, wanted: dict[str, list[Piece]]) -> int:
    played = results.played()
    shown = table(played, {part: len(pieces) for part, pieces in wanted.items()})
    results.table_file.write_text(shown, encoding="utf-8")
    print(f"\n{shown}in {results.table_file.relative_to(FOLDER.parent)}")
    ends = [played.get((part, piece.name)) for part, pieces in wanted.items() for piece in pieces]
    return 0 if all(end and end.is_well for end in ends) else 1


if __name__ == "__main__":
    sys.exit(main())
