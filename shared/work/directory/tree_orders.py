"""Orders by which the tree of units changes: a unit moves, closes, is opened again; a township goes into another."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.orders.declaration import AT_THE_COUNTY, Declared, Step
from shared.orders.input import AnyOfficeId, NodeName, OfficeId
from shared.orders.order import OrderContext, Setting
from shared.work.common.calendar import day_of
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sentences import N_
from shared.work.common.unit_info import UnitInfo
from shared.work.common.words import UnitKind
from shared.work.directory import questions as units
from shared.work.directory.codes import CodeOfAnotherPlace, CodeTaken, WrongPlace, require_fitting
from shared.work.directory.orders import (
    CHANGE,
    Code,
    UnitOrder,
    UnknownNode,
    let_follow,
    require_free,
    require_node,
)
from shared.work.directory.unit import NamelessUnit, Unit, UnitIsClosed, UnitIsOpen
from shared.work.matters.questions.office import open_matters_of

MaybeCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{12})?$")]


class CountyStays(Refusal):
    """The county bureau is what everything else belongs to."""

    code = "county-stays"
    sentence = "The county bureau cannot be closed: every other office belongs to it."


class OfficesBelow(Refusal):
    """Offices below it are open still."""

    code = "offices-below"
    sentence = "%(count)s offices below are still open, %(name)s first. Close them before this one."


class OpenMatters(Refusal):
    """Somebody waits for an answer of the unit."""

    code = "open-matters"
    sentence = (
        "%(name)s has open matters still, %(count)s in all, %(number)s first."
        " Name the office that goes on with its work, or wait until they have ended."
    )
    kind = Kind.WRONG_INPUT


class UnfitSuccessor(Refusal):
    """Whoever goes on with the work of a unit is another open one of the same level."""

    code = "unfit-successor"
    sentence = "%(name)s cannot go on with this work. Choose another open office of the same level."
    kind = Kind.WRONG_INPUT


class AlreadyThere(Refusal):
    """The unit belongs to that office already."""

    code = "already-there"
    sentence = "It belongs to %(name)s already. Choose another office, or only rename it."
    kind = Kind.WRONG_INPUT


class MoveUnit(UnitOrder):
    """Let a unit belong to another office; its records, matters and register mark stay its own."""

    DECLARED = Declared(
        "move-unit",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "unit",
            "move",
            N_("Let the unit belong to another office"),
            N_("Move it"),
            says=N_(
                "From today on the new office sees and watches it; the old one keeps sight of the past. Matters, limits"
                " and reports go on."
            ),
        ),
        sample={"code": "430321102299"},
        refusals=(
            *(AlreadyThere, WrongPlace, CodeOfAnotherPlace, CodeTaken),
            *(UnknownNode, UnitIsClosed, NamelessUnit),
        ),
    )

    parent: OfficeId = Field(title=N_("Belongs to"))
    code: Code = Field(title=N_("Code, 12 digits"))
    node: NodeName | None = Field(
        None,
        title=N_("Computer (node)"),
        description=N_("It keeps the records from now on; empty: as before."),
    )

    def decide(self, context: OrderContext, setting: Setting) -> None:
        parent, unit = setting.open_unit(self.parent), self.load(context)
        if unit.entry.parent == parent.unit:
            raise AlreadyThere(name=parent.name, field="parent")
        require_fitting(self.code, unit.entry.kind, parent)
        require_free(context, self.code, but=self.unit)
        node = self.node or unit.entry.node
        require_node(setting, node)
        day = {"since": self.today(context), "at": context.at}
        unit.move(parent=parent.unit, code=self.code, node=node, **day)
        let_follow(context, self.unit, node)


class CloseUnit(UnitOrder):
    """End a unit, and name the one that goes on with its work; one that was closed without may be given one later."""

    DECLARED = Declared(
        "close-unit",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "unit",
            "close",
            N_("Close the unit"),
            N_("Close the unit"),
            says=N_(
                "It owes its report of today still, and nothing from tomorrow on. Everything it did stays, and the office"
                " that goes on with its work handles what is open."
            ),
        ),
        refusals=(UnitIsClosed, CountyStays, OfficesBelow, OpenMatters, UnfitSuccessor),
    )

    LATER = frozenset({"successor"})

    successor: AnyOfficeId | None = Field(
        None,
        title=N_("Office that goes on with its work"),
        description=N_("May be left empty where no matter is open."),
    )

    def decide(self, context: OrderContext, setting: Setting) -> None:
        unit = self.load(context)
        if unit.entry.parent is None:
            raise CountyStays()
        if below := context.ask(units.open_below, self.unit):
            raise OfficesBelow(count=len(below), name=below[0].name)
        if self.successor is None:
            self._require_nothing_open(context, unit)
            unit.close(since=self.today(context), at=context.at)
        else:
            close_into(context, setting, unit, self.successor)

    def _require_nothing_open(self, context: OrderContext, unit: Unit) -> None:
        # What others left to it is left, too.
        left = [self.unit, *context.ask(units.closed_into, self.unit)]
        count, number = context.ask(open_matters_of, left)
        if count and unit.closed_on is None:
            raise OpenMatters(name=unit.entry.name, count=count, number=number, field="successor")


class ReopenUnit(UnitOrder):
    """Undo the closing of a unit; its register mark stays its own."""

    DECLARED = Declared(
        "reopen-unit",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "unit",
            "reopen",
            N_("Reopen what was closed by mistake"),
            N_("Reopen"),
            says=N_(
                "Its matters are its own again. For the days between it owes no report. A new code is needed only where"
                " another office bears the old one by now."
            ),
        ),
        refusals=(UnitIsOpen, CodeTaken, CodeOfAnotherPlace, WrongPlace, NamelessUnit),
    )

    code: MaybeCode = Field("", title=N_("Code, 12 digits"), description=N_("Empty: the code that it had."))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        unit = self.load(context)
        code = self.code or unit.entry.code
        if unit.entry.parent and unit.closed_on:
            require_fitting(code, unit.entry.kind, setting.open_unit(unit.entry.parent))
            require_free(context, code, but=self.unit)
        unit.reopen(code=code, since=self.today(context), at=context.at)


class MergeTownship(UnitOrder):
    """Close a township: all that belongs to it belongs to another one from now on, which goes on with its work."""

    DECLARED = Declared(
        "merge-township",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "unit",
            "merge",
            N_("Merge the township into another one"),
            N_("Merge"),
            says=N_(
                "Its villages belong to the other township from today on, under codes that fit it: the same last digits"
                " where they are free. Then it is closed, and the other one goes on with its work."
            ),
        ),
        refusals=(UnfitSuccessor, CodeTaken, UnitIsClosed, NamelessUnit, UnknownNode),
    )

    into: OfficeId = Field(title=N_("Township that goes on with its work"))
    villages_node: NodeName | None = Field(
        None,
        title=N_("Computer (node) of the villages"),
        description=N_("It keeps the records from now on; empty: as before."),
    )

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        known, into = setting.directory.find(self.unit), setting.open_unit(self.into)
        if known is None or {known.kind, into.kind} != {UnitKind.TOWNSHIP} or self.unit == self.into:
            raise UnfitSuccessor(name=into.name, field="into")
        if known.closed_on:
            raise UnitIsClosed(day=known.closed_on.isoformat())
        below = context.ask(units.open_below, self.unit)
        for child, code in zip(below, _codes(context, below, into), strict=True):
            self._move(context, setting, child, code)
        # Closed after the rest: so the computer that has kept the township hears where its villages went.
        close_into(context, setting, self.load(context), self.into)
        return {"moved": len(below)}

    def _move(self, context: OrderContext, setting: Setting, child: UnitInfo, code: str) -> None:
        node = self.villages_node or child.node
        require_node(setting, node)
        day = {"since": self.today(context), "at": context.at}
        context.load(Unit, child.unit).move(parent=self.into, code=code, node=node, **day)
        let_follow(context, child.unit, node)


def close_into(context: OrderContext, setting: Setting, unit: Unit, successor: UUID) -> None:
    """Close a unit, and let another one go on with its work and keep its records. Errors: UnfitSuccessor, UnitIsClosed."""
    into = setting.open_unit(successor)
    # Asked of the log's own projection, too: what was closed a moment ago is in it.
    node = context.ask(units.node_of_open, into.unit)
    if node is None or into.unit == unit.id or not setting.directory.are_alike(unit.id, into.unit):
        raise UnfitSuccessor(name=into.name, field="successor")
    unit.close(since=day_of(context.at), successor=into.unit, node=node, at=context.at)
    let_follow(context, unit.id, node)


def _codes(context: OrderContext, below: list[UnitInfo], into: UnitInfo) -> Iterator[str]:
    """A free code of the township for each, with the last three digits that it has now or the next free ones.

    Errors: CodeTaken, when the township has none left.
    """
    given: set[str] = set()
    for child in below:
        last, begin = int(child.code[9:]), into.code[:9]
        numbers = [*range(last, 1000), *range(1, last)]
        codes = (f"{begin}{number:03d}" for number in numbers)
        free = (one for one in codes if one not in given and not context.ask(units.owner_of_code, one))
        code = next(free, None)
        if code is None:
            raise CodeTaken(code=child.code, name=into.name, field="into")
        given.add(code)
        yield code
