"""One matter: what it says, where it is, what is possible now, its receipt, and its steps."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.order import Order
from shared.web.here import Here, HereNow
from shared.web.languages.labels import fact_words
from shared.web.languages.words import sentence
from shared.web.lists import ONLY_FILTERS, Names, open_text
from shared.web.qr import qr_code
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.unchanged import KEPT
from shared.work.common.limits import due
from shared.work.common.refusals import NotFound
from shared.work.matters.orders.overriding import OverrideOffer
from shared.work.matters.pages.possible_steps import possible_steps
from shared.work.matters.pages.views import involved
from shared.work.matters.questions import timeline
from shared.work.matters.questions.limits_of_matter import DueDate
from shared.work.matters.questions.matter import Matter, case_of_referral, matter

router = APIRouter()
READ = right("matter.read")


def _reason(here: Here, running: DueDate) -> str:
    """Why a duty is due on its day: rule, article, start, days, and what moved it."""
    msgid, values = due(running.limit, running.start, here.office.calendar).explain()
    return sentence(language_of(here.request), msgid, values)


@router.get("/matters/{case}", dependencies=[READ, KEPT], include_in_schema=False)
def matter_page(case: UUID, here: HereNow, done: str = "") -> Response:
    """One matter: what it says, where it is, what is possible now, and its time line."""
    found = matter_of(here, case)
    may_read = here.may("matter.read_text", *involved(found))
    entries = here.ask(timeline.timeline, case)
    language, names = language_of(here.request), Names(here)
    return render(
        here.request,
        "matter.html",
        here.frame(),
        matter=found,
        reasons=[_reason(here, due) for due in found.dues],
        done=done,
        names=names,
        texts=_texts(here, found) if may_read else {},
        may_read=may_read,
        steps=possible_steps(here, found),
        entries=[
            {
                "at": entry.recorded_at,
                "title": fact_words(language, entry.name),
                "by": names[entry.unit],
                "after_override": entry.after_override,
                "text": "\n".join(text for text in _entry_texts(here, entry, may_read) if text),
            }
            for entry in entries
        ],
        may_print=here.office.keeps(found.line.owner) and here.may("receipt.print", found.line.owner),
    )


@router.get("/api/matters/{case}", dependencies=[READ, ONLY_FILTERS], tags=["questions"])
def matter_json(case: UUID, here: HereNow) -> Matter:
    """One matter with its chain of hands and due dates; texts stay sealed."""
    return matter_of(here, case)


@router.get("/api/matters/{case}/timeline", dependencies=[READ, ONLY_FILTERS], tags=["questions"])
def timeline_json(case: UUID, here: HereNow) -> list[timeline.MatterEntry]:
    """Every fact of a matter that this office knows, in the order in which it was recorded."""
    matter_of(here, case)
    return here.ask(timeline.timeline, case)


@router.get("/matters/{case}/receipt", dependencies=[right("receipt.print")], include_in_schema=False)
def receipt_page(case: UUID, here: HereNow) -> Response:
    """The receipt for the petitioner, with the query code."""
    found = matter_of(here, case)
    here.require("receipt.print", found.line.owner)
    promise = here.office.proofs.promise(here.ask(timeline.registration, case) or case)
    return render(
        here.request,
        "matter_receipt.html",
        here.frame(),
        matter=found,
        promise=promise,
        qr=qr_code(promise) if promise else "",
        names=Names(here),
        code=open_text(here, found.query_code),
        county=here.office.directory.root(),
    )


_OF_THE_COUNTY = ("issue-letter", "override-offer")
"""Steps that are about the office that has the matter now, not the one that registered it."""


def _begin_case(here: Here, case: UUID, order: type[Order]) -> Begun:
    """The case itself, or the office that the county writes to or takes it from."""
    found = matter_of(here, case)
    values = _offer_fields(here, found, order)
    unit = _last_unit(found) if order.DECLARED.name in _OF_THE_COUNTY else found.line.owner
    return Begun(unit, found.line.number, found.line.case_version, values)


def _begin_referral(here: Here, referral: UUID, order: type[Order]) -> Begun:
    found, hand = _matter_of_referral(here, referral)
    values = {"to": str(here.office.directory.present(hand.target))} if hand.target else {}
    return Begun(hand.unit, found.line.number, hand.version, values)


def _back_to_matter(here: Here, referral: UUID) -> str:
    case = here.ask(case_of_referral, referral)
    return f"/matters/{case}" if case else "/referrals"


CASE = Thing("case", "case", "/matters/{case}", _begin_case, lambda here, case: f"/matters/{case}")


REFERRAL = Thing("referral", "referral", "/referrals/{referral}", _begin_referral, _back_to_matter)


def _last_unit(found: Matter) -> UUID:
    """The office that the county would write to, or take the matter from."""
    return found.hands[-1].unit if found.hands else found.line.handler


def _offer_fields(here: Here, found: Matter, order: type[Order]) -> dict[str, str]:
    """What the override form and the letter form begin with."""
    if order.DECLARED.name == "issue-letter":
        return {"to": str(here.office.directory.present(found.line.handler))}
    hand = found.hands[-1] if found.hands else None
    if order is not OverrideOffer or hand is None:
        return {}
    fields = {"offer": hand.offer, "came_by": hand.came_by, "sender": hand.sender, "receiver": hand.unit}
    return {key: str(value) for key, value in fields.items() if value}


def matter_of(here: Here, case: UUID) -> Matter:
    """A matter that the person may see. Errors: NotFound, NotAllowed."""
    here.signed_in()
    found = here.ask(matter, case, as_of=here.at)
    if found is None:
        raise NotFound(what="case")
    here.require("matter.read", *involved(found))
    return found


def _matter_of_referral(here: Here, referral: UUID) -> tuple[Matter, Any]:
    case = here.ask(case_of_referral, referral)
    if case is None:
        raise NotFound(what="referral")
    found = matter_of(here, case)
    return found, next(hand for hand in found.hands if hand.referral == referral)


def _texts(here: Here, found: Matter) -> dict[str, Any]:
    content = found.content
    opened = {name: open_text(here, getattr(content, name)) for name in ("summary", "request", "account")}
    people = [
        (person.role.value, open_text(here, person.name), open_text(here, person.contact))
        for person in content.petitioners
    ]
    return opened | {"people": people}


def _entry_texts(here: Here, entry: timeline.MatterEntry, may_read: bool) -> list[str | None]:
    if not may_read or entry.name in (
        "case.registered",
        "case.corrected",
        "case.referred",
        "referral.passed_on",
        "referral.received",
    ):
        return []
    return [open_text(here, sealed) for sealed in entry.texts.values()]
