"""What people may want next at a node: some of it is refused, as in life.

An order that has no function here is wanted as its declaration says: of a matter, of a referral at its stages, of a record
of its register, or at an office, filled in from its sample.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.accounts.rights import Relation, Role, allowed
from shared.orders.example import example_of
from shared.orders.order import Order
from shared.work.catalogue import ORDERS
from shared.work.common.words import (
    Answer,
    Channel,
    CheckedSource,
    ConfirmedBy,
    CorrectionReason,
    ExcuseReason,
    MatterClass,
    Purpose,
    ReportKind,
    Trigger,
    UnitKind,
)
from shared.work.directory.node_orders import AdmitNode, RekeyNode, RevokeNode
from shared.work.directory.orders import OpenUnit, RehostUnit, RenameUnit, SetContact
from shared.work.directory.tree_orders import CloseUnit, MergeTownship, MoveUnit, ReopenUnit
from shared.work.matters.orders.handling import (
    AcceptReferral,
    AnswerPassedOnObjection,
    CompleteReferral,
    GiveOpinion,
    ObjectToReferral,
    PassOn,
    ReferralOrder,
    ServeOpinion,
)
from shared.work.matters.orders.overriding import OverrideOffer
from shared.work.matters.orders.petition_input import PetitionerInput
from shared.work.matters.orders.referring import (
    AnswerObjection,
    ReferMatter,
    WithdrawMatter,
)
from shared.work.matters.orders.registering import CaseOrder, CorrectMatter, RegisterMatter
from shared.work.matters.stages import IN_HAND, Stage, orders_at
from shared.work.quotas.orders import RaiseQuota
from shared.work.registers.orders import RecordOrder
from shared.work.reports.orders import CorrectReport, ExcuseUnit, FileReport, RevokeExcuse
from shared.work.supervision.orders import (
    AnswerSupervision,
    IssueSupervision,
    LiftSupervision,
    RepeatSupervision,
)
from tests.simulator.ledger import CaseSeen, HandSeen, Ledger, UnitSeen

NAMES = ("罗桂香", "陈志强", "王秀英")


@dataclass(frozen=True)
class Wanted:
    """An order that somebody of a unit wants to give."""

    unit: UUID
    role: str
    order: Order


@dataclass
class Desk:
    """What the people of a node look at when they decide what to do next."""

    ledger: Ledger
    node: str
    today: date
    chance: random.Random
    known: frozenset[UUID]
    """Open offices that the node's directory shows; now and then people name one that it does not."""

    def office(self) -> UnitSeen | None:
        """One of the node's open offices."""
        return self.one([u for u in self.ledger.units.values() if u.node == self.node and u.open])

    def closed(self, *, kept: bool = False) -> list[UnitSeen]:
        """Villages that were closed, or those that this node keeps."""
        closed = [unit for unit in self.ledger.units.values() if not unit.open]
        return [unit for unit in closed if unit.node == self.node or not kept]

    def other(self, unit: UUID) -> UnitSeen | None:
        """Another open office, anywhere."""
        return self.one([u for u in self.offices() if u.id != unit])

    def offices(self) -> list[UnitSeen]:
        """Offices that people name: mostly those that the directory shows."""
        open_ = self.open_offices()
        shown = [unit for unit in open_ if unit.id in self.known]
        return shown if shown and self.chance.random() < 0.95 else open_

    def open_offices(self) -> list[UnitSeen]:
        """Every open office but the liar's: nothing is offered to it, since it would have a claim and never answer."""
        units = self.ledger.units.values()
        return [unit for unit in units if unit.open and unit.node != self.ledger.liar]

    def case(self) -> CaseSeen | None:
        """A matter of this node that has not ended."""
        return self.one([c for c in self.ledger.cases.values() if c.node == self.node and not c.ended])

    def hand(self, *stages: str) -> HandSeen | None:
        """A referral of this node at one of the stages."""
        return self.one([h for h in self.ledger.hands.values() if h.node == self.node and h.stage in stages])

    def one(self, of: list[Any]) -> Any:
        """One of a list; none of an empty one."""
        return self.chance.choice(of) if of else None

    def word(self, words: Any) -> Any:
        """One of an enumeration's words."""
        return self.chance.choice(list(words))

    def day(self, back: int) -> date:
        """Today or one of the days before."""
        return self.today - timedelta(days=self.chance.randint(0, back))

    def seen(self, version: int) -> int | None:
        """The version on the page that somebody looks at; now and then they do not say, or it is an old one."""
        return self.chance.choices((version, None, max(version - 1, 1)), (4, 15, 1))[0]


def _clerk(unit: UUID, order: Order) -> Wanted:
    return Wanted(unit, "petition_clerk", order)


def _petition(desk: Desk, unit: UUID) -> dict[str, Any]:
    earlier = desk.other(unit) if desk.chance.random() < 0.3 else None
    people = [
        PetitionerInput(name=name, contact="13800000000") for name in NAMES[: desk.chance.randint(1, 2)]
    ]
    classes = [one for one in MatterClass if one is not MatterClass.DISCIPLINE]
    return {
        "unit": unit,
        "channel": desk.word(Channel),
        "purpose": desk.word(Purpose),
        "matter_class": desk.word(classes),
        "received_on": desk.day(3),
        "persons": len(people) + desk.chance.randint(0, 2),
        "petitioners": people,
        "summary": "田埂被占",
        "request": "请归还田埂",
        "account": "去年秋天起田埂被占用",
        "earlier_unit": earlier.id if earlier else None,
        "earlier_on": desk.day(3) if earlier else None,
    }


def register(desk: Desk) -> Wanted | None:
    office = desk.office()
    return _clerk(office.id, RegisterMatter(**_petition(desk, office.id))) if office else None


def _on_case(
    make: Callable[[Desk, CaseSeen, dict[str, Any]], Order | None],
) -> Callable[[Desk], Wanted | None]:
    def want(desk: Desk) -> Wanted | None:
        case = desk.case()
        if case is None:
            return None
        order = make(desk, case, {"case": case.id, "version": desk.seen(case.version)})
        return _clerk(desk.ledger.present(case.unit), order) if order else None

    return want


def _correct(desk: Desk, case: CaseSeen, said: dict[str, Any]) -> Order:
    petition = _petition(desk, case.unit)
    petition.pop("unit")
    return CorrectMatter(**said, **petition, reason="写错")


def _refer(desk: Desk, case: CaseSeen, said: dict[str, Any]) -> Order | None:
    to = _target(desk, case.unit)
    back = desk.today + timedelta(days=desk.chance.randint(1, 9)) if desk.chance.random() < 0.3 else None
    return ReferMatter(**said, to=to.id, report_back_by=back) if to else None


def _target(desk: Desk, unit: UUID) -> UnitSeen | None:
    """Mostly the office above or one below, sometimes any; also one that moved, which senders may not know yet."""
    units = desk.offices()
    parent = desk.ledger.units[unit].parent
    near = [other for other in units if other.open and (other.id == parent or other.parent == unit)]
    far = [other for other in units if other.open and other.id != unit]
    return desk.one(near if near and desk.chance.random() < 0.6 else far)


def _withdraw(desk: Desk, case: CaseSeen, said: dict[str, Any]) -> Order:
    return WithdrawMatter(**said, confirmed_by=desk.word(ConfirmedBy))


def answer_objection(desk: Desk) -> Wanted | None:
    agreed = desk.chance.random() < 0.5
    case = desk.one([c for c in desk.ledger.cases.values() if c.node == desk.node and c.objected])
    hand = desk.one([h for h in desk.ledger.hands.values() if h.node == desk.node and h.objected])
    if case:
        return _clerk(
            desk.ledger.present(case.unit), AnswerObjection(case=case.id, offer=case.offer, agreed=agreed)
        )
    if hand:
        order = AnswerPassedOnObjection(referral=hand.id, offer=hand.open_offer, agreed=agreed)
        return _clerk(desk.ledger.present(hand.unit), order)
    return None


def _on_hand(kind: type[Order], *more: str) -> Callable[[Desk], Wanted | None]:
    """A step at the stages of the table, and at `more` stages where it is refused; filled in from its sample."""
    stages = [stage.value for stage in Stage if kind.DECLARED.name in orders_at(stage)]

    def want(desk: Desk) -> Wanted | None:
        hand = desk.hand(*stages, *more)
        if hand is None:
            return None
        ids = {"referral": str(hand.id)}
        days = {"served_on": desk.today} if "served_on" in kind.model_fields else {}
        order = kind.model_validate(example_of(kind, ids=ids) | _words(desk, kind) | days)
        return _clerk(
            desk.ledger.present(hand.unit), order.model_copy(update={"version": desk.seen(hand.version)})
        )

    return want


def _words(desk: Desk, kind: type[Order]) -> dict[str, Any]:
    """One of the words for each field that has a list of them."""
    lists = {
        name: info.annotation for name, info in kind.model_fields.items() if name in kind.DECLARED.sample
    }
    return {
        name: desk.word(of) for name, of in lists.items() if isinstance(of, type) and issubclass(of, StrEnum)
    }


def pass_on(desk: Desk) -> Wanted | None:
    hand = desk.hand(*IN_HAND)
    if hand is None:
        return None
    sideways = desk.ledger.offers[hand.offer].to != hand.unit
    to = None if sideways else _target(desk, hand.unit)
    order = PassOn(referral=hand.id, version=desk.seen(hand.version), to=to.id if to else None)
    return _clerk(desk.ledger.present(hand.unit), order)


def report(desk: Desk) -> Wanted | None:
    office = desk.office() if desk.chance.random() < 0.9 else desk.one(desk.closed(kept=True))
    if office is None:
        return None
    day, kind = desk.day(2), desk.word(ReportKind)
    said = {"unit": office.id, "day": day, "kind": kind, "checked": [desk.word(CheckedSource)]}
    if kind is ReportKind.DAILY:
        said["disputes_found"] = desk.chance.randint(0, 5)
    reported = (office.id, day) in desk.ledger.reports
    person = desk.ledger.present(office.id)
    if reported:
        return _clerk(person, CorrectReport(**said, reason=CorrectionReason.MATTER_LEFT_OUT))
    return _clerk(person, FileReport(**said))


def excuse(desk: Desk) -> Wanted | None:
    above = desk.office()
    below = desk.one([u for u in desk.open_offices() if above and u.parent == above.id])
    if above is None or below is None:
        return None
    order = ExcuseUnit(excused=below.id, day=desk.day(2), reason=desk.word(ExcuseReason))
    return Wanted(above.id, "director", order)


def revoke(desk: Desk) -> Wanted | None:
    """An excuse of this node's is taken back, or was already."""
    own = (seen for seen in desk.ledger.facts if seen.node == desk.node)
    given = desk.one([seen for seen in own if seen.envelope.name == "excuse.granted"])
    if given is None:
        return None
    order = RevokeExcuse(excused=UUID(given.data["excused"]), day=date.fromisoformat(given.data["day"]))
    return Wanted(given.envelope.unit, "director", order)


def letter(desk: Desk) -> Wanted | None:
    case, root = desk.one(list(desk.ledger.cases.values())), _root(desk.ledger)
    if desk.node != "county" or case is None or case.unit == root:
        return None
    answer_by = desk.today + timedelta(days=desk.chance.randint(0, 5))
    order = IssueSupervision(
        case=case.id, to=case.unit, trigger=desk.word(Trigger), demand="说明进展", answer_by=answer_by
    )
    return Wanted(root, "supervisor", order)


def on_letter(desk: Desk) -> Wanted | None:
    found = desk.one([one for one in desk.ledger.letters.values() if not one.lifted])
    if found is None:
        return None
    if desk.node == "county":
        again = RepeatSupervision(supervision=found.id, answer_by=desk.today + timedelta(days=3))
        lift = LiftSupervision(supervision=found.id)
        return Wanted(_root(desk.ledger), "supervisor", desk.chance.choice((again, lift)))
    if desk.ledger.units[found.to].node != desk.node:
        return None
    person = desk.ledger.present(found.to)
    return _clerk(person, AnswerSupervision(supervision=found.id, answer=desk.word(Answer), text="正在办"))


def override(desk: Desk) -> Wanted | None:
    ledger, root = desk.ledger, _root(desk.ledger)
    hands = {hand.offer: hand for hand in ledger.hands.values()}
    ended = ("not_accepted", "returned", "completed", "released", "withdrawn", "overridden")
    is_open = (
        offer
        for offer in ledger.offers.values()
        if not offer.overridden and (offer.offer not in hands or hands[offer.offer].stage not in ended)
    )
    found = desk.one([offer for offer in is_open if root not in (offer.receiver,)])
    if desk.node != "county" or found is None:
        return None
    order = OverrideOffer(
        offer=found.offer,
        came_by=found.came_by,
        case=found.case,
        sender=found.sender,
        receiver=found.receiver,
        reason="该所停电",
    )
    return Wanted(root, "director", order)


def open_unit(desk: Desk) -> Wanted | None:
    towns = [unit for unit in desk.ledger.units.values() if unit.kind == UnitKind.TOWNSHIP]
    if desk.node != "county" or not towns:
        return None
    town = desk.chance.choice(towns)
    number = 300 + sum(unit.parent == town.id for unit in desk.ledger.units.values())
    node = desk.chance.choice(_village_nodes(desk, town))
    order = OpenUnit(
        code=f"{town.code[:9]}{number}", name="新设村", kind=UnitKind.VILLAGE, parent=town.id, node=node
    )
    return Wanted(_root(desk.ledger), "administrator", order)


def change_unit(desk: Desk) -> Wanted | None:
    """A village is renamed, reached by another telephone, moved to another node or township, closed, or reopened."""
    villages = [u for u in desk.open_offices() if u.kind == UnitKind.VILLAGE]
    if desk.node != "county" or not villages:
        return None
    village = desk.chance.choice(villages)
    town = desk.ledger.units[village.parent] if village.parent else village
    changes: list[tuple[Order, int]] = [
        (RenameUnit(unit=village.id, name=f"{village.name}社", code=village.code), 3),
        (SetContact(unit=village.id, contact="0731-0000"), 3),
        (RehostUnit(unit=village.id, node=desk.chance.choice(_village_nodes(desk, town))), 3),
        (_close(desk, village), 2 if len(villages) > 6 else 0),
        (_move(desk, village), 1),
        *((ReopenUnit(unit=closed.id), 1) for closed in desk.closed()[:1]),
    ]
    orders, weights = zip(*changes, strict=True)
    return Wanted(_root(desk.ledger), "administrator", desk.chance.choices(orders, weights)[0])


def _close(desk: Desk, village: UnitSeen) -> Order:
    """Mostly into another one, which the same node keeps or not."""
    into = desk.one([u for u in desk.open_offices() if u.kind == village.kind and u.id != village.id])
    alone = into is None or desk.chance.random() < 0.2
    return CloseUnit(unit=village.id, successor=None if alone else into.id)


def _move(desk: Desk, village: UnitSeen) -> Order:
    """To another township; the same node goes on keeping its records, or one of that township."""
    towns = [u for u in desk.ledger.units.values() if u.kind == UnitKind.TOWNSHIP and u.id != village.parent]
    town = desk.chance.choice(towns)
    code, node = f"{town.code[:9]}{desk.chance.randint(400, 999)}", desk.one(_village_nodes(desk, town))
    return MoveUnit(
        unit=village.id, parent=town.id, code=code, node=node if desk.chance.random() < 0.5 else None
    )


def _village_nodes(desk: Desk, town: UnitSeen) -> list[str]:
    area = town.code[6:9]
    return sorted(
        node
        for node in desk.ledger.folders
        if node.startswith(("village-", "villages-")) and area in node and node != desk.ledger.liar
    )


def _root(ledger: Ledger) -> UUID:
    return next(unit.id for unit in ledger.units.values() if unit.parent is None)


def _of_office(kind: type[Order]) -> Callable[[Desk], Wanted | None]:
    """An order of an office about itself, filled in from its sample."""

    def want(desk: Desk) -> Wanted | None:
        office = desk.office()
        return _as_declared(desk, kind, office.id, {"unit": str(office.id)}) if office else None

    return want


def _of_record(kind: type[RecordOrder]) -> Callable[[Desk], Wanted | None]:
    """An order about a record of this node's, ended or not, filled in from its sample."""

    def want(desk: Desk) -> Wanted | None:
        own = [one for one in desk.ledger.records.values() if one.node == desk.node]
        record = desk.one([one for one in own if one.kind == kind.RECORD.STREAM])
        if record is None:
            return None
        return _as_declared(desk, kind, record.unit, {"record": str(record.id)}, record.version)

    return want


def _as_declared(
    desk: Desk, kind: type[Order], unit: UUID, ids: dict[str, str], version: int | None = None
) -> Wanted:
    """An order from its sample and its lists of words, by somebody of the unit whose right it is."""
    body = example_of(kind, office=str(unit), ids=ids) | _words(desk, kind)
    # What happened is entered on a day that has come.
    body |= {name: desk.today.isoformat() for name in body if name in ("day", "held_on")}
    order = kind.model_validate(body)
    if version is not None:
        order = order.model_copy(update={"version": desk.seen(version)})
    may = (
        role for role in Role if any(allowed(role, right, Relation.SELF) for right in kind.DECLARED.actions)
    )
    return Wanted(unit, next(may, Role.PETITION_CLERK), order)


def _declared(kind: type[Order]) -> Callable[[Desk], Wanted | None]:
    """How an order is wanted of which only the declaration is known."""
    if issubclass(kind, RecordOrder):
        return _of_record(kind)
    if issubclass(kind, ReferralOrder):
        return _on_hand(kind)
    if issubclass(kind, CaseOrder):
        return _on_case(
            lambda desk, case, said: kind.model_validate(example_of(kind) | _words(desk, kind) | said)
        )
    return _of_office(kind)


_NEED_A_FUNCTION = frozenset(
    {
        *(
            RegisterMatter,
            CorrectMatter,
            ReferMatter,
            WithdrawMatter,
            AnswerObjection,
            AnswerPassedOnObjection,
        ),
        *(AcceptReferral, ObjectToReferral, PassOn, GiveOpinion, ServeOpinion, CompleteReferral),
        *(FileReport, CorrectReport, ExcuseUnit, RevokeExcuse),
        *(IssueSupervision, RepeatSupervision, LiftSupervision, AnswerSupervision, OverrideOffer),
        *(OpenUnit, RenameUnit, SetContact, RehostUnit, CloseUnit, MoveUnit, ReopenUnit, MergeTownship),
        *(AdmitNode, RekeyNode, RevokeNode, RaiseQuota),
    }
)
"""Orders that need more than their sample: they go on from what somebody else has done, or keep the county possible.

Computers come and go by hand, with a folder that is carried: no process here takes one in, so nobody orders that. Nobody
comes near a quota here, so nobody raises one.
"""

BY_HAND: tuple[tuple[int, Callable[[Desk], Wanted | None]], ...] = (
    (8, register),
    (2, _on_case(_correct)),
    (16, _on_case(_refer)),
    (2, _on_case(_withdraw)),
    (40, answer_objection),
    (20, _on_hand(AcceptReferral)),
    (10, _on_hand(ObjectToReferral)),
    (14, pass_on),
    (20, _on_hand(GiveOpinion)),
    (30, _on_hand(ServeOpinion)),
    (30, _on_hand(CompleteReferral, "opinion_given")),
    (6, report),
    (2, excuse),
    (4, letter),
    (8, on_letter),
    (4, override),
    (2, open_unit),
    (4, change_unit),
)
"""Orders with how often they are wanted, so that most matters get somewhere and some go round in circles."""

MENU = (
    *BY_HAND,
    (1, revoke),
    *((2, _declared(kind)) for kind in ORDERS.values() if kind not in _NEED_A_FUNCTION),
)
"""All orders that there are."""


def next_wanted(desk: Desk) -> Wanted:
    """Something that can be tried now; a node without offices gives none. Errors: LookupError."""
    weights, wants = zip(*MENU, strict=True)
    for want in desk.chance.choices(wants, weights, k=8):
        if wanted := want(desk):
            return wanted
    raise LookupError(f"nobody at {desk.node} wants anything")
