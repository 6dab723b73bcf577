"""Made-up lives of a matter: five offices act as they like, and hear of one another as late as you like."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.work.common.words import ConfirmedBy, ReferralReason
from shared.work.matters.case import Case
from shared.work.matters.offering import Offering
from shared.work.matters.override import Override
from shared.work.matters.referral import Referral
from shared.work.matters.stages import ENDED
from tests.parts.lives import lives
from tests.work.offices import Network, Office
from tests.work.scene import (
    COUNTY,
    DAY,
    START,
    STEPS,
    TOWN_A,
    TOWN_B,
    VILLAGE_1,
    VILLAGE_2,
    at,
    registered,
    text,
)

UNITS = (COUNTY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2)
CLERKS_STEPS = ("accept", "not accept", "object", "give the opinion", "serve", "complete", "release")
numbers = st.integers(0, 1_000)


def _through(sender: UUID, to: UUID) -> UUID | None:
    """The county, for what goes to or from the other township."""
    sideways = COUNTY not in (sender, to) and sender != to and TOWN_B in (sender, to)
    return COUNTY if sideways else None


class LifeOfAMatter(RuleBasedStateMachine):
    """One matter and every office that may have to do with it."""

    @initialize()
    def begin(self) -> None:
        self.network = Network(UNITS, START)
        self.home = self.network.offices[VILLAGE_1]
        self.case = self.home.add(registered())
        self.home.record()
        self.ends: dict[UUID, str] = {}

    def now(self) -> Case:
        return self.home.load(Case, self.case.id)

    def hands(self) -> list[tuple[Office, Referral]]:
        offices = self.network.offices.values()
        found = [(office, stream) for office in offices for stream in office.streams.values()]
        return [(office, stream) for office, stream in found if isinstance(stream, Referral)]

    @rule(to=st.sampled_from(UNITS))
    def refer(self, to: UUID) -> None:
        reason = ReferralReason.OWN_MATTER if to == VILLAGE_1 else ReferralReason.COMPETENT_BODY
        self._offer(self.home, self.now(), to, reason)

    @rule(which=numbers, to=st.sampled_from(UNITS))
    def pass_on(self, which: int, to: UUID) -> None:
        if found := _one(self.hands(), which):
            office, referral = found
            self._offer(office, referral, to, ReferralReason.COMPETENT_BODY)

    def _offer(self, office: Office, stream: Case | Referral, to: UUID, reason: ReferralReason) -> None:
        words: dict[str, Any] = {"to": to, "through": _through(office.unit, to), "reason": reason}
        words |= {"offer": office.next_fact(stream), "today": DAY, "at": at()}
        order = stream.refer if isinstance(stream, Case) else stream.pass_on
        office.attempt(lambda: order(**words))

    @rule(which=numbers, step=st.sampled_from(CLERKS_STEPS))
    def handle(self, which: int, step: str) -> None:
        if found := _one(self.hands(), which):
            office, referral = found
            office.attempt(lambda: STEPS[step](referral))

    @rule(which=numbers, agreed=st.booleans())
    def answer_an_objection(self, which: int, agreed: bool) -> None:
        senders = [(office, referral) for office, referral in self.hands() if referral.offer]
        home: list[tuple[Office, Offering]] = [(self.home, self.now())] if self.now().offer else []
        if found := _one([*home, *senders], which):
            office, stream = found
            office.attempt(lambda: stream.answer_objection(offer=stream.offer, agreed=agreed, at=at()))

    @rule(which=numbers)
    def override(self, which: int) -> None:
        county = self.network.offices[COUNTY]
        if made := _one(self.network.offers, which):
            given = made.handover
            if not county.exists(Override.id_for(given.offer)):
                county.add(
                    Override.order(
                        unit=COUNTY,
                        offer=given.offer,
                        came_by=given.came_by,
                        case=given.case,
                        sender=made.unit,
                        receiver=made.through or made.to,
                        reason=text(COUNTY, "reason"),
                        at=at(),
                    )
                )
                county.record()

    @precondition(lambda self: self.hands())
    @rule(confirmed_by=st.sampled_from(ConfirmedBy))
    def withdraw(self, confirmed_by: ConfirmedBy) -> None:
        self.home.attempt(lambda: self.now().withdraw(confirmed_by=confirmed_by, at=at()))

    @precondition(lambda self: self.network.waiting())
    @rule(which=numbers)
    def hear(self, which: int) -> None:
        self.network.deliver(_one(self.network.waiting(), which))

    @rule()
    def hear_everything(self) -> None:
        while self.network.waiting():
            self.network.deliver(self.network.waiting()[0])

    def _overridden(self, offer: UUID | None) -> bool:
        """Whether the county took back this offer or one before it in the chain of hands."""
        came_by = {made.handover.offer: made.handover.came_by for made in self.network.offers}
        county = self.network.offices[COUNTY]
        while offer is not None:
            if county.exists(Override.id_for(offer)):
                return True
            offer = came_by[offer]
        return False

    def handlers(self) -> list[Referral]:
        return [hand for _, hand in self.hands() if hand.stage not in ENDED and hand.stage != "passed_on"]

    @invariant()
    def never_two_handlers_at_once(self) -> None:
        assert len([hand for hand in self.handlers() if not self._overridden(hand.handover.offer)]) <= 1

    @invariant()
    def ended_stays_ended(self) -> None:
        now = {hand.id: hand.stage for _, hand in self.hands() if hand.stage in ENDED}
        now |= {self.case.id: ending} if (ending := self.now().ending) else {}
        assert self.ends.items() <= now.items()
        self.ends = now

    def teardown(self) -> None:
        self.hear_everything()
        self.never_two_handlers_at_once()
        self.ended_stays_ended()
        assert [hand.id for hand in self.handlers()] == [*self._tail_of_the_chain()]
        for office in self.network.offices.values():
            for stream in office.streams.values():
                assert vars(office.replay(stream.id)) == vars(stream)

    def _tail_of_the_chain(self) -> Iterator[UUID]:
        """The office that has the matter once everybody has heard everything, found from the case on."""
        at_hand: Offering = self.now()
        while at_hand.offer is not None and at_hand.offered_to is not None:
            next_one = Referral.id_for(at_hand.offer)
            at_hand = self.network.offices[at_hand.offered_to].load(Referral, next_one)
        if isinstance(at_hand, Referral):
            yield at_hand.id


def _one(things: list[Any], which: int) -> Any:
    """One of the things, or none when there is none."""
    return things[which % len(things)] if things else None


TestLifeOfAMatter = LifeOfAMatter.TestCase
TestLifeOfAMatter.settings = lives(examples=100, steps=40)
