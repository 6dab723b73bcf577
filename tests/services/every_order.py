"""A day at the offices in which every order is given once, in an order that the work allows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx

from shared.orders.example import example_of
from shared.orders.order import Order
from shared.work.catalogue import ORDERS
from shared.work.matters import stages
from shared.work.matters.orders.handling import ReferralOrder
from shared.work.matters.orders.registering import CaseOrder
from shared.work.matters.referral import Referral
from shared.work.registers.pages.register import RegisterPages
from shared.work.tier_app import registers_of
from tests.services.network import COUNTY, LONE_VILLAGE, TODAY, TOWN, VILLAGE, Person, Stage, petition

DAY = TODAY.isoformat()
CARRIED = {"admit-node", "rekey-node", "revoke-node", "begin-anew"}
"""Orders about computers that are carried here: nothing settles while one is taken in that nobody starts."""
Body = Callable[["Papers"], dict[str, Any]]


class Papers:
    """What earlier answers gave, for the orders that follow."""

    def __init__(self, stage: Stage) -> None:
        self.unit = {name: str(stage.unit(code)) for name, code in UNITS.items()}
        self.kept: dict[str, Any] = {}

    def case(self, letter: str) -> str:
        """The matter with this letter."""
        return self.kept[f"register {letter}"]["case"]

    def offer(self, words: str) -> str:
        """The offer that a referral made."""
        return self.kept[words]["facts"][-1]

    def referral(self, words: str) -> str:
        """The referral that an offer made at its receiver."""
        return str(Referral.id_for(UUID(self.offer(words))))


UNITS = {"village": VILLAGE, "lone": LONE_VILLAGE, "town": TOWN, "county": COUNTY}
PEOPLE = {
    "V": (VILLAGE, "petition_clerk"),
    "T": (TOWN, "petition_clerk"),
    "TD": (TOWN, "director"),
    "CD": (COUNTY, "director"),
    "A": (COUNTY, "administrator"),
}


@dataclass(frozen=True)
class Act:
    """One order: who gives it, its words for later ones, and its body."""

    who: str
    order: str
    words: str
    body: Body


def register(letter: str) -> Act:
    """A new matter at the village."""
    words = f"register {letter}"
    return Act("V", "register-matter", words, lambda p: petition(unit=p.unit["village"]))


def refer(letter: str) -> Act:
    """The village offers a matter to its township."""
    return Act("V", "refer-matter", f"refer {letter}", lambda p: {"case": p.case(letter)} | to(p, "town"))


def to(papers: Papers, unit: str) -> dict[str, Any]:
    """Where a matter goes, and why."""
    return {"to": papers.unit[unit], "reason": "competent_body"}


def on_case(order: str, letter: str, **more: Any) -> Act:
    """An order of the village about its matter."""
    return Act("V", order, f"{order} {letter}", lambda p: {"case": p.case(letter)} | more)


def on_referral(order: str, by: str, **more: Any) -> Act:
    """An order of the township about what was referred to it."""
    return Act("T", order, f"{order} {by}", lambda p: {"referral": p.referral(by)} | more)


def on_letter(who: str, order: str, **more: Any) -> Act:
    """An order about the supervision letter."""
    return Act(who, order, order, lambda p: {"supervision": p.kept["letter"]["supervision"]} | more)


def on_unit(order: str, **more: Any) -> Act:
    """An order about the village that was added."""
    return Act("A", order, order, lambda p: {"unit": p.kept["open"]["unit"]} | more)


def report(papers: Papers) -> dict[str, Any]:
    """The village's daily report."""
    return {
        "unit": papers.unit["village"],
        "day": DAY,
        "kind": "daily",
        "checked": ["phone"],
        "disputes_found": 6,
    }


def raise_quota(papers: Papers) -> dict[str, Any]:
    """The township's director gives everybody there more for the day."""
    return {"unit": papers.unit["town"], "quota": "text", "more": 500, "reason": "program"}


def letter(papers: Papers) -> dict[str, Any]:
    """The county asks the township for a duty."""
    demand = {"trigger": "overdue", "demand": "说明进展", "answer_by": DAY}
    return {"case": papers.case("c"), "to": papers.unit["town"]} | demand


def override(papers: Papers) -> dict[str, Any]:
    """The county takes a matter from a township that cannot answer."""
    hands = {"sender": papers.unit["village"], "receiver": papers.unit["town"]}
    return {"offer": papers.offer("refer f"), "case": papers.case("f"), "reason": "停电"} | hands


def new_village(papers: Papers) -> dict[str, Any]:
    """A village that is added below the township."""
    place = {"parent": papers.unit["town"], "node": "villages-101"}
    return {"code": "430321101299", "name": "新设村", "kind": "village"} | place


def new_township(papers: Papers) -> dict[str, Any]:
    """A township that is added below the county, for a while."""
    place = {"parent": papers.unit["county"], "node": "town-101"}
    return {"code": "430321109000", "name": "新设镇", "kind": "township"} | place


def on_register(pages: RegisterPages) -> Iterator[Act]:
    """A record is entered, changed, corrected, and brought to each of its ends."""
    enter, change, correct, *endings = pages.subject.orders

    def about(order: type[Order], record: str) -> Act:
        def body(papers: Papers) -> dict[str, Any]:
            return example_of(order, ids={"record": papers.kept[record]["record"]})

        return Act("V", order.DECLARED.name, f"{order.DECLARED.name} {record}", body)

    for number, ending in enumerate(endings):
        record = f"{pages.path} {number}"
        yield Act(
            "V", enter.DECLARED.name, record, lambda p: example_of(enter, ids={"unit": p.unit["village"]})
        )
        if not number:
            yield about(change, record)
        yield about(ending, record)
        if not number:
            yield about(correct, record)


REACHED = ("accept-referral", "give-opinion", "serve-opinion")
"""The steps that take a referral further, until it is where an order is offered."""


def _of_matter(kind: type[Order]) -> Iterator[Act]:
    """An order of a matter or of a referral from its declaration alone, on a matter of its own."""
    name, sample = kind.DECLARED.name, dict(kind.DECLARED.sample)
    yield register(name)
    if issubclass(kind, CaseOrder):
        yield on_case(name, name, **sample)
        return
    yield refer(name)
    offered = [stage for stage in stages.Stage if name in stages.orders_at(stage)]
    steps, stage = iter(REACHED), stages.Stage.RECEIVED
    while stage not in offered:
        step = next(steps)
        yield on_referral(step, f"refer {name}", **ORDERS[step].DECLARED.sample)
        stage = next(line.to for line in stages.HANDLING if line.order == step)
    yield on_referral(name, f"refer {name}", **sample)


BY_HAND = (
    register("a"),
    Act(
        "V",
        "correct-matter",
        "correct",
        lambda p: petition(case=p.case("a"), summary="井台旁的两盏路灯不亮", reason="漏写一盏"),
    ),
    refer("a"),
    on_referral("object-to-referral", "refer a", ground="other_place", reason="不在本镇"),
    Act(
        "V",
        "answer-objection",
        "refuse",
        lambda p: {"case": p.case("a"), "offer": p.offer("refer a"), "agreed": False},
    ),
    on_referral("accept-referral", "refer a"),
    on_referral(
        "give-opinion", "refer a", outcome="supported", findings="属实", legal_basis="条例第三十二条"
    ),
    on_referral("serve-opinion", "refer a", way="in_person", served_on=DAY),
    on_referral("complete-referral", "refer a", performed=True, report="已修好"),
    register("c"),
    refer("c"),
    Act("T", "pass-on", "pass c", lambda p: {"referral": p.referral("refer c")} | to(p, "county")),
    Act(
        "CD",
        "object-to-referral",
        "county objects",
        lambda p: {"referral": p.referral("pass c"), "ground": "other_place", "reason": "属镇里"},
    ),
    Act(
        "T",
        "answer-passed-on-objection",
        "agree",
        lambda p: {"referral": p.referral("refer c"), "offer": p.offer("pass c"), "agreed": True},
    ),
    register("e"),
    on_case("withdraw-matter", "e", confirmed_by="signed_paper"),
    Act("V", "file-report", "report", report),
    Act(
        "V",
        "correct-report",
        "report again",
        lambda p: report(p) | {"disputes_found": 5, "reason": "disputes_miscounted"},
    ),
    Act(
        "TD",
        "excuse-unit",
        "excuse",
        lambda p: {"excused": p.unit["lone"], "day": DAY, "reason": "power_or_network_down"},
    ),
    Act("TD", "revoke-excuse", "revoke", lambda p: {"excused": p.unit["lone"], "day": DAY}),
    Act("TD", "raise-quota", "raise", raise_quota),
    Act("CD", "issue-letter", "letter", letter),
    on_letter("T", "answer-letter", answer="under_way", text="正在办"),
    on_letter("CD", "repeat-letter", answer_by=DAY),
    on_letter("CD", "lift-letter"),
    register("f"),
    refer("f"),
    Act("CD", "override-offer", "override", override),
    Act("A", "open-unit", "open", new_village),
    on_unit("rename-unit", name="新设社区", name_en="New", code="430321101298"),
    on_unit("set-contact", contact="0731-000 0000"),
    on_unit("rehost-unit", node="village-101-202"),
    on_unit("close-unit"),
    on_unit("reopen-unit"),
    Act("A", "open-unit", "open a township", new_township),
    Act(
        "A",
        "move-unit",
        "move",
        lambda p: (
            {"unit": p.kept["open"]["unit"], "parent": p.kept["open a township"]["unit"]}
            | {"code": "430321109299"}
        ),
    ),
    Act(
        "A",
        "merge-township",
        "merge",
        lambda p: {"unit": p.kept["open a township"]["unit"], "into": p.unit["town"]},
    ),
    *(act for pages in registers_of() for act in on_register(pages)),
)
_GIVEN = {act.order for act in BY_HAND}

ACTS = (
    *BY_HAND,
    *(
        act
        for name, kind in ORDERS.items()
        if name not in _GIVEN and issubclass(kind, CaseOrder | ReferralOrder)
        for act in _of_matter(kind)
    ),
)
"""The day: what needs other papers than its own sample, then every other order about a matter as it is declared."""


def ids_of(order: type[Order]) -> list[str]:
    """The fields of an order that take an id of something."""
    fields = order.model_fields.items()
    return [name for name, info in fields if UUID in (info.annotation, *get_args(info.annotation))]


@dataclass(frozen=True)
class Given:
    """One order with a stale version, with a stranger's id in each field that takes one, given, and given again under the same key."""

    act: Act
    stale: httpx.Response
    first: httpx.Response
    again: httpx.Response
    refused_at: dict[str, int]
    before: dict[str, int]
    strangers: dict[str, httpx.Response]
    after_first: dict[str, int]
    after_again: dict[str, int]

    def __str__(self) -> str:
        return f"{self.act.order} ({self.act.words})"


def give_all(stage: Stage) -> Iterator[Given]:
    """Give every order, one after the other."""
    people: dict[str, Person] = {who: stage.person(*post) for who, post in PEOPLE.items()}
    papers, before = Papers(stage), stage.facts()
    for act in ACTS:
        person, body, key = people[act.who], act.body(papers), uuid4().hex
        stale = person.order(act.order, body | {"version": 999})
        strangers = {
            name: person.order(act.order, body | {name: str(uuid4())}) for name in ids_of(ORDERS[act.order])
        }
        refused_at = stage.facts()
        first = person.order(act.order, body, key=key)
        assert first.status_code == 201, (act.order, first.text)
        papers.kept[act.words] = first.json()
        after_first = stage.facts()
        again = person.order(act.order, body, key=key)
        after_again = stage.facts()
        yield Given(act, stale, first, again, refused_at, before, strangers, after_first, after_again)
        before = after_again
