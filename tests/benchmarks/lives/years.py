"""Five years of a county in the order of time: every fact of every node, each once."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from services.rehearsal.intake import petitions
from shared.work.common.calendar import ZONE, day_of
from tests.benchmarks.lives.handling import Handling
from tests.benchmarks.lives.pen import Pen, Written
from tests.benchmarks.lives.places import BEGAN, NOW, Place, Places
from tests.benchmarks.lives.reports import Days, Registers

SEED = 1
IN_TIME_OF_YOUNG = 60
"""Matters of the last weeks at the measured village, in a county of any size: its pages are full in every one.
Unit: matters; a page lists 50."""
YOUNG = timedelta(days=45)
LEAST_DAYS = 31
"""Days with reports of every office in a small county. Unit: days; the longest range that pages ask for."""


class Came(NamedTuple):
    """A matter that comes in at an office."""

    at: datetime
    place: Place


class Years:
    """A county with so many matters; about one report a matter, so that a tenth of all facts are reports."""

    def __init__(self, places: Places, matters: int, *, least_days: int = LEAST_DAYS) -> None:
        self._places, self._matters = places, matters
        self._days_reported = max(least_days, matters // len(places.all))
        self._chance = random.Random(f"lives {SEED} {matters}")
        self._petitions = petitions(self._chance)
        self._registers, self._pen = Registers(), Pen(places)
        self._days = Days(self._pen, places, self._chance, self._registers)

    def facts(self) -> Iterator[Written]:
        """All of them, up to the present."""
        came, day = self._all_that_came(), day_of(BEGAN)
        reports_begin = day_of(NOW) - timedelta(days=self._days_reported)
        while day <= day_of(NOW):
            end = datetime.combine(day + timedelta(days=1), time(0), ZONE)
            while came and came[-1].at < end:
                self._live(*came.pop())
            if day >= reports_begin:
                self._days.write(day)
            yield from self._pen.before(min(end, NOW))
            day += timedelta(days=1)

    def _live(self, at: datetime, place: Place) -> None:
        life = Handling(self._pen, self._places, self._chance, place, at)
        life.register(self._chance.choice(self._petitions), self._registers.take(place.unit, at))
        life.go()

    def _all_that_came(self) -> list[Came]:
        """When and where matters come in, the last first."""
        young = min(IN_TIME_OF_YOUNG, self._matters // 3)
        came = [Came(self._moment(BEGAN), self._somewhere()) for _ in range(self._matters - young)]
        came += [Came(self._moment(NOW - YOUNG), self._places.village) for _ in range(young)]
        return sorted(came, key=lambda one: one.at, reverse=True)

    def _moment(self, first: datetime) -> datetime:
        """A moment of chance in office hours, before now."""
        day: date = day_of(first) + timedelta(days=self._chance.randrange((NOW - first).days))
        return datetime.combine(day, time(8, 30), ZONE) + timedelta(seconds=self._chance.randrange(9 * 3600))

    def _somewhere(self) -> Place:
        draw, places = self._chance.random(), self._places
        if draw < 0.78:
            return self._chance.choice(places.villages)
        return self._chance.choice(places.towns if draw < 0.92 else [places.county, *places.departments])
