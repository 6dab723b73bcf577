"""How long work at a start says how far it is: the work's name, what is done, and of how much."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""
