"""What a projection's rows follow from, as two short words: one of its tables, one of the rules that fill them.

Rules are the program itself: the modules with the handlers and those that they rest on. They are taken as Python reads
them, without comments, form and docstrings, so that only a change of what is done makes another word. What is read from
data, as the calendar, is named by the projection.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from sqlalchemy import Dialect, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from shared import __version__
from shared.projections.projection import Projection

RULES_LIVE_IN = (
    "shared.work.",
    "shared.projections.columns",
    "shared.projections.due_dates",
    "shared.settings.calendar",
)
"""What is followed from a handler's module. How rows are kept and sent (rows, database, envelope) is no rule."""


@dataclass(frozen=True)
class Fingerprint:
    """Of which shape and rules the rows of a projection are."""

    shape: str
    rules: str


def fingerprint_of(projection: Projection, dialect: Dialect) -> Fingerprint:
    """What this program says of a projection on a kind of database."""
    rules = _rules_of(frozenset(_modules_of(projection)))
    shape = _shape_of(frozenset(projection.tables), dialect)
    return Fingerprint(shape, _short([*rules, *(rule() for rule in projection.rules)]))


@cache
def _rules_of(modules: frozenset[str]) -> tuple[str, ...]:
    """Put together once a process: doing it for each node anew was half of opening the thirty-five of the sample."""
    return tuple(f"{name}\n{_code_of(name)}" for name in sorted(_with_what_they_rest_on(modules)))


@cache
def _shape_of(tables: frozenset[Table], dialect: Dialect) -> str:
    return _short(_statements_for(tables, dialect))


def _statements_for(tables: Iterable[Table], dialect: Dialect) -> Iterator[str]:
    for table in sorted(tables, key=lambda table: table.name):
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))


def _modules_of(projection: Projection) -> set[str]:
    handlers = [*projection.handlers.values(), *projection.of_stream.values()]
    handlers += filter(None, [projection.of_all_work])
    derived = vars(projection.derivation).values() if projection.derivation else ()
    return {rule.__module__ for rule in (*handlers, *derived)}


def _with_what_they_rest_on(modules: Iterable[str]) -> set[str]:
    found, waiting = set[str](), list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imported_rules(name)
    return found


@cache
def _imported_rules(module: str) -> tuple[str, ...]:
    imported = set[str]()
    for node in ast.walk(_tree_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{name.name}" for name in node.names}
            imported |= {node.module} | {name for name in inner if _is_rule(name) and name in sys.modules}
        elif isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
    return tuple(sorted(name for name in imported if _is_rule(name)))


def _is_rule(module: str) -> bool:
    return module.startswith(RULES_LIVE_IN)


@cache
def _code_of(module: str) -> str:
    """A module as Python reads it; unparsed, since that form is the same under the next Python."""
    tree = _tree_of(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_words(line)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_words(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _tree_of(module: str) -> ast.Module:
    spec = find_spec(module)
    source = spec.loader.get_source(module) if spec and spec.loader else None  # pyright: ignore[reportAttributeAccessIssue]
    # Without sources nothing better is known than the release.
    return ast.parse(source if source is not None else repr(__version__))


def _short(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n\n".join(parts).encode()).hexdigest()[:16]
