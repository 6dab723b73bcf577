"""Who does what, when: a pure function of seed, days and units, so that a month can be played again."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import cycle

from services.rehearsal.acts import Diary, Month, Place
from services.rehearsal.handling import Handling
from services.rehearsal.intake import Petition, petitions

MOST_A_DAY = 2
"""Most petitions that an office can take in on a day, on average; a small county plays fewer of them."""

LATE, SILENT, EXCUSED = 0.015, 0.01, 0.004
"""Shares of reports that come late, never, or are excused."""

AFTERWARDS = 0.06
"""Share of a village's matters that are registered after its report of the day: in turn one that really came after it, one
that had come before and was hidden, and one of which nobody noted the hour."""


ON_TIME, AFTER, HIDDEN, NO_HOUR = "on time", "after", "hidden", "no hour"
"""How a matter's registration stands to the report of its day."""


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
        self.diary = Diary(self.month, self.chance)
        self.handling = Handling(self.diary, self.by_tier, self.county)
        self.registered: Counter[tuple[str, date]] = Counter()
        self.after_report: Counter[tuple[str, date]] = Counter()
        self.afterwards = cycle((AFTER, HIDDEN, NO_HOUR))

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
        came = at = self.diary.moment(day, 9, 12)
        afterwards = place.tier == "village" and self.chance.random() < AFTERWARDS
        how = next(self.afterwards) if afterwards else ON_TIME
        if afterwards:
            at = self.diary.moment(day, 17, 19)
            self.after_report[place.unit, day] += 1
        else:
            self.registered[place.unit, day] += 1
        if how == HIDDEN:
            self.month.contradicted.add((place.unit, day))
        elif how == NO_HOUR:
            self.month.asked.add((place.unit, day))
        hour = came if how == HIDDEN else at
        said = {} if how == NO_HOUR else {"received_time": hour.strftime("%H:%M")}
        fields = petition.fields(place.unit, day.isoformat()) | said
        self.diary.act(at, place.unit, "register-matter", number, fields)
        self.month.registered += 1
        if self.chance.random() < 0.1:
            return
        at += timedelta(minutes=20)
        self.diary.act(
            at,
            place.unit,
            "assess-matter",
            number,
            {"matter_class": petition.matter_class, "purpose": petition.purpose},
        )
        if self.chance.random() < 0.04:
            self.diary.act(
                self.diary.later(day, 2, 9),
                place.unit,
                "withdraw-matter",
                number,
                {"confirmed_by": "second_call"},
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
                self.handling.keep(number, place, day, at)
            else:
                self.handling.refer(number, place, self.places[place.above], day, at)
        elif place.tier == "township":
            below = [p for p in self.by_tier["village"] if p.above == place.unit]
            if draw < 0.6:
                self.handling.keep(number, place, day, at)
            elif draw < 0.8 or not below:
                self.handling.refer(number, place, self.county, day, at)
            else:
                self.handling.refer(number, place, self.chance.choice(below), day, at)
        elif draw < 0.6 or not self.by_tier["department"]:
            self.handling.refer(
                number, place, self.chance.choice(self.by_tier["township"]), day, at, assigned=True
            )
        else:
            self.handling.refer(number, place, self.chance.choice(self.by_tier["department"]), day, at)

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
                self.diary.act(
                    self.diary.moment(day, 15, 16), place.above, "excuse-unit", None, body, role="director"
                )
                self.month.statuses[key] = "excused"
            else:
                late = draw > 1 - LATE and not late_matter
                self._report(place, day, waiting, late)
                waiting = 0
            waiting += late_matter

    def _report(self, place: Place, day: date, waiting: int, late: bool) -> None:
        kind = "daily" if waiting else "zero"
        at = (
            self.diary.moment(day, 18, 20)
            if late
            else self.diary.moment(day, 14, 16 if place.tier == "village" else 17)
        )
        checked = ["reception_book", "phone", "mailbox"]
        body = {"unit": place.unit, "day": day.isoformat(), "kind": kind, "checked": checked}
        self.month.covered[place.unit, day] = waiting
        self.diary.act(at, place.unit, "file-report", None, body)
        self.month.statuses[place.unit, day] = "zero" if kind == "zero" else "reported"
        if late:
            self.month.late.add((place.unit, day))
