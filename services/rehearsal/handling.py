"""How a played matter goes on once it is assessed: it is kept or referred, and mostly comes to its end."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.rehearsal.acts import Diary, Place


class Handling:
    """Writes the acts of a matter's way into the diary; `by_tier` are the places by tier, but for the county."""

    def __init__(self, diary: Diary, by_tier: Mapping[str, Sequence[Place]], county: Place) -> None:
        self._diary = diary
        self._chance: random.Random = diary.chance
        self._by_tier = by_tier
        self._county = county

    def keep(self, number: int, place: Place, day: date, at: datetime) -> None:
        self._diary.act(at, place.unit, "keep-matter", number, gives=place.unit)
        self._handle(number, place, day)

    def refer(
        self, number: int, sender: Place, to: Place, day: date, at: datetime, *, assigned: bool = False
    ) -> None:
        body: dict[str, Any] = {"to": to.unit, "reason": "competent_body"}
        if assigned:
            body["report_back_by"] = (day + timedelta(days=30)).isoformat()
        self._diary.act(at, sender.unit, "refer-matter", number, body, gives=to.unit)
        draw = self._chance.random()
        if draw < 0.05:
            self._object(number, sender, to, day)
        elif draw < 0.09 and to.tier == "township" and len(self._by_tier["township"]) > 1:
            self._sideways(number, to, day)
        elif draw < 0.12:
            self._diary.act(
                self._diary.later(day, 1, 9),
                to.unit,
                "release-referral",
                number,
                {"reason": "another office is nearer"},
                hand=to.unit,
            )
            self._diary.act(
                self._diary.later(day, 2, 9), sender.unit, "keep-matter", number, gives=sender.unit
            )
            self._handle(number, sender, day + timedelta(days=2))
        else:
            self._handle(number, to, day)

    def _object(self, number: int, sender: Place, to: Place, day: date) -> None:
        body = {"ground": "not_our_power", "reason": "the matter belongs to another office"}
        self._diary.act(
            self._diary.later(day, 1, 9), to.unit, "object-to-referral", number, body, hand=to.unit
        )
        agreed = self._chance.random() < 0.5
        self._diary.act(
            self._diary.later(day, 2, 9),
            sender.unit,
            "answer-objection",
            number,
            {"agreed": agreed},
            hand=to.unit,
        )
        if agreed:
            self._diary.act(
                self._diary.later(day, 3, 9), sender.unit, "keep-matter", number, gives=sender.unit
            )
            self._handle(number, sender, day + timedelta(days=3))
        else:
            self._handle(number, to, day + timedelta(days=2))

    def _sideways(self, number: int, first: Place, day: date) -> None:
        """Township to township: the county passes it on; or to a department of the county."""
        others = [p for p in self._by_tier["township"] if p.unit != first.unit]
        target = self._chance.choice(others)
        reason = "place_of_problem"
        self._diary.act(
            self._diary.later(day, 1, 9),
            first.unit,
            "pass-on",
            number,
            {"to": target.unit, "reason": reason},
            hand=first.unit,
            gives=self._county.unit,
        )
        self._diary.act(
            self._diary.later(day, 2, 9),
            self._county.unit,
            "pass-on",
            number,
            {"reason": reason},
            hand=self._county.unit,
            gives=target.unit,
        )
        self._handle(number, target, day + timedelta(days=2))

    def _handle(self, number: int, place: Place, day: date) -> None:
        """Accept, opinion, service, completion; some are not accepted, some stay and are supervised."""
        draw = self._chance.random()
        if draw < 0.06:
            body = {
                "ground": "statutory_procedure",
                "explanation": "the way leads to administrative reconsideration",
            }
            self._diary.act(
                self._diary.later(day, 1, 10),
                place.unit,
                "not-accept-referral",
                number,
                body,
                hand=place.unit,
            )
            return
        if draw < 0.1:
            self._supervise(number, place, day)
            return
        self._diary.act(
            self._diary.later(day, 1 + self._chance.randint(0, 2), 10),
            place.unit,
            "accept-referral",
            number,
            hand=place.unit,
        )
        self._end(number, place, day)

    def _end(self, number: int, place: Place, day: date) -> None:
        """The opinion, its service, and the end."""
        opinion = 5 + self._chance.randint(0, 9)
        outcome = self._chance.choice(("supported", "supported", "explained", "not_supported"))
        body = {
            "outcome": outcome,
            "findings": "checked on the spot",
            "legal_basis": "Regulations on Petition Work, article 32",
        }
        self._diary.act(
            self._diary.later(day, opinion, 10), place.unit, "give-opinion", number, body, hand=place.unit
        )
        served = day + timedelta(days=opinion + 1)
        way = {"way": self._chance.choice(("in_person", "post")), "served_on": served.isoformat()}
        self._diary.act(
            self._diary.later(day, opinion + 1, 11), place.unit, "serve-opinion", number, way, hand=place.unit
        )
        report = {"performed": outcome == "supported", "report": "done; the petitioner was told"}
        self._diary.act(
            self._diary.later(day, opinion + 2, 11),
            place.unit,
            "complete-referral",
            number,
            report,
            hand=place.unit,
        )

    def _supervise(self, number: int, place: Place, day: date) -> None:
        """Nobody acts: after the fifteen days the county writes, the office answers, the letter is lifted."""
        if place.tier == "county":
            return
        letter = day + timedelta(days=17)
        body = {
            "to": place.unit,
            "trigger": "overdue",
            "demand": "tell the petitioner path and procedure",
            "answer_by": (letter + timedelta(days=7)).isoformat(),
        }
        self._diary.act(
            self._diary.later(day, 17, 9), self._county.unit, "issue-letter", number, body, role="supervisor"
        )
        self._diary.act(
            self._diary.later(day, 18, 10), place.unit, "accept-referral", number, hand=place.unit
        )
        self._diary.act(
            self._diary.later(day, 18, 14),
            place.unit,
            "answer-letter",
            number,
            {"answer": "done", "text": "accepted today"},
        )
        self._diary.act(
            self._diary.later(day, 19, 9), self._county.unit, "lift-letter", number, role="supervisor"
        )
