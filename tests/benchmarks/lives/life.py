"""One matter from its first word to its end, or to where it is stuck."""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.rehearsal.intake import Petition
from shared.event_log.sealing import Seals
from shared.work.common.calendar import ZONE, day_of
from shared.work.common.fact import Fact, Stream
from shared.work.common.words import Channel, ConfirmedBy, MatterClass, PersonRole, Purpose, ReferralReason
from shared.work.matters.case import Case
from shared.work.matters.content import Content, Petitioner
from shared.work.matters.offering import NewOffer, Offered
from shared.work.matters.referral import Referral
from tests.benchmarks.lives.pen import Pen
from tests.benchmarks.lives.places import NOW, Place, Places

QUERY_CODE, QUERY_CHECK = "7KQ2M9XWPT", "00:7f"
"""A code and its check, which a node works on for 10 ms; nobody asks with it here."""
TRAVEL = timedelta(seconds=2)
"""From an office's decision until another one's node has done what follows. Unit: seconds; a round on the wire."""
STUCK = 0.004
"""Share of all waits after which nobody does anything any more; some ten waits a life leave one matter in 25 open."""
AWAY = 0.002
"""Share of all news that never reach the other node, so that matters stay offered, objected to or closing."""
CORRECTED, WITHDRAWN_EARLY, NEVER_ASSESSED = 0.05, 0.03, 0.02
Chance = random.Random


class NotYet(Exception):
    """What would come next has not happened by now, or never does."""


class Life:
    """A matter: its case, the offices that have it one after the other (`hands`, the last has it), and its present moment."""

    def __init__(self, pen: Pen, places: Places, chance: Chance, owner: Place, at: datetime) -> None:
        self.pen, self.places, self.chance = pen, places, chance
        self.owner, self.at = owner, at
        self.case: Case
        self.hands: list[Referral] = []

    def register(self, petition: Petition, register_no: int) -> None:
        """The petition comes in; it is assessed, and then its way is to be found."""
        year = day_of(self.at).year
        case = Case.id_for(self.owner.unit, year, register_no)
        self.pen.persons[case] = len(petition.petitioners)
        seals = self.pen.seals(case, 0, self.owner.unit, case)
        self.case = Case.register(
            unit=self.owner.unit,
            mark=self.owner.entry.mark,
            year=year,
            register_no=register_no,
            content=self._content(petition, seals),
            query_check=QUERY_CHECK,
            query_code=seals.text("query_code", QUERY_CODE),
            today=day_of(self.at),
            at=self.at,
        )
        self.pen.write(self.case)
        with suppress(NotYet):
            self._assess(petition)

    def _assess(self, petition: Petition) -> None:
        if self.happens(CORRECTED):
            self._correct(petition)
        if self.happens(NEVER_ASSESSED):
            raise NotYet()
        self.wait(0, 1)
        kind, purpose = MatterClass(petition.matter_class), Purpose(petition.purpose)
        self.case.assess(matter_class=kind, purpose=purpose, at=self.at)
        self.pen.write(self.case)

    def _correct(self, petition: Petition) -> None:
        self.wait(0, 1)
        seals = self.seals(self.case, self.case.id)
        content, reason = self._content(petition, seals), seals.text("reason", "笔误")
        self.case.correct(content=content, reason=reason, today=day_of(self.at), at=self.at)
        self.pen.write(self.case)

    def _content(self, petition: Petition, seals: Seals) -> Content:
        return Content(
            channel=Channel(petition.channel),
            purpose=Purpose(petition.purpose),
            matter_class=MatterClass(petition.matter_class),
            received_on=day_of(self.at),
            persons=petition.persons,
            petitioners=tuple(
                Petitioner(
                    no,
                    PersonRole(role),
                    seals.identity(no, "name", name),
                    seals.identity(no, "contact", contact),
                )
                for no, (role, name, contact) in enumerate(petition.petitioners, start=1)
            ),
            summary=seals.text("summary", petition.summary),
            request=seals.text("request", petition.request),
            account=seals.text("account", petition.account),
        )

    def happens(self, share: float) -> bool:
        """Whether something happens that happens to this share."""
        return self.chance.random() < share

    def wait(self, least: int, most: int) -> None:
        """Let so many days go by, to a working hour. Errors: NotYet."""
        if self.happens(STUCK):
            raise NotYet()
        if days := self.chance.randint(least, most):
            day = self.at.astimezone(ZONE) + timedelta(days=days)
            day += timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else timedelta()
            self.at = day.replace(hour=8, minute=30) + timedelta(seconds=self.chance.randrange(9 * 3600))
        else:
            self.at += timedelta(seconds=self.chance.randrange(300, 2400))
        if self.at + timedelta(minutes=1) > NOW:
            raise NotYet()

    def travel(self) -> datetime:
        """The moment at which another node has heard of it. Errors: NotYet, where that node is away for good."""
        if self.happens(AWAY):
            raise NotYet()
        self.at += TRAVEL
        return self.at

    def seals(self, stream: Stream, subject: UUID) -> Seals:
        """Seals for a stream's next fact."""
        return self.pen.seals(stream.id, stream.version, stream.unit, subject)

    def offer(self, sender: Case | Referral, to: Place, reason: ReferralReason) -> None:
        """Offer the matter to an office, sideways through the county, and let it be received."""
        through = self.places.through(self.places.all[sender.unit], to)
        new = NewOffer(
            offer=self.pen.next_fact(sender.id, sender.version, sender.unit),
            to=to.unit,
            reason=reason,
            today=day_of(self.at),
            at=self.at,
            through=through.unit if through else None,
            report_back_by=(self.at + timedelta(days=30)).date() if self.happens(0.1) else None,
        )
        sender.refer(new) if isinstance(sender, Case) else sender.pass_on(new)
        self._received(self.pen.write(sender))

    def _received(self, offered: Fact) -> None:
        assert isinstance(offered, Offered)
        receiver = offered.through or offered.to
        hand = Referral.receive(
            unit=receiver, sender=offered.unit, handover=offered.handover, at=self.travel()
        )
        self.pen.write(hand, self.id_of(offered))
        self.hands.append(hand)

    def id_of(self, fact: Fact) -> UUID:
        """The id under which a fact was written."""
        return self.pen.next_fact(fact.originator_id, fact.originator_version - 1, fact.unit)

    def sender(self) -> Case | Referral:
        """The stream that offered the matter to whoever has it."""
        return self.hands[-2] if len(self.hands) > 1 else self.case

    def note(self, stream: Any, step: str, cause: Fact | None = None, **said: Any) -> Fact:
        """Let a stream take a step now, or what follows from a fact a moment later; gives what it recorded."""
        at = self.travel() if cause else self.at
        getattr(stream, step)(at=at, **said)
        return self.pen.write(stream, self.id_of(cause) if cause else None)

    def withdraw(self) -> None:
        """The petitioner takes the petition back; whoever has it stops. Errors: NotYet, always: nothing follows."""
        cause = self.note(self.case, "withdraw", confirmed_by=ConfirmedBy.SECOND_CALL)
        for hand in self.hands:
            cause = self.note(hand, "stop", cause, withdrawn=True)
        raise NotYet()
