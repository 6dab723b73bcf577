"""What makes a projection one of another release, and what does not."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, String, Table
from sqlalchemy.dialects import postgresql, sqlite

from shared.projections import due_dates, fingerprints
from shared.projections.fingerprints import fingerprint_of
from shared.projections.projection import Projection
from shared.work.catalogue import PROJECTIONS, SUBJECTS
from shared.work.duty import DUTY_NOTES
from shared.work.registers.declaration import Register
from shared.work.registers.facts import Record
from shared.work.registers.records import Records

HANDLER = '''
"""What this file is for."""
from shared_rules_of_tests import weight


def handle(fact):
    """What is done."""
    yield weight(fact) + 1
'''
RULE = "def weight(fact):\n    return 2\n"
Fingerprints = Callable[..., tuple[str, str]]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fingerprints]:
    """The fingerprints of a projection whose handler, rule and table are these."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fingerprints, "RULES_LIVE_IN", ("shared_rules_of_tests",))

    def of(
        handler: str = HANDLER, rule: str = RULE, table: Table | None = None, **more: Any
    ) -> tuple[str, str]:
        for name, source in (("handler_of_tests", handler), ("shared_rules_of_tests", rule)):
            (tmp_path / f"{name}.py").write_text(source)
            sys.modules.pop(name, None)
        forget()
        importlib.invalidate_caches()
        module = importlib.import_module("handler_of_tests")
        one = Projection("one", (table if table is not None else plain(),), {"a.b": module.handle}, **more)
        made = fingerprint_of(one, sqlite.dialect())
        return made.shape, made.rules

    yield of
    forget()
    for name in ("handler_of_tests", "shared_rules_of_tests"):
        sys.modules.pop(name, None)


def forget() -> None:
    """A program does not change while it runs; here it does."""
    for remembered in (fingerprints._code_of, fingerprints._imported_rules, fingerprints._rules_of):
        remembered.cache_clear()


def plain(*more: Any) -> Table:
    return Table("ones", MetaData(), Column("key", Integer, primary_key=True), *more)


def test_words_and_form_of_a_program_are_no_rule(said: Fingerprints) -> None:
    other = HANDLER.replace("What is done.", "Something else.").replace("yield", "# why\n    yield")
    other = other.replace("weight(fact) + 1", "(weight(fact)\n        + 1)")
    assert other != HANDLER
    assert said(other) == said()


@pytest.mark.parametrize(
    "changed",
    [
        {"handler": HANDLER.replace("+ 1", "+ 2")},
        {"rule": RULE.replace("2", "3")},
        {"rules": (lambda: "the calendar of 2027",)},
    ],
)
def test_another_handler_another_rule_it_rests_on_and_other_data_are(
    said: Fingerprints, changed: dict[str, Any]
) -> None:
    (shape, rules), other = said(), said(**changed)
    assert (other[0], other[1] != rules) == (shape, True)


@pytest.mark.parametrize(
    "table", [plain(Column("name", String)), plain(Index("by_key", "key")), plain(Column("n", Integer))]
)
def test_another_column_or_index_is_another_shape(said: Fingerprints, table: Table) -> None:
    (shape, rules), other = said(), said(table=table)
    assert (other[0] != shape, other[1]) == (True, rules)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_every_projection_has_fingerprints_and_no_two_are_alike(dialect: Any) -> None:
    made = [fingerprint_of(one, dialect) for one in PROJECTIONS.declared]
    assert len({one.shape for one in made}) == len({one.rules for one in made}) == len(made)
    assert made == [fingerprint_of(one, dialect) for one in PROJECTIONS.declared]


def test_every_projection_with_due_dates_names_the_calendar() -> None:
    for one in PROJECTIONS.declared:
        has_due_dates = any(column.name.endswith("_provisional") for t in one.tables for column in t.columns)
        assert (due_dates.calendar_rules in one.rules) == has_due_dates, one.name


def test_a_matters_due_dates_rest_on_the_limits() -> None:
    named = {one.name: one for one in PROJECTIONS.declared}
    rests_on = fingerprints._with_what_they_rest_on(fingerprints._modules_of(named["cases"]))
    assert {"shared.work.common.limits", "shared.work.common.calendar"} <= rests_on
    assert "shared.projections.rows" not in rests_on


def test_given_a_register_when_an_ending_leads_to_another_state_then_its_rules_are_others() -> None:
    def rules(register: Register) -> str:
        made = Records(register, record, MetaData())
        return fingerprint_of(made.projection, sqlite.dialect()).rules

    (record,) = next(one.streams for one in SUBJECTS if one.name == DUTY_NOTES.name)
    assert issubclass(record, Record)
    (taken,) = DUTY_NOTES.endings
    changed = replace(
        DUTY_NOTES,
        endings=(replace(taken, state="closed"),),
        states={"open": "Open", "closed": "Closed"},
        counters=(),
    )
    assert rules(DUTY_NOTES) == rules(DUTY_NOTES) != rules(changed)
