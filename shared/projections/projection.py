"""A projection as it is declared: its tables, and what each fact changes in their rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Table

from shared.projections.rows import Handler


@dataclass(frozen=True)
class Projection:
    """What people need to know about one thing: tables that only these handlers write.

    `handlers` goes by a fact's stable name (`report.filed`); `of_all_work` takes every fact of the work,
    whatever its name. Handlers return row changes and read nothing, so that live work, groups and replay
    take the same way, and facts may come in any order. `rules` say what the rows follow from beside the program:
    when one of them says something else, or the program does, the rows are made anew (`states.py`).
    """

    name: str
    tables: tuple[Table, ...]
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    of_all_work: Handler | None = None
    rules: tuple[Callable[[], str], ...] = ()
