"""Projections of another release are made anew at a node's start; the others stay as they are."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update

from shared.audit.verify import verify_node
from shared.database.migrations.migrate import one_transaction
from shared.node.node import Node
from shared.node.storage import wanted
from shared.projections import due_dates
from shared.projections.last_contact import HEARD
from shared.projections.states import STATES
from shared.projections.timeline import TIMELINE
from shared.settings.calendar import calendar_in_use
from shared.work.catalogue import PROJECTIONS
from shared.work.common.calendar import Calendar
from shared.work.matters.orders.referring import KeepMatter
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.limits_of_matter import DueDate
from shared.work.matters.questions.matter import Matter, matter
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_2, TinyNetwork

RECEIVED = date(2026, 2, 26)
"""A Thursday; fifteen days to route it end on Friday, 13 March."""
LAST_DAY, MONDAY_AFTER = date(2026, 3, 13), date(2026, 3, 16)


def mark_as_of_another_release(node: Node, *names: str, column: str = "rules") -> None:
    """Let the projections look as if another release had made them."""
    with node.engine.begin() as connection:
        changed = update(STATES).where(STATES.c.name.in_(names)).values({column: "of another release"})
        connection.execute(changed)


def state(node: Node) -> dict[str, tuple[str, str]]:
    """What the database says of the release of its projections."""
    return node.ask(lambda c: {row.name: (row.shape, row.rules) for row in c.execute(select(STATES))})


def tables(node: Node) -> set[str]:
    with one_transaction(node.engine) as connection:
        return set(inspect(connection).get_table_names())


def empty(node: Node, table: Any) -> None:
    """Take away what a replay would bring back, to see whether there was one."""
    with node.engine.begin() as connection:
        connection.execute(delete(table))


def rows(node: Node, table: Any) -> int:
    return node.ask(lambda c: c.scalar(select(func.count()).select_from(table)))


def with_rest_days(*days: date, notice: date) -> Calendar:
    """The packaged calendar as a notice amends it."""
    (_, published), *_ = calendar_in_use().editions()
    return Calendar(dict(published.workdays()), {notice: dict.fromkeys(days, False)})


def release_with(calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nodes run a release that comes with this calendar."""
    monkeypatch.setattr(due_dates, "calendar_in_use", lambda: calendar)


def a_node_with_a_matter(tiny: TinyNetwork) -> Node:
    (node,) = tiny.open(ALONE)
    tiny.register(node, VILLAGE_2, received_on=RECEIVED)
    return node


def again(tiny: TinyNetwork) -> Node:
    """The node after its next start."""
    tiny.close()
    (node,) = tiny.open(ALONE)
    return node


def route_by(node: Node) -> list[date]:
    return node.ask(lambda c: list(c.scalars(select(CASES.c.route_by))))


def matter_of(node: Node, case: UUID) -> Matter:
    found = node.ask(lambda c: matter(c, case, as_of=NINE))
    assert found is not None
    return found


def ended_dues(node: Node, case: UUID) -> tuple[DueDate, ...]:
    return matter_of(node, case).ended_dues


def waiting(node: Node) -> UUID:
    """The matter that nobody was offered."""
    return node.ask(
        lambda c: c.execute(select(CASES.c.case).where(CASES.c.open_offer.is_(None))).scalar_one()
    )


def test_given_a_release_that_says_the_same_then_no_projection_is_touched(tiny: TinyNetwork) -> None:
    node = a_node_with_a_matter(tiny)
    before = state(node)
    empty(node, HEARD)
    node = again(tiny)
    assert (rows(node, HEARD), state(node)) == (0, before)
    assert set(before) == {one.name for one in PROJECTIONS.declared}


@pytest.mark.parametrize("column", ["rules", "shape"])
def test_given_one_projection_of_another_release_then_it_alone_is_replayed(
    tiny: TinyNetwork, column: str
) -> None:
    node = a_node_with_a_matter(tiny)
    before, lines = state(node), rows(node, TIMELINE)
    mark_as_of_another_release(node, "timeline", column=column)
    empty(node, TIMELINE)
    empty(node, HEARD)
    node = again(tiny)
    assert (rows(node, TIMELINE), rows(node, HEARD)) == (lines, 0)
    assert state(node) == before


def test_given_a_projection_whose_table_had_another_column_then_it_has_those_of_this_release(
    tiny: TinyNetwork,
) -> None:
    node = a_node_with_a_matter(tiny)
    with one_transaction(node.engine) as connection:
        connection.execute(text("ALTER TABLE timeline ADD COLUMN colour INTEGER"))
    mark_as_of_another_release(node, "timeline", column="shape")
    node = again(tiny)
    with one_transaction(node.engine) as connection:
        assert "colour" not in {column["name"] for column in inspect(connection).get_columns("timeline")}
    assert rows(node, TIMELINE)


def test_given_a_projection_that_a_release_gave_up_then_its_tables_are_dropped(tiny: TinyNetwork) -> None:
    node = a_node_with_a_matter(tiny)
    with one_transaction(node.engine) as connection:
        connection.execute(text("CREATE TABLE ranks (unit INTEGER)"))
        given_up = {"name": "ranks", "shape": "s", "rules": "r", "tables": "ranks"}
        connection.execute(insert(STATES).values(given_up))
    assert "ranks" in tables(node)
    node = again(tiny)
    assert "ranks" not in tables(node)
    assert "ranks" not in state(node)


def test_given_a_new_calendar_then_limits_that_run_are_reckoned_anew(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a matter that is to be routed by a Friday
    node = a_node_with_a_matter(tiny)
    assert route_by(node) == [LAST_DAY]
    empty(node, HEARD)
    # When a release comes whose calendar has a notice of the week before that makes the day a rest day
    release_with(with_rest_days(LAST_DAY, notice=date(2026, 3, 5)), monkeypatch)
    node = again(tiny)
    # Then it is to be routed by the Monday after, and projections without due dates stayed as they were
    assert route_by(node) == [MONDAY_AFTER]
    assert rows(node, HEARD) == 0


def test_given_a_new_calendar_then_limits_that_have_ended_keep_their_verdict(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = a_node_with_a_matter(tiny)
    release_with(with_rest_days(LAST_DAY, notice=MONDAY_AFTER), monkeypatch)
    before = state(node)
    node = again(tiny)
    assert state(node) != before
    assert route_by(node) == [LAST_DAY]


def test_given_a_duty_that_was_done_before_a_notice_then_it_keeps_its_verdict_after_any_replay(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a matter that its village took on in time, and one that waits
    node = a_node_with_a_matter(tiny)
    done = tiny.register(node, VILLAGE_2, received_on=RECEIVED)
    tiny.give(node, VILLAGE_2, KeepMatter(case=done))
    before = ended_dues(node, done)
    assert [(due.day, due.in_time) for due in before] == [(LAST_DAY, True)]
    # When a release comes whose calendar has a notice of three days later that makes the last day one of rest
    release_with(with_rest_days(LAST_DAY, notice=date(2026, 3, 5)), monkeypatch)
    node = again(tiny)
    # Then the day of what was done stays, and what waits has more time, after a start and after `huiyin rebuild`
    for _ in ("started", "rebuilt"):
        assert ended_dues(node, done) == before
        assert [due.day for due in matter_of(node, waiting(node)).dues] == [MONDAY_AFTER]
        verdict = verify_node(node)
        assert (verdict.findings, verdict.notes) == ((), ())
        node.rebuild()


def test_given_a_release_with_another_calendar_then_verify_calls_that_no_difference(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a node that was written by the release before
    node = a_node_with_a_matter(tiny)
    assert verify_node(node).notes == ()
    # When the next release checks it
    release_with(with_rest_days(LAST_DAY, notice=date(2026, 3, 5)), monkeypatch)
    verdict = verify_node(node)
    # Then it says what it did not compare, and finds nothing
    assert verdict.findings == ()
    assert ["cases, referrals" in note and "start the node once" in note for note in verdict.notes] == [True]
    # And a difference in another projection is found
    empty(node, HEARD)
    assert [found.what for found in verify_node(node).findings] == ["projections differ from their replay"]
    # And when the node was started nothing is left to note
    mark_as_of_another_release(node, "heard")
    verdict = verify_node(again(tiny))
    assert (verdict.findings, verdict.notes) == ((), ())


def test_what_a_start_would_replay_can_be_asked_without_doing_it(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = a_node_with_a_matter(tiny)
    assert not wanted(node.engine, PROJECTIONS, ALONE)
    release_with(with_rest_days(LAST_DAY, notice=date(2026, 3, 5)), monkeypatch)
    found = wanted(node.engine, PROJECTIONS, ALONE)
    assert [one.name for one in found.stale.refilled] == ["cases", "referrals", "matters"]
    assert route_by(node) == [LAST_DAY]


def test_given_a_fact_that_cannot_be_replayed_then_the_projections_stay_as_they_were(
    tiny_on_files: TinyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = a_node_with_a_matter(tiny_on_files)
    mark_as_of_another_release(node, "timeline")
    lines = rows(node, TIMELINE)

    def broken(_connection: Connection, _position: int) -> list[Any]:
        raise OSError("a block cannot be read")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr("shared.node.projecting.rows_after", broken)
        with pytest.raises(OSError, match="block"):
            again(tiny_on_files)
    (node,) = tiny_on_files.open(ALONE)
    assert rows(node, TIMELINE) == lines
