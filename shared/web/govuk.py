"""The macros of govuk-frontend-jinja as functions that our own macros call.

They ask for parameters that were not given, which our strict environment refuses by design, so
they live in a lenient environment of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

PACKAGE = "govuk_frontend_jinja"


@cache
def _lenient() -> Environment:
    """Jinja2 as the package expects it, with autoescape on."""
    loader = PrefixLoader({PACKAGE: PackageLoader(PACKAGE)})
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


class Govuk:
    """`govuk.error_summary({...})` renders the component `error-summary`; names as upstream's."""

    def __getattr__(self, name: str) -> Callable[[Mapping[str, object]], Markup]:
        """The component's macro; AttributeError for a component that does not exist."""
        folder = name.replace("_", "-")
        macro = "govuk" + name.title().replace("_", "")
        if folder not in _components():
            raise AttributeError(name)
        template = _lenient().get_template(f"{PACKAGE}/components/{folder}/macro.html")
        return getattr(template.module, macro)


@cache
def _components() -> frozenset[str]:
    """The names of all components of the package."""
    names = _lenient().list_templates(filter_func=lambda name: name.endswith("/macro.html"))
    return frozenset(name.split("/")[-2] for name in names)
