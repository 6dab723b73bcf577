"""What was played, kept in a file, so that a set that was stopped goes on; and the table of it."""

import json
from dataclasses import asdict
from pathlib import Path

from tests.long_set.playing import Outcome

Played = dict[tuple[str, str], Outcome]
"""Outcomes by part and piece."""


class Results:
    """The pieces of one state of the code in one size; another state or size has a file of its own."""

    def __init__(self, folder: Path, commit: str, size: float) -> None:
        folder.mkdir(exist_ok=True)
        self._file = folder / f"{commit}-{size:g}.jsonl"
        self.table_file = folder / f"{commit}-{size:g}.txt"

    def forget(self) -> None:
        """Begin anew."""
        self._file.unlink(missing_ok=True)

    def played(self) -> Played:
        """What was played; the last time counts."""
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        found = map(json.loads, lines)
        return {(line.pop("part"), line.pop("piece")): Outcome(**line) for line in found}

    def keep(self, part: str, piece: str, outcome: Outcome) -> None:
        """Remember a piece."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write(
                json.dumps({"part": part, "piece": piece} | asdict(outcome), ensure_ascii=False) + "\n"
            )


def table(played: Played, wanted: dict[str, int]) -> str:
    """A line a part: pieces played of those wanted, what was tried, what survived, minutes."""
    lines = [f"{'part':12} {'pieces':>13} {'tried':>8} {'survived':>9} {'minutes':>8}"]
    for part, pieces in wanted.items():
        outcomes = [outcome for (of, _), outcome in played.items() if of == part]
        tried, survived = sum(o.tried for o in outcomes), sum(o.survived for o in outcomes)
        minutes = sum(o.seconds for o in outcomes) / 60
        lines.append(f"{part:12} {len(outcomes):5} of {pieces:4} {tried:8} {survived:9} {minutes:8.1f}")
    lines += [f"failed: {part}, {piece}" for (part, piece), o in played.items() if not o.is_well]
    return "\n".join(lines) + "\n"
