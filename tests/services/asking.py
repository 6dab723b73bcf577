"""How each route is asked about one unit's thing, so that only the table of rights can say no.

An order that the table allows still changes nothing: it names an old version, or says something
impossible that is looked at after the right.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from shared.work.matters.referral import Referral
from tests.services.network import COUNTY, TODAY, Person, Stage, petition, petition_form

LONG_AGO = "2026-01-02"


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
    return Things(node, unit, code, case, str(Referral.id_for(UUID(offer))), letter, kept.id)


def order_body(name: str, t: Things) -> dict[str, Any]:
    """The body of an order about the unit's things."""
    case, referral, letter, unit = (
        {"case": t.case, "version": 999},
        {"referral": t.referral, "version": 999},
        {"supervision": t.letter, "version": 999},
        {"unit": t.unit, "version": 999},
    )
    offer = {"offer": str(uuid4()), "agreed": True}
    goes = {"to": t.unit, "reason": "competent_body"}
    day = {"unit": t.unit, "day": LONG_AGO, "kind": "zero", "checked": ["phone"]}
    hands = {"offer": str(uuid4()), "case": t.case, "sender": t.unit, "receiver": t.unit}
    return {
        "register-matter": petition(unit=t.unit, received_on="2026-03-27"),
        "correct-matter": petition(reason="笔误") | case,
        "classify-matter": case | {"matter_class": "land", "purpose": "other"},
        "refer-matter": case | goes,
        "keep-matter": case,
        "withdraw-matter": case | {"confirmed_by": "second_call"},
        "answer-objection": case | offer,
        "accept-referral": referral,
        "decline-referral": referral | {"ground": "re_examined", "explanation": "见前"},
        "object-to-referral": referral | {"ground": "other_place", "reason": "不在"},
        "pass-on": referral | goes,
        "answer-passed-on-objection": referral | offer,
        "give-opinion": referral | {"outcome": "supported", "findings": "属实", "legal_basis": "条例"},
        "serve-opinion": referral | {"way": "post", "served_on": LONG_AGO},
        "complete-referral": referral | {"performed": True, "report": "完"},
        "release-referral": referral | {"reason": "退回"},
        "file-report": day,
        "correct-report": day | {"version": 999},
        "answer-letter": {"supervision": t.letter, "answer": "done", "text": "已办"},
        "excuse-unit": {"excused": t.unit, "day": LONG_AGO, "reason": "merging"},
        "issue-letter": {"case": t.case, "to": t.unit, "trigger": "other", "demand": "请答复"}
        | {"answer_by": LONG_AGO},
        "repeat-letter": letter | {"answer_by": TODAY.isoformat()},
        "lift-letter": letter,
        "override-offer": hands | {"reason": "停电"},
        "open-unit": {"code": t.code, "name": "村", "kind": "village", "parent": t.unit, "node": t.node},
        "rename-unit": unit | {"name": "村", "code": t.code},
        "rehost-unit": unit | {"node": t.node},
        "set-contact": unit | {"contact": "1"},
        "close-unit": unit,
    }[name]


STEPS = {
    "/matters/{case}/": {
        "classify": "classify-matter",
        "refer": "refer-matter",
        "keep": "keep-matter",
        "withdraw": "withdraw-matter",
        "answer-objection": "answer-objection",
        "letter": "issue-letter",
        "override": "override-offer",
    },
    "/referrals/{referral}/": {
        "accept": "accept-referral",
        "decline": "decline-referral",
        "object": "object-to-referral",
        "pass-on": "pass-on",
        "answer-objection": "answer-passed-on-objection",
        "opinion": "give-opinion",
        "serve": "serve-opinion",
        "complete": "complete-referral",
        "release": "release-referral",
    },
    "/supervision/{supervision}/": {
        "repeat": "repeat-letter",
        "lift": "lift-letter",
        "answer": "answer-letter",
    },
    "/directory/{unit}/": {
        "rename": "rename-unit",
        "rehost": "rehost-unit",
        "contact": "set-contact",
        "close": "close-unit",
    },
}
"""Pages of steps, and the order that each form gives."""

OWN = [
    "/matters",
    "/api/matters",
    "/reports",
    "/supervision",
    "/api/letters",
    "/referrals",
    "/state",
    "/matters/new",
    "/report",
    "/accounts",
    "/parked",
]
"""Pages about one's own office."""

WHOLE_COUNTY = ("/feed", "/api/feed", "/ages", "/api/ages")


def asked(method: str, path: str, t: Things) -> Asked:
    """The request to a route about these things. KeyError for a route that nobody has thought about."""
    if path.startswith("/api/orders/"):
        return Asked("thing", path, order_body(path.removeprefix("/api/orders/"), t))
    for stem, steps in STEPS.items():
        if path.startswith(stem) and path.removeprefix(stem) in steps:
            return Asked("thing", _filled(path, t), order_body(steps[path.removeprefix(stem)], t))
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
        "/accounts": Asked("thing", "/accounts", {"what": "nothing", "account": t.account}),
        "/api/accounts": Asked("thing", "/api/accounts", account),
        "/directory/add": Asked("thing", "/directory/add", order_body("open-unit", t)),
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
        "/directory/add": f"?parent={t.unit}",
    }
    gone = {"/parked/{parked}": Asked("own", f"/parked/{uuid4()}", {})}
    anybody = {"/": "any", "/directory": "any", "/api/units": "any"}
    pages = {path: Asked("thing", _filled(path, t) + query, {}) for path, query in found.items()}
    pages["/supervision/{supervision}"] = Asked("letter", f"/supervision/{t.letter}", {})
    return pages | gone | {path: Asked(about, path, {}) for path, about in anybody.items()}


def _filled(path: str, t: Things) -> str:
    given = {"case": t.case, "referral": t.referral, "supervision": t.letter, "unit": t.unit}
    return path.format(**given, day=TODAY.isoformat())


def ask(person: Person, method: str, path: str, request: Asked) -> int:
    """Send it as the route wants it; gives the status."""
    if method == "GET":
        return person.get(request.address).status_code
    if "/api/" in path:
        headers = {"Huiyin-Form-Token": person.form_token}
        return person.send("POST", request.address, json=request.body, headers=headers).status_code
    return person.submit(request.address, request.body).status_code
