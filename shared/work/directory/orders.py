"""Orders about the directory; only the county gives them. What changes the tree of units stands in `tree_orders.py`."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.accounts.rights import Right
from shared.orders.declaration import AT_THE_COUNTY, Declared, Step
from shared.orders.input import Line, MaybeLine, NodeName, OfficeId
from shared.orders.order import Order, OrderContext, Setting
from shared.projections import hand_overs
from shared.work.common.fact import derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sentences import N_
from shared.work.common.words import UnitKind
from shared.work.directory import questions as units
from shared.work.directory.codes import CodeOfAnotherPlace, CodeTaken, WrongPlace, require_fitting
from shared.work.directory.node_entry import NodeIsRevoked
from shared.work.directory.unit import NamelessUnit, Unit, UnitEntry, UnitIsClosed

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Contact = Annotated[str, StringConstraints(max_length=60)]

CHANGE = Right("directory.change", "- - - - self,child", N_("Change the directory"))


class MarkTaken(Refusal):
    """The code's register mark belongs to another unit, and marks are never reused."""

    code = "mark-taken"
    sentence = "The code %(code)s was used by %(name)s, and its register mark is never used again. Choose another code."
    kind = Kind.WRONG_INPUT


class NodeOfAnotherPlace(Refusal):
    """What the node sends does not come to the office above the unit."""

    code = "node-of-another-place"
    sentence = (
        "What the computer %(node)s sends does not come to %(above)s, which watches this office."
        " Choose a computer of the same township, or admit one."
    )
    kind = Kind.WRONG_INPUT


class NothingToWaitFor(Refusal):
    """The unit's computer has what there is of the office."""

    code = "nothing-to-wait-for"
    sentence = "The computer of %(name)s is not waiting for an earlier one. There is nothing to decide."


class UnknownNode(Refusal):
    """There is no such node in the network."""

    code = "unknown-node"
    sentence = "There is no computer named %(node)s in the network. Choose one from the list."
    kind = Kind.WRONG_INPUT


class OpenUnit(Order):
    """Add an office below another one; there is one county."""

    DECLARED = Declared(
        "open-unit",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step("", "add", N_("Add a village or community"), N_("Add")),
        sample={"code": "430321101299", "name": "新设村", "kind": "village"},
        refusals=(
            MarkTaken,
            CodeTaken,
            WrongPlace,
            CodeOfAnotherPlace,
            UnknownNode,
            NodeIsRevoked,
            NamelessUnit,
        ),
    )

    code: Code = Field(title=N_("Code, 12 digits"))
    name: Line = Field(title=N_("Name"))
    name_en: MaybeLine = Field("", title=N_("Name in English"))
    kind: Literal[UnitKind.TOWNSHIP, UnitKind.DEPARTMENT, UnitKind.VILLAGE, UnitKind.COMMUNITY] = Field(
        title=N_("Kind")
    )
    parent: OfficeId = Field(title=N_("Belongs to"))
    node: NodeName = Field(title=N_("Computer (node)"))
    contact: Contact = Field("", title=N_("Telephone of the office"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.parent

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        parent = setting.open_unit(self.parent)
        mark = self.code[6:12]
        # Asked of the log's own projection: the directory is that of the moment when the order was handed in.
        owner = context.ask(units.owner_of_mark, mark)
        if owner is not None:
            raise MarkTaken(code=self.code, name=owner)
        require_node(setting, self.node)
        require_fitting(self.code, self.kind, parent)
        require_free(context, self.code)
        entry = UnitEntry(
            code=self.code,
            mark=mark,
            name=self.name,
            name_en=self.name_en,
            kind=self.kind,
            parent=parent.unit,
            node=self.node,
            contact=self.contact,
            since=self.today(context),
        )
        unit = derived_id("unit", setting.actor.unit, self.code, context.at)
        context.add(Unit.open(unit_id=unit, county=setting.actor.unit, entry=entry, at=context.at))
        return {"unit": str(unit)}


class UnitOrder(Order):
    """An order about a unit in the directory."""

    unit: UUID
    version: int | None = None

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.unit

    def load(self, context: OrderContext) -> Unit:
        """The unit, if the version is the present one. Errors: NotFound, StaleVersion."""
        return context.load(Unit, self.unit, self.version)


class RenameUnit(UnitOrder):
    """Give a unit a new name or code."""

    DECLARED = Declared(
        "rename-unit",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step("unit", "rename", N_("Rename the unit"), N_("Save")),
        sample={"name": "新设社区", "name_en": "New", "code": "430321101298"},
        refusals=(CodeTaken, CodeOfAnotherPlace, UnitIsClosed, NamelessUnit),
    )

    name: Line = Field(title=N_("Name"))
    name_en: MaybeLine = Field("", title=N_("Name in English"))
    code: Code = Field(title=N_("Code, 12 digits"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        unit = self.load(context)
        parent = unit.entry.parent and setting.directory.find(unit.entry.parent)
        if parent and self.code != unit.entry.code:
            require_fitting(self.code, unit.entry.kind, parent)
        require_free(context, self.code, but=self.unit)
        # A program that does not speak of the English name does not take it away.
        name_en = self.name_en if "name_en" in self.model_fields_set else unit.entry.name_en
        unit.rename(name=self.name, name_en=name_en, code=self.code, since=self.today(context), at=context.at)


class RehostUnit(UnitOrder):
    """Let another node keep the unit."""

    DECLARED = Declared(
        "rehost-unit",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step("unit", "rehost", N_("Move the unit to another computer"), N_("Save")),
        refusals=(UnknownNode, NodeIsRevoked, UnitIsClosed, NodeOfAnotherPlace),
    )

    node: NodeName = Field(title=N_("Computer (node)"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        require_node(setting, self.node)
        unit = self.load(context)
        above = unit.entry.parent and setting.directory.find(unit.entry.parent)
        if above and not setting.directory.hears(above.node, self.node):
            raise NodeOfAnotherPlace(node=self.node, above=above.name, field="node")
        unit.rehost(node=self.node, since=self.today(context), at=context.at)
        let_follow(context, self.unit, self.node)


class BeginAnew(UnitOrder):
    """Let a unit's node begin without what the one before it has."""

    DECLARED = Declared(
        "begin-anew",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "unit",
            "begin-anew",
            N_("Begin without the earlier computer"),
            N_("Begin without it"),
            says=N_(
                "Only where the earlier computer cannot be reached any more. The office's new computer takes new entries"
                " at once, under numbers of its own; its earlier records follow if the old one ever answers."
            ),
        ),
        sample={"reason": "The old computer was stolen."},
        refusals=(UnitIsClosed, NothingToWaitFor),
    )

    reason: Line = Field(title=N_("Reason"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        found = setting.directory.find(self.unit)
        is_moved = found is not None and len(found.homes) > 1 and not found.begins_anew
        if (
            found is None
            or not is_moved
            or context.ask(hand_overs.is_handed_over, self.unit, len(found.homes))
        ):
            raise NothingToWaitFor(name=setting.directory.name_of(self.unit))
        self.load(context).begin_anew(reason=self.reason, since=self.today(context), at=context.at)


class SetContact(UnitOrder):
    """Change the office's telephone."""

    DECLARED = Declared(
        "set-contact",
        (CHANGE,),
        tiers=AT_THE_COUNTY,
        step=Step("unit", "contact", N_("Office telephone"), N_("Save")),
        sample={"contact": "0731-000 0000"},
        refusals=(UnitIsClosed,),
    )

    contact: Contact = Field(title=N_("Telephone of the office"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).set_contact(contact=self.contact, since=self.today(context), at=context.at)


def let_follow(context: OrderContext, unit: UUID, node: str) -> None:
    """The records of closed units whose work goes on at a unit are kept where that one's are, and told where it is."""
    for closed in context.ask(units.closed_into, unit):
        context.load(Unit, closed).follow(node=node, at=context.at)


def require_free(context: OrderContext, code: str, but: UUID | None = None) -> None:
    """Refuse a code that another open unit bears. Errors: CodeTaken."""
    owner = context.ask(units.owner_of_code, code, but=but)
    if owner is not None:
        raise CodeTaken(code=code, name=owner, field="code")


def require_node(setting: Setting, node: str) -> None:
    """Refuse a computer that nobody knows, and one that nothing is taken of. Errors: UnknownNode, NodeIsRevoked."""
    known = setting.directory.nodes.get(node)
    if known is None:
        raise UnknownNode(node=node)
    if known.revoked_on is not None:
        raise NodeIsRevoked(node=node, day=known.revoked_on.isoformat())
