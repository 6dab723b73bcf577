"""A record of every register, entered, changed, corrected, and brought to each of its ends."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from shared.orders.input import Input
from shared.work.catalogue import SUBJECTS
from shared.work.common.fact import UnitId
from shared.work.registers.declaration import Register, is_sealed
from shared.work.registers.facts import Record
from tests.work.scene import DAY, at, text


def kept_registers(unit: UnitId, above: UnitId) -> Iterator[Record]:
    """Of every register one record for each of its ends, with everything that can happen to it."""
    for one in SUBJECTS:
        if one.records:
            kind: Any = one.streams[0]
            yield from _kept(one.records.register, kind, unit, above)


def _kept(register: Register, kind: type[Record], unit: UnitId, above: UnitId) -> Iterator[Record]:
    for running, end in enumerate(register.endings, start=1):
        record = opened(register, kind, unit, above, running)
        entry = filled(entry_of(register), record.id)
        record.change(entry=entry, at=at(0, 9))
        record.end(end.name, fields=filled(end.fields.model_validate(end.sample), record.id), at=at(0, 10))
        record.correct(entry=entry, reason=text(record.id, "reason"), at=at(0, 11))
        yield record


def entry_of(register: Register, day: date = DAY) -> Input:
    """The register's sample, of a day."""
    return register.entry.model_validate({**register.sample, register.day_field: day})


def opened(
    register: Register,
    kind: type[Record],
    unit: UnitId,
    above: UnitId | None,
    running: int = 1,
    day: date = DAY,
) -> Record:
    """A record as it was entered, filled in with the register's sample."""
    subject = kind.id_for(unit, 1, running)
    entry = filled(entry_of(register, day), subject)
    return kind.open(id=subject, unit=unit, above=above, running=running, entry=entry, at=at(0, 8))


def filled(given: Input, subject: UUID) -> dict[str, Any]:
    """The fields as a fact has them, long texts sealed."""
    fields = type(given).model_fields.items()
    return {name: text(subject, name) if is_sealed(info) else getattr(given, name) for name, info in fields}
