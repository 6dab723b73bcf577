"""What the long set plays, in pieces that take some minutes each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

TOP = Path(__file__).parents[2]

SEEDS, SEEDS_A_PIECE = 100_000, 100
"""Seeds of the simulator; a hundred take some minutes, which is what a stop can cost."""
LIARS = 200
"""Seeds of the simulator with a node that lies."""
CASES, CASES_A_PIECE = 5_000, 100
"""Copies of a network that are tampered with."""
REPEATED = 20
"""How often files of faults and of orders at once are run, each time with networks of their own."""
HYPOTHESIS_SEEDS = 20
"""Runs of the made-up lives, each with another seed."""

LINK_FAULTS = (
    "freezes",
    "down",
    "thin",
    "half_open",
    "reset",
    "delete_topics",
    "make_topics_anew",
    "read_again",
)
"""Words in the names of the tests of a broken line, a piece each."""


@dataclass(frozen=True)
class Piece:
    """One command; `how` names the reader of what it says, `name` is unique in its part."""

    name: str
    how: str
    arguments: tuple[str, ...]


def simulator(size: float) -> Iterator[Piece]:
    """Seeds of the simulated county."""
    liars = _part_of(LIARS, size)
    yield from _counted("tests.simulator", "seeds with a liar", liars, SEEDS_A_PIECE, "--liar")
    yield from _counted("tests.simulator", "seeds", _part_of(SEEDS, size), SEEDS_A_PIECE)


def tampering(size: float) -> Iterator[Piece]:
    """Copies of a network in which something was changed."""
    yield from _counted("tests.tamper", "cases", _part_of(CASES, size), CASES_A_PIECE)


def _counted(module: str, what: str, count: int, each: int, *more: str) -> Iterator[Piece]:
    for first in range(1, count + 1, each):
        some = min(each, count + 1 - first)
        arguments = (module, *more, "--seed", str(first), "--count", str(some))
        yield Piece(f"{what} {first} to {first + some - 1}", module, arguments)


def link(size: float) -> Iterator[Piece]:
    """Lines and brokers that break, each fault as often as `tests/parts/sizes.py` says; then all is verified."""
    for word in LINK_FAULTS:
        yield _tests(word, "tests/journeys/test_link_faults.py", "-k", f"{word} or after_all_of_that")


def crashes(size: float) -> Iterator[Piece]:
    """Processes, brokers, databases and machines that fail at work."""
    files = (
        "tests/journeys/test_faults.py",
        "tests/journeys/test_storage.py",
        "tests/transport/test_database_gone.py",
        "tests/event_log/test_machine_faults.py",
    )
    yield from _repeated(size, *files)


def crash_matrix(size: float) -> Iterator[Piece]:
    """Processes killed at each point of their work, as often as `tests/parts/sizes.py` says; then all is verified."""
    for setting in ("one and machine", "servers and not older", "older"):
        yield _tests(setting, "tests/journeys/test_crash_matrix.py", "-k", setting)


def concurrency(size: float) -> Iterator[Piece]:
    """Orders, writers and processes that meet."""
    files = ("test_orders_at_once.py", "test_writer.py", "test_one_writer.py", "test_commit_in_doubt.py")
    yield from _repeated(size, *(f"tests/event_log/{file}" for file in files))


def volume(size: float) -> Iterator[Piece]:
    """A county's node with a million facts."""
    yield _tests("a county's node", "tests/volume")


def lives(size: float) -> Iterator[Piece]:
    """Made-up lives, other ones with each seed."""
    files = sorted(str(file.relative_to(TOP)) for file in TOP.glob("tests/*/test_life_of_*.py"))
    for seed in range(1, _part_of(HYPOTHESIS_SEEDS, size) + 1):
        yield _tests(f"seed {seed}", *files, "--hypothesis-seed", str(seed))


PARTS: dict[str, Callable[[float], Iterator[Piece]]] = {
    "lives": lives,
    "concurrency": concurrency,
    "link": link,
    "crashes": crashes,
    "crash-matrix": crash_matrix,
    "volume": volume,
    "tampering": tampering,
    "simulator": simulator,
}
"""In the order in which they are played: the longest last."""


def _repeated(size: float, *files: str) -> Iterator[Piece]:
    for time in range(1, _part_of(REPEATED, size) + 1):
        for file in files:
            yield _tests(f"{file}, time {time}", file)


def _tests(name: str, *arguments: str) -> Piece:
    # A piece may take hours in its whole size: no limit a test.
    return Piece(name, "pytest", ("pytest", "--timeout", "0", *arguments))


def _part_of(whole: int, size: float) -> int:
    return max(ceil(whole * size), 1)
