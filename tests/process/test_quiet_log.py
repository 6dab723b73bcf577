"""A log that can be read: one line when something goes, one when it is back, tracebacks once an hour."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from shared.process.quiet_log import AGAIN_AFTER, LONGEST, MOST_KINDS, Plain, Repeated, Structured


class Terminal:
    """A log whose time is set by the test."""

    def __init__(self) -> None:
        self.now = 0.0
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setFormatter(Plain())
        self.handler.addFilter(Repeated(lambda: self.now))
        self.log = logging.getLogger("huiyin-of-tests")
        self.log.propagate = False
        self.log.handlers = [self.handler]

    def lines(self) -> list[str]:
        return self.text.getvalue().splitlines()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.log.handlers = []


def test_given_an_outage_when_it_lasts_then_it_is_one_line_and_one_when_it_is_over(
    terminal: Terminal,
) -> None:
    # Given a database that is away for longer than an hour, and is tried every second
    for second in range(5_000):
        terminal.now = float(second)
        terminal.log.warning(
            "town-%d is left out: %s", second % 101, OSError(f"refused, {second}"), extra={"outage": "nodes"}
        )
    # When it is back
    terminal.log.warning("every node takes part again", extra={"outage_over": "nodes"})
    # Then there are two lines, and the second one says how many there might have been
    gone, back = terminal.lines()
    assert "town-0 is left out" in gone
    assert "takes part again (4999 more" in back
    # And the next outage is said at once
    terminal.log.warning("town-%d is left out: %s", 7, OSError("refused"), extra={"outage": "nodes"})
    assert len(terminal.lines()) == 3


def test_given_another_sort_of_reason_in_the_same_outage_then_it_is_said_too(terminal: Terminal) -> None:
    for reason in (OSError("refused"), OSError("starts up"), OSError("not yet"), ValueError("a broken row")):
        terminal.log.warning("%s is left out: %s", "town-1", reason, extra={"outage": "nodes"})
    assert [line.split(": ")[-1] for line in terminal.lines()] == ["refused", "a broken row"]


def test_given_a_warning_that_repeats_then_it_is_said_once_an_hour_with_the_count(terminal: Terminal) -> None:
    for number in range(600):
        terminal.log.warning("not stored: attempt %d", number)
    terminal.now = AGAIN_AFTER
    terminal.log.warning("not stored: attempt 600")
    first, second = terminal.lines()
    assert first.endswith("attempt 0")
    assert second.endswith("attempt 600 (599 more like this were left out)")


def fail(what: str) -> None:
    raise ValueError(what)


def test_given_an_error_of_one_place_then_its_traceback_stands_once_an_hour_whatever_is_said(
    terminal: Terminal,
) -> None:
    for words in ("an order", "a page", "an order"):
        try:
            fail(words)
        except ValueError:
            terminal.log.exception("%s failed", words)
    said = terminal.text.getvalue()
    assert said.count("Traceback") == 1
    assert "a page failed (ValueError, its traceback stands above)" in said
    terminal.now = AGAIN_AFTER
    try:
        fail("later")
    except ValueError:
        terminal.log.exception("another order failed")
    assert terminal.text.getvalue().count("Traceback") == 2


def test_given_news_that_are_no_warning_then_each_is_said(terminal: Terminal) -> None:
    terminal.log.setLevel(logging.INFO)
    for _ in range(3):
        terminal.log.info("made a topic")
    terminal.log.setLevel(logging.WARNING)
    assert len(terminal.lines()) == 3


def test_given_a_long_statement_in_a_message_then_the_line_is_short_and_one_line(terminal: Terminal) -> None:
    terminal.log.warning(
        "refused: %s",
        "server gone\n(Background on this error at: x)\n[SQL: SELECT 张三 FROM cases]\n[parameters: ...]",
    )
    terminal.log.warning("x" * 10_000)
    first, second = terminal.lines()
    assert first.endswith("refused: server gone")
    assert len(second) < LONGEST + 100


def test_given_endless_kinds_then_what_is_remembered_stays_small(terminal: Terminal) -> None:
    repeated = next(one for one in terminal.handler.filters if isinstance(one, Repeated))
    for number in range(3 * MOST_KINDS):
        terminal.log.warning("kind %s", "".join(chr(97 + int(digit)) for digit in str(number)))
    assert len(vars(repeated)["_said"]) <= MOST_KINDS


def test_given_a_log_for_programs_then_each_line_is_an_object(terminal: Terminal) -> None:
    terminal.handler.setFormatter(Structured())
    terminal.log.warning("the reader waits: %s", "no answer", extra={"outage": "reader"})
    try:
        fail("x")
    except ValueError:
        terminal.log.exception("unexpected")
    terminal.log.warning("the reader goes on", extra={"outage_over": "reader"})
    gone, error, back = map(json.loads, terminal.lines())
    assert gone["message"] == "the reader waits: no answer"
    assert (gone["outage"], gone["over"], back["outage"], back["over"]) == ("reader", False, "reader", True)
    assert (
        gone["level"] == "warning" and gone["logger"] == "huiyin-of-tests" and gone["at"].endswith("+00:00")
    )
    assert "ValueError" in error["traceback"]
