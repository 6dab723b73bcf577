"""The plan of a rehearsal: what an office may do side by side, and that every act has a key of its own."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from services.rehearsal.acts import Act, Place
from services.rehearsal.parallel_batches import parallel_batches
from services.rehearsal.plan import make_month

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
LAST = date(2026, 11, 20)
PLACES = [
    Place("county", "county", "county", "", "430321000000"),
    Place("town", "township", "town", "county", "430321100000"),
    *(Place(f"village {n}", "village", "villages", "town", f"43032110020{n}") for n in range(4)),
]


def day(*orders: tuple[str, int | None]) -> list[Act]:
    """An office's acts, a minute after each other."""
    return [
        Act(NINE + timedelta(minutes=n), "town", order, case=case) for n, (order, case) in enumerate(orders)
    ]


def cases(acts: list[Act]) -> list[tuple[str, int | None]]:
    return [(act.order, act.case) for act in acts]


def test_given_acts_on_different_matters_when_a_day_is_cut_then_only_each_matter_keeps_its_order():
    # Given a day on which two matters are registered and three are worked on
    acts = day(
        ("register-matter", 1),
        ("accept-referral", 3),
        ("assess-matter", 1),
        ("register-matter", 2),
        ("refer-matter", 1),
    )
    # When it is cut
    (batch,) = parallel_batches(acts)
    # Then numbers are taken in their order, and each matter goes its own way
    assert cases(batch.book) == [("register-matter", 1), ("register-matter", 2)]
    assert [cases(matter) for matter in batch.matters] == [
        [("accept-referral", 3)],
        [("assess-matter", 1), ("refer-matter", 1)],
    ]


def test_given_a_report_when_a_day_is_cut_then_it_waits_for_all_before_it_and_all_after_it_waits():
    # Given a report in the middle of a day
    acts = day(("register-matter", 1), ("accept-referral", 2), ("file-report", None), ("register-matter", 3))
    # When the day is cut
    before, after = parallel_batches(acts)
    # Then it begins a stretch of its own
    assert cases([*before.book, *sum(before.matters, [])]) == [("register-matter", 1), ("accept-referral", 2)]
    assert cases(after.book) == [("file-report", None), ("register-matter", 3)]


def test_given_a_county_with_one_township_and_no_village_when_a_month_is_planned_then_it_is_whole():
    # Given the smallest county
    month = make_month(PLACES[:2], last=LAST, days=20, seed=3)
    # Then everything that is registered is registered somewhere
    registered = [act for acts in month.acts.values() for act in acts if act.order == "register-matter"]
    assert len(registered) == month.registered > 0


def test_given_a_month_when_it_is_planned_twice_then_every_act_of_an_office_has_the_same_key_of_its_own():
    # Given a month, planned twice
    first, second = (make_month(PLACES, last=LAST, days=20, seed=3) for _ in range(2))
    keys = [
        [(act.unit, act.key) for acts in month.acts.values() for act in acts] for month in (first, second)
    ]
    # Then a month that was stopped finds its orders again, and none is taken for another
    assert keys[0] == keys[1]
    assert max(Counter(keys[0]).values()) == 1
    assert len(keys[0]) > 100
