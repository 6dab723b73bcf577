"""A value that is worked out when it is first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A value worked out on first use and kept with its object.

    `functools.cached_property` of Python 3.11 holds one lock for all objects; writers waited on it.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, made: Any, owner: type | None = None) -> T:
        value = made.__dict__[self._name] = self._work(made)
        return value
