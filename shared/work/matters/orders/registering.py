"""Orders about a matter at the office that registered it."""

import hashlib
import hmac
import secrets
from typing import Any
from uuid import UUID

from pydantic import Field, PrivateAttr

from shared.accounts.rights import Right
from shared.orders.declaration import Declared, Step
from shared.orders.folding import query_code_of
from shared.orders.input import Line
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.calendar import day_of
from shared.work.common.quota import MattersOfOfficeReached, MattersOfPersonReached
from shared.work.common.refusals import NotFound
from shared.work.common.sentences import N_
from shared.work.matters.case import Case, CaseIsClosed
from shared.work.matters.content import IMPOSSIBLE_CONTENT, AccusationNotTaken, Petitioner
from shared.work.matters.orders.petition_input import PETITIONERS_AT_MOST, MatterInput
from shared.work.matters.questions.registers import next_register_no
from shared.work.quotas.spending import day_use

CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Signs of a query code: none that are mistaken for one another on paper (no 0 O 1 I)."""

CODE_LENGTH = 10
"""Length of a query code. Unit: signs; 32**10 makes 50 bits, with a slow check and a rate limit."""

REGISTER = Right("matter.register", "self self self - -", N_("Register a matter"))
CORRECT = Right("matter.correct", "self self self - -", N_("Correct a registration"))

PETITION = {
    "channel": "visit",
    "purpose": "seeking_decision",
    "matter_class": "land",
    "received_on": "2026-03-26",
    "received_time": "09:30",
    "persons": 1,
    "petitioners": [{"name": "甲", "contact": "1"}],
    "summary": "井台旁的路灯不亮",
    "request": "请修好",
    "account": "已有三晚不亮",
}
"""A petition as a program sends it."""


class RegisterMatter(MatterInput):
    """Write a petition into the register of `unit`."""

    DECLARED = Declared(
        "register-matter",
        (REGISTER,),
        sample=PETITION,
        refusals=(
            *(AccusationNotTaken, *IMPOSSIBLE_CONTENT),
            *(MattersOfPersonReached, MattersOfOfficeReached),
        ),
    )

    SLOW = True
    unit: UUID
    _code: tuple[str, str] | None = PrivateAttr(None)

    def prepare(self) -> None:
        """Make the query code and its check, which is slow on purpose, before the writer's turn."""
        code = new_query_code()
        self._code = code, query_check(code, secrets.token_hex(16))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.unit

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        unit, use = setting.open_unit(self.unit), day_use(context, self.unit)
        use.require_matter(setting.quotas, setting.actor.account)
        year = day_of(context.at).year
        running = context.ask(next_register_no, self.unit, year, setting.life(self.unit), about=self.unit)
        case_id = Case.id_for(self.unit, year, running)
        seals = context.seals(case_id, 0, case_id, making=True)
        if self._code is None:
            self.prepare()
        code, check = self._code or ("", "")
        case = Case.register(
            unit=self.unit,
            mark=unit.mark,
            year=year,
            register_no=running,
            content=self.content(seals, setting),
            query_check=check,
            query_code=seals.text("query_code", code),
            received_time=self.received_time,
            today=self.today(context),
            at=context.at,
        )
        context.add(case)
        use.matters[setting.actor.account] += 1
        return {"case": str(case_id), "number": case.number}


class CaseOrder(Order):
    """An order about a matter that this office registered."""

    case: UUID
    version: int | None = None

    def streams(self) -> tuple[UUID, ...]:
        return (self.case,)

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return context.load(Case, self.case).unit

    def load(self, context: OrderContext) -> Case:
        """The case, if the version is the present one. Errors: NotFound, StaleVersion."""
        return context.load(Case, self.case, self.version)


class CorrectMatter(CaseOrder, MatterInput):
    """Replace a mistyped registration.

    Place and earlier office stay as they are unless they are given; an empty one takes them out. `kept` are the numbers of
    petitioners that stay as they were registered, beside those that are given anew.
    """

    DECLARED = Declared(
        "correct-matter",
        (CORRECT,),
        step=Step(
            "case", "correct", N_("Correct the registration"), N_("Save the correction"), drawn_by_hand=True
        ),
        sample=PETITION | {"reason": "漏写一盏"},
        refusals=(AccusationNotTaken, CaseIsClosed, *IMPOSSIBLE_CONTENT),
    )

    LATER = MatterInput.LATER | {"kept"}

    reason: Line
    kept: list[int] = Field(default=[], max_length=PETITIONERS_AT_MOST)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        case = self.load(context)
        seals = context.seals(case.id, case.version, case.id, making=True)
        content = self.content(seals, setting, case.content, self._kept(case))
        reason = seals.text("reason", self.reason)
        case.correct(
            content=content,
            reason=reason,
            received_time=self.received_time,
            today=self.today(context),
            at=context.at,
        )

    def _kept(self, case: Case) -> list[Petitioner]:
        registered = {person.person: person for person in case.content.petitioners}
        if unknown := {*self.kept} - registered.keys():
            raise NotFound(what=f"petitioner {min(unknown)}")
        return [registered[number] for number in sorted({*self.kept})]


def new_query_code() -> str:
    """A fresh query code."""
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))


def query_check(code: str, salt: str) -> str:
    """What lets the county check a query code without knowing it: salt and hash, slow on purpose (10 ms)."""
    plain = query_code_of(code).encode()
    return f"{salt}:{hashlib.scrypt(plain, salt=salt.encode(), n=2**12, r=8, p=1, dklen=32).hex()}"


def fits(check: str | None, code: str) -> bool:
    """Whether a query code is the one of a check; without a check the work is the same, so time tells nothing."""
    salt = (check or "none").partition(":")[0]
    return hmac.compare_digest((check or "").encode(), query_check(code, salt).encode())
