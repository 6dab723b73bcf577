"""How much a neighbour may ask: so much at once, more with time, and each asker and each kind for itself."""

from datetime import timedelta

import pytest

from shared.transport.quota import CONTROL, RESENT, Quota, Quotas
from tests.parts.tiny_network import NINE, ClockOfTests

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> ClockOfTests:
    return ClockOfTests()


@pytest.fixture
def quotas(clock: ClockOfTests) -> Quotas:
    """Three at once, and one more every two seconds."""
    return Quotas(Quota(most=3, a_second=0.5), clock.now)


def test_so_much_at_once_and_no_more(quotas: Quotas):
    assert [quotas.take("village") for _ in range(5)] == [True, True, True, False, False]


def test_it_fills_again_with_time_and_not_beyond_the_most(quotas: Quotas, clock: ClockOfTests):
    # Given an asker who has used up everything
    assert all(quotas.take("village") for _ in range(3))
    # When a second has passed, then not yet, and when two have, then one more
    clock.at = NINE + SECOND
    assert not quotas.take("village")
    clock.at = NINE + 2 * SECOND
    assert [quotas.take("village") for _ in range(2)] == [True, False]
    # And after a day no more than at first
    clock.at = NINE + timedelta(days=1)
    assert [quotas.take("village") for _ in range(4)] == [True, True, True, False]


def test_each_asker_and_each_kind_has_its_own(quotas: Quotas):
    # Given a flood of one kind from one asker
    assert not all(quotas.take("village", "receipt") for _ in range(9))
    # Then others, and the same one in another matter, are not refused
    assert quotas.take("village", "resend") and quotas.take("township", "receipt")


def test_a_clock_that_was_set_back_fills_nothing_and_takes_nothing_away(quotas: Quotas, clock: ClockOfTests):
    # Given an asker who has one left
    assert quotas.take("village", cost=2)
    # When the clock is set back by an hour and goes on
    clock.at = NINE - timedelta(hours=1)
    assert [quotas.take("village") for _ in range(2)] == [True, False]
    # Then it fills from there
    clock.at += 2 * SECOND
    assert quotas.take("village")


def test_what_costs_more_than_there_ever_is_is_given_when_nothing_was_taken(
    quotas: Quotas, clock: ClockOfTests
):
    # Given somebody who needs ten at once, of three that there ever are
    assert quotas.take("village", cost=10)
    # Then he waits for all of that before he has anything again
    clock.at = NINE + 14 * SECOND
    assert not quotas.take("village")
    clock.at = NINE + 16 * SECOND
    assert quotas.take("village")


def test_what_is_refused_costs_nothing(quotas: Quotas):
    # Given an asker with one left, who asks for two
    assert quotas.take("village", cost=2)
    assert not quotas.take("village", cost=2)
    # Then he may still have the one
    assert quotas.take("village")


def test_an_honest_neighbour_stays_below():
    """A township that asks for the keys of a year's matters at once, and one that takes its whole log again."""
    clock = ClockOfTests()
    control, resent = Quotas(CONTROL, clock.now), Quotas(RESENT, clock.now)
    assert all(control.take("town-100", "key-request") for _ in range(5_000))
    assert resent.take("town-100", cost=400_000)
