"""Who does what, when: a pure function of seed, days and units, so that a month can be played again."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from services.rehearsal.intake import Petition, petitions
from shared.work.common.calendar import ZONE

MOST_A_DAY = 2
"""Most petitions that an office can take in on a day, on average; a small county plays fewer of them."""

LATE, SILENT, EXCUSED, FALSE_ZERO = 0.015, 0.01, 0.004, 0.002
"""Shares of reports that come late, never, excused, or say zero although something came that day."""


@dataclass(frozen=True)
class Place:
    """A unit of the rehearsal; `above` is its township or the county."""

    unit: str
    tier: str
    node: str
    above: str
    code: str


@dataclass
class Act:
    """One order: when, whose, which; `case` names a petition of the plan, `needs` what it waits for.

    `hand` is the office whose referral the order is about; `gives` the office that gets the matter.
    """

    at: datetime
    unit: str
    order: str
    body: dict[str, Any] = field(default_factory=dict)
    case: int | None = None
    role: str = ""
    hand: str = ""
    gives: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other act of its office; the same whenever the month is played."""
        what = self.body.get("excused", "") if self.case is None else self.case
        return f"rehearsal-{self.at.isoformat()}-{self.order}-{what}"


@dataclass
class Month:
    """Everything that is going to happen, by day, and what the sheets must show afterwards."""

    days: list[date]
    acts: dict[date, list[Act]]
    statuses: dict[tuple[str, date], str]
    late: set[tuple[str, date]]
    registered: int


def make_month(places: list[Place], *, last: date, days: int, seed: int) -> Month:
    """The month that ends with the day `last`."""
    return _Maker(places, last, days, seed).make()


class _Maker:
    def __init__(self, places: list[Place], last: date, days: int, seed: int) -> None:
        self.chance = random.Random(f"huiyin {seed} {days} {last}")
        self.places = {place.unit: place for place in places}
        self.days = [last - timedelta(days=n) for n in reversed(range(days))]
        self.month = Month(self.days, {day: [] for day in self.days}, {}, set(), 0)
        self.by_tier = {
            tier: [p for p in places if p.tier == tier] for tier in ("village", "township", "department")
        }
        self.county = next(place for place in places if place.tier == "county")
        self.registered: Counter[tuple[str, date]] = Counter()
        self.after_report: Counter[tuple[str, date]] = Counter()

    def make(self) -> Month:
        """Plan matters first, then the reports that have to speak of them."""
        at_most = MOST_A_DAY * len(self.places) * len(self.days)
        for number, petition in enumerate(petitions(self.chance)[:at_most]):
            self._matter(number, petition)
        for place in self.places.values():
            if place.tier != "county":
                self._reports(place)
        for acts in self.month.acts.values():
            acts.sort(key=lambda act: (act.at, act.unit, act.order))
        return self.month

    def _matter(self, number: int, petition: Petition) -> None:
        day = self.chance.choice(self.days)
        place = self._where()
        at = self._moment(day, 9, 12)
        false_zero = place.tier == "village" and self.chance.random() < FALSE_ZERO * 20
        if false_zero and not self.registered[place.unit, day]:
            at = self._moment(day, 17, 19)
            self.after_report[place.unit, day] += 1
        else:
            self.registered[place.unit, day] += 1
        self._act(at, place.unit, "register-matter", number, petition.fields(place.unit, day.isoformat()))
        self.month.registered += 1
        if self.chance.random() < 0.1:
            return
        at += timedelta(minutes=20)
        self._act(
            at,
            place.unit,
            "classify-matter",
            number,
            {"matter_class": petition.matter_class, "purpose": petition.purpose},
        )
        if self.chance.random() < 0.04:
            self._act(
                self._later(day, 2, 9), place.unit, "withdraw-matter", number, {"confirmed_by": "second_call"}
            )
            return
        self._route(number, place, day, at + timedelta(minutes=15))

    def _where(self) -> Place:
        draw = self.chance.random()
        if draw < 0.78 and self.by_tier["village"]:
            return self.chance.choice(self.by_tier["village"])
        return self.chance.choice(self.by_tier["township"]) if draw < 0.92 else self.county

    def _route(self, number: int, place: Place, day: date, at: datetime) -> None:
        draw = self.chance.random()
        if place.tier == "village":
            if draw < 0.55:
                self._keep(number, place, day, at)
            else:
                self._refer(number, place, self.places[place.above], day, at)
        elif place.tier == "township":
            below = [p for p in self.by_tier["village"] if p.above == place.unit]
            if draw < 0.6:
                self._keep(number, place, day, at)
            elif draw < 0.8 or not below:
                self._refer(number, place, self.county, day, at)
            else:
                self._refer(number, place, self.chance.choice(below), day, at)
        elif draw < 0.6 or not self.by_tier["department"]:
            self._refer(number, place, self.chance.choice(self.by_tier["township"]), day, at, assigned=True)
        else:
            self._refer(number, place, self.chance.choice(self.by_tier["department"]), day, at)

    def _keep(self, number: int, place: Place, day: date, at: datetime) -> None:
        self._act(at, place.unit, "keep-matter", number, gives=place.unit)
        self._handle(number, place, day)

    def _refer(
        self, number: int, sender: Place, to: Place, day: date, at: datetime, *, assigned: bool = False
    ) -> None:
        body: dict[str, Any] = {"to": to.unit, "reason": "competent_body"}
        if assigned:
            body["report_back_by"] = (day + timedelta(days=30)).isoformat()
        self._act(at, sender.unit, "refer-matter", number, body, gives=to.unit)
        draw = self.chance.random()
        if draw < 0.05:
            self._object(number, sender, to, day)
        elif draw < 0.09 and to.tier == "township" and len(self.by_tier["township"]) > 1:
            self._sideways(number, to, day)
        elif draw < 0.12:
            self._act(
                self._later(day, 1, 9),
                to.unit,
                "release-referral",
                number,
                {"reason": "another office is nearer"},
                hand=to.unit,
            )
            self._act(self._later(day, 2, 9), sender.unit, "keep-matter", number, gives=sender.unit)
            self._handle(number, sender, day + timedelta(days=2))
        else:
            self._handle(number, to, day)

    def _object(self, number: int, sender: Place, to: Place, day: date) -> None:
        body = {"ground": "not_our_power", "reason": "the matter belongs to another office"}
        self._act(self._later(day, 1, 9), to.unit, "object-to-referral", number, body, hand=to.unit)
        agreed = self.chance.random() < 0.5
        self._act(
            self._later(day, 2, 9), sender.unit, "answer-objection", number, {"agreed": agreed}, hand=to.unit
        )
        if agreed:
            self._act(self._later(day, 3, 9), sender.unit, "keep-matter", number, gives=sender.unit)
            self._handle(number, sender, day + timedelta(days=3))
        else:
            self._handle(number, to, day + timedelta(days=2))

    def _sideways(self, number: int, first: Place, day: date) -> None:
        """Township to township: the county passes it on; or to a department of the county."""
        others = [p for p in self.by_tier["township"] if p.unit != first.unit]
        target = self.chance.choice(others)
        reason = "place_of_problem"
        self._act(
            self._later(day, 1, 9),
            first.unit,
            "pass-on",
            number,
            {"to": target.unit, "reason": reason},
            hand=first.unit,
            gives=self.county.unit,
        )
        self._act(
            self._later(day, 2, 9),
            self.county.unit,
            "pass-on",
            number,
            {"reason": reason},
            hand=self.county.unit,
            gives=target.unit,
        )
        self._handle(number, target, day + timedelta(days=2))

    def _handle(self, number: int, place: Place, day: date) -> None:
        """Accept, opinion, service, completion; some are not accepted, some stay and are supervised."""
        draw = self.chance.random()
        if draw < 0.06:
            body = {
                "ground": "statutory_procedure",
                "explanation": "the way leads to administrative reconsideration",
            }
            self._act(self._later(day, 1, 10), place.unit, "decline-referral", number, body, hand=place.unit)
            return
        if draw < 0.1:
            self._supervise(number, place, day)
            return
        self._act(
            self._later(day, 1 + self.chance.randint(0, 2), 10),
            place.unit,
            "accept-referral",
            number,
            hand=place.unit,
        )
        opinion = 5 + self.chance.randint(0, 9)
        outcome = self.chance.choice(("supported", "supported", "explained", "not_supported"))
        body = {
            "outcome": outcome,
            "findings": "checked on the spot",
            "legal_basis": "Regulations on Petition Work, article 32",
        }
        self._act(self._later(day, opinion, 10), place.unit, "give-opinion", number, body, hand=place.unit)
        served = day + timedelta(days=opinion + 1)
        way = {"way": self.chance.choice(("in_person", "post")), "served_on": served.isoformat()}
        self._act(
            self._later(day, opinion + 1, 11), place.unit, "serve-opinion", number, way, hand=place.unit
        )
        report = {"performed": outcome == "supported", "report": "done; the petitioner was told"}
        self._act(
            self._later(day, opinion + 2, 11),
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
        self._act(self._later(day, 17, 9), self.county.unit, "issue-letter", number, body, role="supervisor")
        self._act(self._later(day, 18, 10), place.unit, "accept-referral", number, hand=place.unit)
        self._act(
            self._later(day, 18, 14),
            place.unit,
            "answer-letter",
            number,
            {"answer": "done", "text": "accepted today"},
        )
        self._act(self._later(day, 19, 9), self.county.unit, "lift-letter", number, role="supervisor")

    def _reports(self, place: Place) -> None:
        waiting = 0
        for day in self.days:
            waiting += self.registered[place.unit, day]
            draw, key = self.chance.random(), (place.unit, day)
            late_matter = self.after_report[key]
            if draw < SILENT and not late_matter:
                self.month.statuses[key] = "silent"
            elif draw < SILENT + EXCUSED and place.tier == "village" and not late_matter:
                body = {"excused": place.unit, "day": day.isoformat(), "reason": "power_or_network_down"}
                self._act(self._moment(day, 15, 16), place.above, "excuse-unit", None, body, role="director")
                self.month.statuses[key] = "excused"
            else:
                late = draw > 1 - LATE and not late_matter
                self._report(place, day, waiting, late)
                waiting = 0
            waiting += late_matter

    def _report(self, place: Place, day: date, waiting: int, late: bool) -> None:
        kind = "daily" if waiting else "zero"
        at = (
            self._moment(day, 18, 20)
            if late
            else self._moment(day, 14, 16 if place.tier == "village" else 17)
        )
        checked = ["reception_book", "phone", "mailbox"]
        body = {"unit": place.unit, "day": day.isoformat(), "kind": kind, "checked": checked, "new": waiting}
        self._act(at, place.unit, "file-report", None, body)
        self.month.statuses[place.unit, day] = "zero" if kind == "zero" else "reported"
        if late:
            self.month.late.add((place.unit, day))

    def _act(
        self,
        at: datetime,
        unit: str,
        order: str,
        case: int | None = None,
        body: dict[str, Any] | None = None,
        *,
        hand: str = "",
        role: str = "",
        gives: str = "",
    ) -> None:
        day = at.astimezone(ZONE).date()
        if day in self.month.acts:
            self.month.acts[day].append(Act(at, unit, order, body or {}, case, role, hand, gives))

    def _later(self, day: date, days: int, hour: int) -> datetime:
        return self._moment(day + timedelta(days=days), hour, hour + 1)

    def _moment(self, day: date, first: int, last: int) -> datetime:
        """A moment of chance between two hours, to the second, so that clerks do not act in step."""
        seconds = self.chance.randrange((last - first) * 3600)
        return datetime.combine(day, time(first), ZONE) + timedelta(seconds=seconds)
