"""Which part of a list somebody asks for."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Stretch:
    """So many lines `after` the one with that id, or `before` it, or from the beginning; without a limit all of them.

    `offset` lines are left out; it is for programs of earlier releases, since it takes the longer the further it goes.
    """

    limit: int | None = 50
    after: UUID | None = None
    before: UUID | None = None
    offset: int = 0

    @property
    def backwards(self) -> bool:
        """Whether it ends at a line, instead of beginning there."""
        return self.before is not None


FIRST = Stretch()
"""The first page of a list."""
