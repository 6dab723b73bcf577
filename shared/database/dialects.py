"""SQL that the two databases spell differently."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import ReturnTypeFromArgs


class least(ReturnTypeFromArgs[Any]):  # noqa: N801 - the name is the SQL name
    """The smallest of its arguments, which must not be NULL (the databases differ there)."""

    inherit_cache = True


class greatest(ReturnTypeFromArgs[Any]):  # noqa: N801 - the name is the SQL name
    """The largest of its arguments, which must not be NULL (the databases differ there)."""

    inherit_cache = True


@compiles(least, "sqlite")
def _least_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


@compiles(greatest, "sqlite")
def _greatest_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"max({compiler.process(element.clauses, **options)})"
