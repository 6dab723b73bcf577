"""The pace of a route: never far ahead of its readers, never held up by one that is down."""

import pytest

from shared.transport.window import LONGEST_PATIENCE, SILENT_AFTER, TAIL_LOST, SendWindow

WINDOW = 100


def test_a_fresh_route_may_send_one_window():
    assert SendWindow(WINDOW).may_send_up_to("up", 0, {"town": 0, "county": 0}, now=0) == WINDOW


def test_the_slowest_of_those_in_step_sets_the_pace():
    # Given two holders that follow
    pace = SendWindow(WINDOW)
    # Then a route is at most a window ahead of the slower one
    assert pace.may_send_up_to("up", 600, {"town": 590, "county": 520}, now=0) == 520 + WINDOW
    assert pace.may_send_up_to("up", 700, {"town": 700, "county": 650}, now=1) == 650 + WINDOW


def test_a_holder_that_is_far_behind_does_not_hold_up_the_one_that_follows():
    # Given a county that comes back after a day with much to read
    held = {"town": 9_000, "county": 17}
    assert SendWindow(WINDOW).may_send_up_to("up", 9_050, held, now=0) == 9_000 + WINDOW


def test_a_holder_that_falls_silent_is_waited_for_only_so_long():
    # Given a county that stops in the middle of a catch-up while the township goes on
    pace, sent = SendWindow(WINDOW), WINDOW
    for now in range(int(SILENT_AFTER) + 1):
        assert pace.may_send_up_to("up", sent, {"town": sent, "county": 0}, now=now) == WINDOW
    # When nothing has come from it for too long, then the township sets the pace
    assert pace.may_send_up_to("up", sent, {"town": sent, "county": 0}, SILENT_AFTER + 1) == sent + WINDOW
    # And when it speaks again within a window, it is waited for again
    assert pace.may_send_up_to("up", sent, {"town": sent, "county": 9}, SILENT_AFTER + 2) == 9 + WINDOW


def test_when_all_are_down_the_road_is_not_filled():
    # Given a mailbox whose node is down
    pace = SendWindow(WINDOW)
    for now in range(1_000):
        limit = pace.may_send_up_to("to:town", min(now, WINDOW), {"town": 0}, now)
    # Then one window stands on the road, however long it takes
    assert limit == WINDOW


def test_without_a_known_reader_a_route_still_moves():
    assert SendWindow(WINDOW).may_send_up_to("up", 300, {}, now=0) == 300 + WINDOW


def test_a_lost_tail_is_repeated_ever_more_rarely_to_whoever_is_down_for_a_night():
    # Given a county that is down for twelve hours
    pace = SendWindow(WINDOW)
    repeated = [now for now in range(12 * 3600) if pace.tail_is_lost("up", 57, 40, now)]
    # Then the first tries come soon, and in the morning it finds few copies
    assert repeated[:3] == [11, 32, 73]
    assert len(repeated) < 150
    assert (
        max(later - before for before, later in zip(repeated, repeated[1:], strict=False))
        <= LONGEST_PATIENCE + 1
    )


@pytest.mark.parametrize("held", [41, 57])
def test_a_holder_that_moves_makes_the_patience_short_again(held: int):
    # Given a tail that was repeated a few times
    pace = SendWindow(WINDOW)
    assert sum(pace.tail_is_lost("up", 57, 40, now) for now in range(100)) == 3
    # When the holder says that it has more, then it is not repeated at once, and soon if it stops again
    assert not pace.tail_is_lost("up", 57, held, 100)
    assert pace.tail_is_lost("up", 58, held, 101 + TAIL_LOST)
