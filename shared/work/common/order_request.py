"""What a node is asked to do: one object from the door to the node's writer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.work.common.actor import Actor


@dataclass(frozen=True)
class OrderRequest:
    """What somebody asks for: who, when, and a decision; `key` makes a repeated request harmless.

    `decide` is given the order's context, refuses or records, and may return what is added to the answer.
    `content` is what the form or the JSON body said, for recognising the same order again; `streams`
    are those it is known to ask for, so that a group reads them together, `expected_new` those that it
    most likely begins, `questions` the batched questions that it will ask of projections.
    """

    by: Actor
    at: datetime
    decide: Callable[[Any], Any]
    key: str | None = None
    content: Any = None
    streams: tuple[UUID, ...] = ()
    expected_new: tuple[UUID, ...] = ()
    questions: tuple[Any, ...] = ()
