"""How each route is asked about one unit's thing, so that only the table of rights can say no.

An order that the table allows still changes nothing: it names an old version, or says something
impossible that is looked at after the right.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from shared.orders.example import example_of
from shared.orders.order import Order
from shared.work.catalogue import ORDERS
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.node_orders import NodeOrder
from shared.work.matters.referral import Referral
from shared.work.registers.pages.register import RegisterPages
from shared.work.tier_app import registers_of, things
from tests.services.network import COUNTY, TODAY, Person, Stage, petition, petition_form

LONG_AGO = "2026-01-02"


REGISTERS = registers_of()


@dataclass(frozen=True)
class Things:
    """What belongs to one unit at the node that keeps it."""

    node: str
    unit: str
    code: str
    case: str
    referral: str
    letter: str
    account: str
    records: dict[str, str]


@dataclass(frozen=True)
class Asked:
    """A request and whose right it is: the thing's unit, one's own, the county's, or anybody's."""

    about: str
    address: str
    body: dict[str, Any]


def things_of(stage: Stage, node: str, code: str) -> Things:
    """A matter in the unit's own hand, a letter to it, and an account there."""
    clerk, unit = stage.person(code), str(stage.unit(code))
    case = clerk.done("register-matter", petition(unit=unit))["case"]
    offer = clerk.done("keep-matter", {"case": case})["facts"][-1]
    stage.settle()
    demand = {"trigger": "other", "demand": "请答复", "answer_by": TODAY.isoformat()}
    county = stage.person(COUNTY, "director")
    letter = county.done("issue-letter", {"case": case, "to": unit, **demand})["supervision"]
    stage.settle()
    account = stage.account(code, "information_officer")
    kept = stage.host.nodes[node].accounts.find(account)
    assert kept
    records = {
        pages.path: clerk.done(pages.enter.DECLARED.name, example_of(pages.enter, ids={"unit": unit}))[
            "record"
        ]
        for pages in REGISTERS
    }
    stage.settle()
    return Things(node, unit, code, case, str(Referral.id_for(UUID(offer))), letter, kept.id, records)


HARMLESS: dict[str, dict[str, Any]] = {
    "register-matter": {"received_on": "2026-03-27"},
    "file-report": {"day": LONG_AGO},
    "correct-report": {"day": LONG_AGO},
    "excuse-unit": {"day": LONG_AGO},
    "revoke-excuse": {"day": LONG_AGO},
    "issue-letter": {"answer_by": LONG_AGO},
    "raise-quota": {"login": "nobody-at-all"},
}
"""What makes an order impossible that begins something of its own; the others name a version that never was."""


EARLIER = {earlier: name for name, order in ORDERS.items() for earlier in order.DECLARED.earlier_names}
"""An order's address of an earlier release to that of today."""


def order_body(name: str, t: Things) -> dict[str, Any]:
    """The body of an order about the unit's things, made of its own sample; `name` may be one of an earlier release."""
    order = ORDERS[EARLIER.get(name, name)]
    ids = {"case": t.case, "referral": t.referral, "supervision": t.letter, **_record_of(order, t)}
    ids |= dict.fromkeys(("unit", "excused", "sender", "receiver", "to", "parent", "township"), t.unit)
    ids |= {"node": str(NodeEntry.id_for(t.node))} if issubclass(order, NodeOrder) else {}
    body = example_of(order, office=t.unit, node=t.node, ids=ids)
    version = {"version": 999} if "version" in order.model_fields else {}
    taken = {"code": t.code} if "code" in body else {}
    return body | version | taken | HARMLESS.get(name, {})


def _record_of(order: type[Order], t: Things) -> dict[str, str]:
    """The record of the register that an order belongs to."""
    mine = [pages for pages in REGISTERS if order in pages.subject.orders]
    return {"record": t.records[mine[0].path]} if mine else {}


STEPS = {
    f"{thing.path}/{order.DECLARED.step.name}": name
    for thing in things(REGISTERS)
    for name, order in ORDERS.items()
    if (step := order.DECLARED.step) and step.thing == thing.name and not step.drawn_by_hand
}
"""Pages that are made of a step, and the order that each form gives."""

OWN = [
    "/matters",
    "/api/matters",
    "/reports",
    "/supervision",
    "/api/letters",
    "/referrals",
    "/state",
    "/api/alarms",
    "/matters/new",
    "/report",
    "/accounts",
    "/api/accounts",
    "/account",
    "/api/tokens",
    "/account-changes",
    "/api/account-changes",
    "/parked",
    "/quotas",
    "/api/quotas",
]
"""Pages about one's own office."""

OF_THE_COUNTY = {"admit-node", "rekey-node", "revoke-node"}
"""Orders about the network itself, which is the county's."""
WHOLE_COUNTY = ("/directory/nodes/add", "/feed", "/api/feed", "/ages", "/api/ages")


def asked(method: str, path: str, t: Things) -> Asked:
    """The request to a route about these things. KeyError for a route that nobody has thought about."""
    if path.startswith("/api/orders/"):
        name = path.removeprefix("/api/orders/")
        return Asked("county" if name in OF_THE_COUNTY else "thing", path, order_body(name, t))
    register = next((pages for pages in REGISTERS if path.removeprefix("/api").startswith(pages.path)), None)
    if path in STEPS:
        about = "county" if STEPS[path] in OF_THE_COUNTY else "thing"
        return Asked(about, _filled(path, t, register), order_body(STEPS[path], t))
    if register is not None:
        return _of_register(path, register, t)
    if method == "POST":
        return _forms(t)[path]
    if path in WHOLE_COUNTY:
        return Asked("county", path, {})
    return Asked("own", path, {}) if path in OWN else _pages(t)[path]


def _forms(t: Things) -> dict[str, Asked]:
    day = {"day": LONG_AGO, "kind": "zero", "checked": "phone"}
    account = {"login": "?", "name": "甲", "unit": t.unit, "role": "director"}
    reason = {"reason": "笔误", "version": "999"}
    return {
        "/matters/new": Asked("own", "/matters/new", petition_form(received_on="2026-03-27")),
        "/matters/{case}/correct": Asked("thing", f"/matters/{t.case}/correct", petition_form(**reason)),
        "/report": Asked("own", "/report", day),
        "/excuse": Asked("thing", "/excuse", order_body("excuse-unit", t)),
        "/revoke-excuse": Asked("thing", "/revoke-excuse", order_body("revoke-excuse", t)),
        "/raise-quota": Asked("thing", "/raise-quota", order_body("raise-quota", t)),
        "/accounts": Asked("thing", "/accounts", {"what": "nothing", "account": t.account}),
        "/api/accounts": Asked("thing", "/api/accounts", account),
        "/api/accounts/{account}": Asked("thing", f"/api/accounts/{t.account}", {"what": "revoke"}),
        "/account": Asked("own", "/account", {"what": "nothing"}),
        "/api/tokens": Asked("own", "/api/tokens", {"name": "程序", "last_day": "2199-12-31"}),
        "/api/tokens/{token}/revoke": Asked("own", "/api/tokens/none/revoke", {}),
        "/directory/add": Asked("thing", "/directory/add", order_body("open-unit", t)),
        "/directory/nodes/add": Asked("county", "/directory/nodes/add", order_body("admit-node", t)),
        "/parked/{parked}": Asked("own", f"/parked/{uuid4()}", {"what": "retry"}),
    }


def _pages(t: Things) -> dict[str, Asked]:
    day = TODAY.isoformat()
    found = {
        "/matters/{case}": "",
        "/api/matters/{case}": "",
        "/api/matters/{case}/timeline": "",
        "/matters/{case}/receipt": "",
        "/matters/{case}/correct": "",
        "/reports/{unit}/{day}": "",
        "/api/reports/{unit}": f"?first={day}&last={day}",
        "/api/register/{unit}/{day}": "",
        "/sheet": f"?below={t.unit}",
        "/api/sheet": f"?below={t.unit}",
        "/excuse": f"?excused={t.unit}&day={day}",
        "/revoke-excuse": f"?excused={t.unit}&day={day}",
        "/directory/add": f"?parent={t.unit}",
        "/raise-quota": f"?unit={t.unit}",
    }
    gone = {"/parked/{parked}": Asked("own", f"/parked/{uuid4()}", {})}
    anybody = {"/": "any", "/directory": "any", "/directory/nodes": "any", "/api/units": "any"}
    pages = {path: Asked("thing", _filled(path, t) + query, {}) for path, query in found.items()}
    pages["/supervision/{supervision}"] = Asked("letter", f"/supervision/{t.letter}", {})
    return pages | gone | {path: Asked(about, path, {}) for path, about in anybody.items()}


def _of_register(path: str, register: RegisterPages, t: Things) -> Asked:
    """A register's list and form are one's own; a record is the unit's that entered it."""
    body = order_body(register.enter.DECLARED.name, t) if path.endswith("/new") else {}
    about = "thing" if "{record}" in path else "own"
    return Asked(
        about, _filled(path, t, register), {k: v for k, v in body.items() if k not in ("unit", "version")}
    )


def _filled(path: str, t: Things, register: RegisterPages | None = None) -> str:
    given = {"case": t.case, "referral": t.referral, "supervision": t.letter, "unit": t.unit}
    given |= {"node": str(NodeEntry.id_for(t.node))}
    given |= {"record": t.records[register.path]} if register else {}
    return path.format(**given, day=TODAY.isoformat())


def ask(person: Person, method: str, path: str, request: Asked) -> int:
    """Send it as the route wants it; gives the status."""
    if method == "GET":
        return person.get(request.address).status_code
    if "/api/" in path:
        headers = {"Huiyin-Form-Token": person.form_token}
        return person.send("POST", request.address, json=request.body, headers=headers).status_code
    return person.submit(request.address, request.body).status_code
