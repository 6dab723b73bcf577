"""Finds sentences in Python files: those marked with `_()` or `N_()`, and refusals' sentences.

Refusals live in the work, which may not import a translator, so they carry their English sentence
as `sentence = "..."`; that name is mark enough.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from babel.messages.extract import extract_python

NAME = "sentence"


def python_sentences(
    file: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Any,
) -> Iterator[tuple[Any, ...]]:
    """Babel extractor: (line, function, message, comments) for every sentence of a Python file."""
    yield from extract_python(file, keywords, comment_tags, options)
    file.seek(0)
    for node in ast.walk(ast.parse(file.read())):
        for value in _named_sentence(node):
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield value.lineno, "N_", value.value, []


def _named_sentence(node: ast.AST) -> list[ast.expr | None]:
    """What is given the name `sentence` here: by assignment or as a keyword argument."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == NAME:
            return [value]
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if name == NAME:
            return [value]
        case ast.keyword(arg=name, value=value) if name == NAME:
            return [value]
    return []
