"""Made-up lives of a reporting day: matters come in, reports are sent and corrected as you like."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.work.common.refusals import Refusal
from shared.work.common.words import CheckedSource, ReportKind
from shared.work.reports.register import Figures, RegisterState
from shared.work.reports.reporting_day import Filed, ReportFact, ReportingDay
from tests.parts.lives import lives
from tests.work.reporting import correct, file, register, statement
from tests.work.rules import replayed

checks = st.lists(st.sampled_from(CheckedSource), unique=True, max_size=3).map(tuple)
kinds = st.sampled_from(ReportKind)
numbers = st.integers(0, 9)


class LifeOfAReportingDay(RuleBasedStateMachine):
    """One unit's day, with the register that its reports speak of."""

    @initialize(before=st.integers(0, 5))
    def begin(self, before: int) -> None:
        self.since = self.last = before
        self.report: ReportingDay | None = None
        self.facts: list[ReportFact] = []

    @rule(matters=st.integers(1, 3))
    def register(self, matters: int) -> None:
        self.last += matters

    @rule(kind=kinds, disputes=numbers, checked=checks, typed=st.none() | numbers)
    def send(
        self, kind: ReportKind, disputes: int, checked: tuple[CheckedSource, ...], typed: int | None
    ) -> None:
        words: dict[str, Any] = {"checked": checked, "disputes_found": disputes}
        words |= {"typed": {} if typed is None else {"new": typed}}
        new = self.last - self.since
        zero = kind is ReportKind.ZERO
        possible = checked and (not (new or typed or disputes) if zero else typed in (None, new))
        try:
            self._send(statement(kind, **words))
        except Refusal:
            assert not possible
        else:
            assert possible

    def _send(self, said: Any) -> None:
        if self.report is None:
            self.report = file(said, self._register())
        else:
            correct(self.report, said, self._register())
        self.facts += self.report.collect_events()  # type: ignore[arg-type]

    def _register(self) -> RegisterState:
        return register(self.since, *(f"number {number}" for number in range(self.since + 1, self.last + 1)))

    @invariant()
    def versions_count_from_one_and_the_first_alone_is_the_filed_one(self) -> None:
        assert [fact.version for fact in self.facts] == [*range(1, len(self.facts) + 1)]
        assert [type(fact) is Filed for fact in self.facts] == [fact.version == 1 for fact in self.facts]

    @invariant()
    def every_version_covers_the_register_from_the_same_number_on(self) -> None:
        assert {fact.covers_from.number for fact in self.facts} <= {self.since + 1}
        assert all(fact.covers_to.number == fact.register_last for fact in self.facts)

    @invariant()
    def every_version_counts_what_it_covers(self) -> None:
        for fact in self.facts:
            assert fact.figures.new == fact.covers_to.number - fact.covers_from.number + 1

    @invariant()
    def a_zero_never_denies_a_matter_that_it_covers(self) -> None:
        zeros = [fact for fact in self.facts if fact.kind is ReportKind.ZERO]
        assert all(fact.covers_to < fact.covers_from and fact.figures == Figures() for fact in zeros)

    @invariant()
    def what_is_remembered_gives_the_same_day(self) -> None:
        if self.report is not None:
            assert vars(replayed(self.facts)) == vars(self.report)


TestLifeOfAReportingDay = LifeOfAReportingDay.TestCase
TestLifeOfAReportingDay.settings = lives(examples=60, steps=25)
