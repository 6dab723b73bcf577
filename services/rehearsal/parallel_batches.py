"""What an office may do side by side: acts on different matters wait for each other only around its book."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.rehearsal.acts import Act


@dataclass(frozen=True)
class ParallelBatch:
    """First the acts of `book`, one after the other; then `matters` side by side, each in its order."""

    book: list[Act]
    matters: list[list[Act]]

    def takes(self, act: Act) -> bool:
        """Whether the act may still belong here: a report speaks of everything that was done before it."""
        return act.case is not None or not (self.book or self.matters)


def parallel_batches(acts: Sequence[Act]) -> Iterator[ParallelBatch]:
    """An office's day, given in the order of the clock.

    Registrations take numbers and reports speak of them, so they keep their order; what is done on one matter
    changes no other.
    """
    batch, lanes = ParallelBatch([], []), dict[int | None, list[Act]]()
    for act in acts:
        if not batch.takes(act):
            yield batch
            batch, lanes = ParallelBatch([], []), {}
        if act.case is None or act.order == "register-matter":
            batch.book.append(act)
        elif act.case in lanes:
            lanes[act.case].append(act)
        else:
            lanes[act.case] = [act]
            batch.matters.append(lanes[act.case])
    yield batch
