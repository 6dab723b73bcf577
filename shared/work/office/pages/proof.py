"""What anybody may ask to check this office's log: hashes and numbers, nothing of any matter."""

import base64
import hmac
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from shared.proof.refusals import NoProofYet, NoSuchSizes
from shared.web.form import Form, with_refusal
from shared.web.here import Here, HereNow
from shared.web.lists import ONLY_FILTERS
from shared.web.render import language_of, render
from shared.web.rules import public
from shared.web.statuses import status_of
from shared.work.common.refusals import Refusal
from shared.work.office.answers import CheckpointAnswer, ConsistencyAnswer, InclusionAnswer

router = APIRouter()
CHECKED = "lets a stranger check the log; hashes and numbers, nothing of any matter"
Size = Annotated[int, Query(ge=0, le=999_999_999_999)]


@router.get("/proof", dependencies=[public(CHECKED)], include_in_schema=False)
def proof_page(here: HereNow, fact: str = "", leaf: str = "", first: str = "", second: str = "") -> Response:
    """The last checkpoint, and on request the proof of a fact or of growth."""
    typed = {"fact": fact, "leaf": leaf, "first": first, "second": second}
    asked, status, proof = Form(typed), 200, ""
    try:
        proof = _asked(here, fact.strip(), leaf.strip(), first.strip(), second.strip())
    except Refusal as refusal:
        asked, status = with_refusal(language_of(here.request), asked.values, refusal), status_of(refusal)
    return render(
        here.request,
        "proof.html",
        here.frame(),
        status=status,
        form=asked,
        proof=proof,
        state=here.office.proofs.state(),
        note=here.office.proofs.checkpoint(),
        office_of=here.office.directory.office_of,
    )


@router.get("/api/proof", dependencies=[public(CHECKED), ONLY_FILTERS], tags=["proof"])
def checkpoint_json(here: HereNow) -> CheckpointAnswer:
    """The newest checkpoint of this office's log, with every signature that has come."""
    state = here.office.proofs.state()
    return CheckpointAnswer.model_validate(state | {"note": here.office.proofs.checkpoint()})


@router.get("/api/proof/facts/{fact}", dependencies=[public(CHECKED), ONLY_FILTERS], tags=["proof"])
def inclusion_json(fact: UUID, here: HereNow, leaf: str = "") -> InclusionAnswer:
    """The proof that a fact is in a log that another office has signed for; `leaf` stands beside it on the receipt."""
    return InclusionAnswer(fact=fact, proof=_inclusion(here, fact, leaf))


@router.get("/api/proof/consistency", dependencies=[public(CHECKED), ONLY_FILTERS], tags=["proof"])
def consistency_json(here: HereNow, first: Size, second: Size) -> ConsistencyAnswer:
    """The proof that this log only grew between two sizes."""
    hashes = _consistency(here, first, second)
    return ConsistencyAnswer(log=here.office.proofs.state()["log"], first=first, second=second, proof=hashes)


def _asked(here: Here, fact: str, leaf: str, first: str, second: str) -> str:
    if fact:
        return _inclusion(here, _id(fact), leaf)
    if first or second:
        return "".join(f"{line}\n" for line in _consistency(here, _size(first), _size(second)))
    return ""


def _inclusion(here: Here, fact: UUID, leaf: str) -> str:
    """A fact's id follows from public values, so it can be guessed; its leaf cannot."""
    kept = here.office.proofs.leaf(fact)
    # In an address a blank is what became of a plus sign.
    shown = hmac.compare_digest(leaf.replace(" ", "+").encode(), kept.encode())
    proof = here.office.proofs.inclusion(fact) if kept and (shown or _may_see_all(here)) else ""
    if not proof:
        raise NoProofYet()
    return proof


def _may_see_all(here: Here) -> bool:
    return here.person is not None and here.may("status.read", here.unit().unit)


def _consistency(here: Here, first: int, second: int) -> list[str]:
    hashes = here.office.proofs.consistency(first, second)
    if hashes is None:
        raise NoSuchSizes(size=here.office.proofs.state()["size"])
    return [base64.b64encode(one).decode() for one in hashes]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoProofYet() from None


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else -1
