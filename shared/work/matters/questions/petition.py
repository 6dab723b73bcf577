"""What lists show of a petition: the readable part of its content as columns, the whole beside it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Integer, String, Uuid

from shared.projections.columns import day_of_text, sealed, sealed_from, unit_of, unseen
from shared.work.common.words import Channel, MatterClass, PersonRole, Purpose
from shared.work.matters.content import Content, Earlier, Petitioner

_TEXTS = ("summary", "request", "account")


def petition_columns() -> list[Column[Any]]:
    """Fresh columns for a table that shows petitions; `received_day` counts days as `date.toordinal`."""
    return [
        Column("channel", String),
        Column("purpose", String),
        Column("matter_class", String),
        Column("received_on", Date),
        unseen("received_day", Integer),
        Column("persons", Integer),
        Column("place", Uuid),
        Column("earlier_unit", Uuid),
        Column("earlier_on", Date),
        sealed("content"),
    ]


def petition_values(content: dict[str, Any]) -> dict[str, Any]:
    """The values of `petition_columns` for a content as it stands in a fact."""
    received_on, earlier = date.fromisoformat(content["received_on"]), content["earlier"] or {}
    return {
        "channel": content["channel"],
        "purpose": content["purpose"],
        "matter_class": content["matter_class"],
        "received_on": received_on,
        "received_day": received_on.toordinal(),
        "persons": content["persons"],
        "place": unit_of(content["place"]),
        "earlier_unit": unit_of(earlier.get("unit")),
        "earlier_on": day_of_text(earlier.get("on")),
        "content": content,
    }


def content_of(stored: dict[str, Any]) -> Content:
    """The petition as the rules know it, its texts still sealed."""
    texts = {name: sealed_from(stored[name]) for name in _TEXTS}
    earlier = stored["earlier"]
    return Content(
        channel=Channel(stored["channel"]),
        purpose=Purpose(stored["purpose"]),
        matter_class=MatterClass(stored["matter_class"]),
        received_on=date.fromisoformat(stored["received_on"]),
        persons=stored["persons"],
        petitioners=tuple(_petitioner(person) for person in stored["petitioners"]),
        place=unit_of(stored["place"]),
        earlier=Earlier(UUID(earlier["unit"]), date.fromisoformat(earlier["on"])) if earlier else None,
        **texts,
    )


def _petitioner(stored: dict[str, Any]) -> Petitioner:
    name, contact = sealed_from(stored["name"]), sealed_from(stored["contact"])
    return Petitioner(stored["person"], PersonRole(stored["role"]), name, contact)
