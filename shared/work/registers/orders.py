"""Orders of a register, made from its declaration: enter, change, correct, and each of its endings."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field, create_model

from shared.orders.declaration import Declared, Step
from shared.orders.input import Input, Line
from shared.orders.order import Order, OrderContext, Seals, Setting
from shared.work.common.days_ahead import FurtherThanAYear
from shared.work.common.refusals import Refusal
from shared.work.common.sentences import N_
from shared.work.registers.declaration import Ending, Register, is_sealed
from shared.work.registers.facts import BeforeItsDay, Record, RecordHasEnded

ENTER, CHANGE, CORRECT = N_("Make an entry"), N_("Change the entry"), N_("Correct the entry")
SAVE, REASON = N_("Save"), N_("Reason")


class RegisterOrder(Order):
    """An order of a register."""

    RECORD: ClassVar[type[Record]]
    FIELDS: ClassVar[type[Input]]
    REFUSALS: ClassVar[tuple[type[Refusal], ...]] = ()
    """What its rule refuses with."""

    def filled(self, seals: Seals) -> dict[str, Any]:
        """The fields as a fact has them: long texts sealed."""
        return {
            name: seals.text(name, value) if is_sealed(info) and value is not None else value
            for name, info in self.FIELDS.model_fields.items()
            for value in (getattr(self, name),)
        }


class EnterRecord(RegisterOrder):
    """Make an entry in the register of `unit`."""

    REFUSALS = (BeforeItsDay, FurtherThanAYear)
    NEXT: ClassVar[Callable[[Any, UUID], int]]
    """The running number that the unit's next entry gets."""

    unit: UUID

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.unit

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        unit = setting.open_unit(self.unit)
        running = context.ask(self.NEXT, unit.unit, about=unit.unit)
        record = self.RECORD.id_for(unit.unit, setting.incarnation, running)
        entry = self.filled(context.seals(record, 0, record, making=True))
        context.add(
            self.RECORD.open(
                id=record, unit=unit.unit, above=unit.parent, running=running, entry=entry, at=context.at
            )
        )
        return {"record": str(record), "running": running}


class RecordOrder(RegisterOrder):
    """An order about a record that this office entered."""

    record: UUID
    version: int | None = None

    def streams(self) -> tuple[UUID, ...]:
        return (self.record,)

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return context.load(self.RECORD, self.record).unit

    def load(self, context: OrderContext) -> tuple[Record, Seals]:
        """The record, if the version is the present one, and seals for its next fact. Errors: NotFound, StaleVersion."""
        found = context.load(self.RECORD, self.record, self.version)
        return found, context.seals(found.id, found.version, found.id, making=True)


class ChangeRecord(RecordOrder):
    """Say what has changed."""

    REFUSALS = (RecordHasEnded, BeforeItsDay, FurtherThanAYear)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        record, seals = self.load(context)
        record.change(entry=self.filled(seals), at=context.at)


class CorrectRecord(RecordOrder):
    """Put right what was mistyped."""

    REFUSALS = (BeforeItsDay, FurtherThanAYear)
    reason: Line = Field(title=REASON)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        record, seals = self.load(context)
        reason = seals.text("reason", self.reason)
        record.correct(entry=self.filled(seals), reason=reason, at=context.at)


class EndRecord(RecordOrder):
    """Bring the record to an end."""

    ENDING: ClassVar[str]
    REFUSALS = (RecordHasEnded, BeforeItsDay)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        record, seals = self.load(context)
        record.end(self.ENDING, fields=self.filled(seals), at=context.at)


def orders_of(
    register: Register, record: type[Record], next_running: Callable[[Any, UUID], int]
) -> tuple[type[RegisterOrder], ...]:
    """The orders of a register: enter, change, correct, then its endings in their order."""
    make = _Maker(register, record)
    enter: Any = make.order("Enter", EnterRecord, Step("", "new", ENTER, SAVE))
    enter.NEXT = next_running
    return (
        enter,
        make.order("Change", ChangeRecord, make.step("change", CHANGE, SAVE)),
        make.order("Correct", CorrectRecord, make.step("correct", CORRECT, SAVE), {"reason": "笔误"}),
        *(make.ending(end) for end in register.endings),
    )


class _Maker:
    def __init__(self, register: Register, record: type[Record]) -> None:
        self._register, self._record = register, record

    def step(self, name: str, title: str, button: str) -> Step:
        return Step(self._register.name, name, title, button)

    def order(
        self, verb: str, base: type[RegisterOrder], step: Step, more: Mapping[str, Any] | None = None
    ) -> type[RegisterOrder]:
        register = self._register
        one = register.name.removesuffix("s")
        declared = Declared(
            f"{verb.lower()}-{one}",
            (register.write,),
            tiers=register.tiers,
            step=step,
            sample={**register.sample, **(more or {})},
            refusals=base.REFUSALS,
        )
        return self._made(f"{verb}{register.stem}", (base, register.entry), declared, register.entry)

    def ending(self, end: Ending) -> type[RegisterOrder]:
        declared = Declared(
            end.name,
            (self._register.write,),
            tiers=self._register.tiers,
            step=self.step(end.name, end.title, end.button),
            sample=end.sample,
            refusals=EndRecord.REFUSALS,
        )
        name = "".join(part.title() for part in end.name.split("-"))
        made = self._made(name, (EndRecord, end.fields), declared, end.fields)
        made.ENDING = end.name  # type: ignore[attr-defined]
        return made

    def _made(
        self, name: str, bases: tuple[type[Input], ...], declared: Declared, fields: type[Input]
    ) -> type[Any]:
        made: Any = create_model(name, __base__=bases, __doc__=bases[0].__doc__)
        made.DECLARED, made.RECORD, made.FIELDS = declared, self._record, fields
        return made
