"""How offices handle a matter that was offered to them: each way with its share, made with the product's own rules."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from shared.work.common.calendar import day_of
from shared.work.common.fact import Fact
from shared.work.common.words import (
    Answer,
    Ending,
    Ground,
    ObjectionGround,
    Outcome,
    ReferralReason,
    ServiceWay,
    Trigger,
)
from shared.work.matters.case import Case
from shared.work.matters.offering import HANDS_AT_MOST
from shared.work.matters.override import Override
from shared.work.matters.referral import Referral
from shared.work.supervision.answer import SupervisionAnswer
from shared.work.supervision.letter import Supervision
from tests.benchmarks.lives.life import WITHDRAWN_EARLY, Life, NotYet
from tests.benchmarks.lives.places import Place

FINDINGS = "经现场核实，反映的情况基本属实。已与当事人和村民小组当面核对，形成处理意见如下：限期整改，费用按规定承担。"
BASIS = "《信访工作条例》第三十二条"
UNANSWERED = 0.15
"""Share of letters that their office never answers."""


class Handling(Life):
    """A life that goes on after the assessment."""

    def go(self) -> None:
        """From the assessment to the end, or as far as it gets."""
        with suppress(NotYet):
            if self.case.assessed:
                self._route()

    def _route(self) -> None:
        self.wait(0, 3)
        if self.happens(WITHDRAWN_EARLY):
            self.withdraw()
        to = self._competent(self.owner)
        reason = ReferralReason.OWN_MATTER if to == self.owner else ReferralReason.COMPETENT_BODY
        self.offer(self.case, to, reason)
        self._handle()

    def _competent(self, at: Place) -> Place:
        """The office that is to handle what came in at a place; more than half is its own business."""
        if self.happens(0.55):
            return at
        if at.tier == "village":
            return self.places.above(at) if self.happens(0.85) else self._elsewhere(at)
        if at.tier == "township" and self.happens(0.5):
            return self.chance.choice(self.places.below[at.unit])
        return self._elsewhere(at)

    def _elsewhere(self, at: Place) -> Place:
        """Another township, a department or the county."""
        draw = self.chance.random()
        if draw < 0.3 and at != self.places.county:
            return self.places.county
        others = self.places.towns if draw < 0.7 else self.places.departments
        return self.chance.choice([one for one in others if one != at])

    def _handle(self) -> None:
        """What the office does that has it now. Errors: NotYet, in the end always."""
        hand = self.hands[-1]
        if hand.handover.target and hand.handover.target != hand.unit:
            self._pass_on(self.places.all[hand.handover.target])
        draw, own = self.chance.random(), hand.sender == hand.unit
        for share, step in self._ways(own):
            if draw < share:
                step()
                raise NotYet()
            draw -= share
        self._accept()

    def _ways(self, own: bool) -> list[tuple[float, Callable[[], None]]]:
        """Everything but the usual way, with its share; an office neither objects to itself nor passes by itself."""
        ways = [(0.05, self._not_accept), (0.02, self._withdraw_later), (0.05, self._supervise)]
        if own:
            return ways
        more = [
            (0.05, self._object),
            (0.02, self._release),
            (0.01, self._override),
            (0.1, self._pass_further),
        ]
        return [*ways, *more]

    def _withdraw_later(self) -> None:
        self.wait(1, 10)
        self.withdraw()

    def _not_accept(self) -> None:
        self.wait(1, 3)
        hand = self.hands[-1]
        why = self.seals(hand, self.case.id).text("explanation", "请按复议程序向复议机关提出")
        done = self.note(hand, "not_accept", ground=Ground.STATUTORY_PROCEDURE, explanation=why)
        self._hand_back(done, Ending.NOT_ACCEPTED, None)

    def _accept(self) -> None:
        """The usual way: accepted, opinion, served, completed, concluded."""
        self.wait(0, 4)
        hand = self.hands[-1]
        self.note(hand, "accept")
        self.wait(3, 45)
        outcome = self.chance.choice([*Outcome, Outcome.SUPPORTED])
        self.note(
            hand,
            "give_opinion",
            outcome=outcome,
            findings=self.seals(hand, self.case.id).text("findings", FINDINGS),
            legal_basis=BASIS,
            review_at=self.places.above(self.places.all[hand.unit]).unit,
            perform_by=day_of(self.at) + timedelta(days=30) if self.happens(0.3) else None,
        )
        self.wait(0, 6)
        self.note(hand, "serve", way=self.chance.choice([*ServiceWay]), served_on=day_of(self.at))
        self.wait(1, 12)
        report = self.seals(hand, self.case.id).text("report", "已办结，当事人表示满意")
        done = self.note(hand, "complete", performed=self.happens(0.8), report=report)
        self._hand_back(done, Ending.ANSWERED, outcome)

    def _hand_back(self, done: Fact, ending: Ending, outcome: Outcome | None) -> None:
        """The result goes back along the chain of hands, and ends the case. Errors: NotYet, always."""
        while self.hands:
            stream, hand = self.sender(), self.hands.pop()
            offer = hand.handover.offer
            if isinstance(stream, Case):
                self.note(stream, "conclude", done, offer=offer, ending=ending, referral=hand.id)
            else:
                text = self.seals(stream, self.case.id).text("text", "结果如报告所述")
                result = {"offer": offer, "ending": ending, "outcome": outcome, "text": text}
                done = self.note(stream, "report_back", done, **result)
        raise NotYet()

    def _object(self) -> None:
        self.wait(0, 2)
        hand, sender = self.hands[-1], self.sender()
        reason = self.seals(hand, self.case.id).text("reason", "事发地不在本辖区")
        said = {"object_by": day_of(self.at) + timedelta(days=5), "today": day_of(self.at)}
        objected = self.note(hand, "object", ground=ObjectionGround.OTHER_PLACE, reason=reason, **said)
        self.note(sender, "take_objection", objected, offer=hand.handover.offer)
        self.wait(1, 6)
        agreed = self.happens(0.5)
        answer = self.note(sender, "answer_objection", offer=hand.handover.offer, agreed=agreed)
        self.note(hand, "take_answer", answer, agreed=agreed)
        self._accept() if not agreed else self._back_at(sender)

    def _release(self) -> None:
        self.wait(1, 9)
        hand, sender = self.hands[-1], self.sender()
        reason = self.seals(hand, self.case.id).text("reason", "由上级办理更合适")
        released = self.note(hand, "release", reason=reason)
        self.note(sender, "end_offer", released, offer=hand.handover.offer)
        self._back_at(sender)

    def _override(self) -> None:
        """The receiver does not answer any more; the county takes the matter from it."""
        self.wait(20, 40)
        hand, sender, county = self.hands[-1], self.sender(), self.places.county.unit
        override = Override.id_for(hand.handover.offer)
        ordered = self.pen.write(
            Override.order(
                unit=county,
                offer=hand.handover.offer,
                came_by=hand.handover.came_by,
                case=self.case.id,
                sender=sender.unit,
                receiver=hand.unit,
                reason=self.pen.seals(override, 0, county, override).text("reason", "设备损坏，无法联系"),
                at=self.at,
            )
        )
        self.note(sender, "end_offer", ordered, offer=hand.handover.offer)
        self.note(hand, "stop", ordered, withdrawn=False)
        self._back_at(sender)

    def _back_at(self, sender: Case | Referral) -> None:
        """The sender has it again, and handles it itself. Errors: NotYet, always."""
        self.hands.pop()
        self.wait(0, 2)
        if isinstance(sender, Case):
            self.offer(sender, self.owner, ReferralReason.OWN_MATTER)
        self._accept()

    def _pass_further(self) -> None:
        """A township passes on to a village or sideways, the county to whoever is competent; others keep it."""
        hand = self.hands[-1]
        here = self.places.all[hand.unit]
        to = self._competent(here)
        known = {here.unit, self.owner.unit, *(one.unit for one in self.hands)}
        if here.tier in ("village", "department") or to.unit in known or len(self.hands) + 1 >= HANDS_AT_MOST:
            self._accept()
        self._pass_on(to)

    def _pass_on(self, to: Place) -> None:
        self.wait(0, 3)
        self.offer(self.hands[-1], to, ReferralReason.PLACE_OF_PROBLEM)
        self._handle()

    def _supervise(self) -> None:
        """Nobody acts in time; the county writes, the office answers, and most letters are lifted."""
        self.wait(17, 30)
        hand = self.hands[-1]
        letter = self._letter(hand)
        if self.happens(UNANSWERED):
            raise NotYet()
        answers = self._answer(letter, None)
        if self.happens(0.3):
            self.wait(1, 5)
            answer_by = day_of(self.at) + timedelta(days=7)
            self.note(letter, "repeat", answer_by=answer_by, today=day_of(self.at))
            self._answer(letter, answers)
        self.wait(1, 3)
        self.note(letter, "lift")
        self._accept()

    def _letter(self, hand: Referral) -> Supervision:
        county, year = self.places.county, day_of(self.at).year
        self.pen.letters[year] += 1
        letter = Supervision.id_for(county.unit, year, self.pen.letters[year])
        made = Supervision.issue(
            unit=county.unit,
            mark=county.entry.mark,
            year=year,
            running=self.pen.letters[year],
            to=hand.unit,
            case=self.case.id,
            trigger=Trigger.OVERDUE,
            demand=self.pen.seals(letter, 0, county.unit, letter).text("demand", "请书面告知当事人办理途径"),
            answer_by=day_of(self.at) + timedelta(days=7),
            today=day_of(self.at),
            at=self.at,
        )
        self.pen.write(made)
        return made

    def _answer(self, letter: Supervision, known: SupervisionAnswer | None) -> SupervisionAnswer:
        """The office answers for the first time, or again."""
        self.wait(1, 9)
        stream, version = SupervisionAnswer.id_for(letter.id), known.version if known else 0
        text = self.pen.seals(stream, version, letter.to, letter.id).text("text", "已告知，正在办理")
        if known:
            self.note(known, "give_again", answer=Answer.DONE, text=text)
            return known
        said = {"answer": Answer.UNDER_WAY, "text": text, "at": self.at}
        given = SupervisionAnswer.give(
            unit=letter.to, supervision=letter.id, case=letter.case, supervisor=letter.unit, **said
        )
        self.pen.write(given)
        return given
