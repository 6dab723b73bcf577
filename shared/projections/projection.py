"""A projection as it is declared: its tables, and what each fact changes in their rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Table

from shared.database.writes import Writes
from shared.projections.rows import Handler, RecordedFact


@dataclass(frozen=True)
class Derivation:
    """Rows that follow from rows of several facts, of whichever streams: written anew whenever one of those changes.

    `touched` names the things a fact bears on. Once the row changes of a whole group are written, and in its
    transaction, `derive` reads what is known of all touched things together and lets their rows wait to be written;
    it ends the same however often it is done.
    """

    touched: Callable[[RecordedFact], Iterable[UUID]]
    derive: Callable[[Writes, Sequence[UUID]], None]


@dataclass(frozen=True)
class Projection:
    """What people need to know about one thing: tables that only these handlers write.

    `handlers` goes by a fact's stable name (`report.filed`); `of_stream` takes the facts of a kind of stream (`case`) that
    have no handler of their own, so that a row's version follows every fact of its stream; `of_all_work` takes every fact
    of the work. Handlers return row changes and read nothing, so that live work, groups and replay take the same way, and
    facts may come in any order; what follows from several rows is its `derivation`. `rules` say what the rows follow from beside the program: when one of them says something
    else, or the program does, the rows are made anew (`states.py`).
    """

    name: str
    tables: tuple[Table, ...]
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    of_stream: Mapping[str, Handler] = field(default_factory=dict)
    of_all_work: Handler | None = None
    derivation: Derivation | None = None
    rules: tuple[Callable[[], str], ...] = ()

    def handler_of(self, name: str) -> Handler | None:
        """What is done with a fact of that name, if anything."""
        return self.handlers.get(name) or self.of_stream.get(name.partition(".")[0])
