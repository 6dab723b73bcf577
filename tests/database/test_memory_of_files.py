"""What connections to files keep in memory stays small: nodes of a whole county share a small computer."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, func, select

from shared.database.engines import KEPT_OPEN, engine_for
from shared.database.writes import MOST_VALUES, Writes

COLUMNS = 20
WIDE = Table("wide", MetaData(), *(Column(f"n{one}", Integer, primary_key=not one) for one in range(COLUMNS)))


@pytest.mark.parametrize("rows", [1, 11, 12, 13, 100])
def test_given_rows_of_a_wide_table_when_written_to_a_file_then_all_are_there_by_statements_of_few_values(
    tmp_path: Path, rows: int
):
    engine = engine_for(f"sqlite:///{tmp_path}/log.sqlite", None)
    WIDE.create(engine)
    with engine.begin() as connection:
        writes, sent = Writes(connection), list[str]()
        file: Any = connection.connection.driver_connection
        file.set_trace_callback(sent.append)
        writes.insert(WIDE, [{f"n{one}": row for one in range(COLUMNS)} for row in range(rows)])
        writes.send()
        values = [statement.count(",") + 1 for statement in sent if statement.startswith("INSERT")]
        assert values and max(values) <= MOST_VALUES + COLUMNS
        assert connection.scalar(select(func.count()).select_from(WIDE)) == rows
    engine.dispose()


def test_given_many_at_once_when_they_are_done_then_few_connections_to_the_file_stay_open(tmp_path: Path):
    engine = engine_for(f"sqlite:///{tmp_path}/log.sqlite", None)
    opened, closed = list[object](), list[object]()
    event.listen(engine.pool, "connect", lambda link, _: opened.append(link))
    event.listen(engine.pool, "close", lambda link, _: closed.append(link))
    with ExitStack() as held:
        for _ in range(KEPT_OPEN + 5):
            held.enter_context(engine.connect())
    assert (len(opened), len(closed)) == (KEPT_OPEN + 5, 5)
    engine.dispose()
