"""What a person says with a report, and what the register says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.work.common.refusals import Kind, Refusal
from shared.work.common.words import CheckedSource, ReportKind
from shared.work.reports.register import Figures, RegisterState, Waiting


class NothingChecked(Refusal):
    """A report says what was looked at."""

    code = "nothing-checked"
    sentence = (
        "Say what was checked (reception book, phone, mailbox, online box, dispute walk) before you sign."
    )
    kind = Kind.WRONG_INPUT


class ZeroContradictsRegister(Refusal):
    """The register shows matters that a zero report would deny."""

    code = "zero-contradicts-register"
    sentence = "A zero report is not possible: the register shows %(numbers)s. Send the daily report instead."


class ZeroWithNumbers(Refusal):
    """Somebody says zero and a number at once."""

    code = "zero-with-numbers"
    sentence = "A zero report has no numbers, and %(count)s was entered. Send the daily report, or take the numbers out."
    kind = Kind.WRONG_INPUT


class FiguresNotOfRegister(Refusal):
    """A figure was typed that the register says differently."""

    code = "figures-not-of-register"
    sentence = (
        "The register shows %(shown)s where %(typed)s was entered (%(figure)s). Leave this figure out: it comes from the"
        " register. If the register is wrong, register what is missing first."
    )


@dataclass(frozen=True)
class Statement:
    """A report as a person gives it: zero or daily, what was checked, who signs, disputes found and settled.

    `typed` are figures by name that a program of an earlier release types though the register has them.
    """

    kind: ReportKind
    checked: tuple[CheckedSource, ...]
    signed_by: str
    disputes_found: int = 0
    disputes_settled: int = 0
    typed: Mapping[str, int] = field(default_factory=dict[str, int])


def figures_of(said: Statement, register: RegisterState, waiting: Waiting) -> Figures:
    """The report's figures: the register's, and what only the person knows. A zero has none.

    Errors: NothingChecked, ZeroWithNumbers, ZeroContradictsRegister, FiguresNotOfRegister.
    """
    if not said.checked:
        raise NothingChecked()
    if said.kind is ReportKind.ZERO:
        return _nothing(said, register)
    figures = Figures(
        new=len(register.numbers),
        collective=register.collective,
        due_today=waiting.due_today,
        overdue=waiting.overdue,
        disputes_found=said.disputes_found,
        disputes_settled=said.disputes_settled,
    )
    for name, value in said.typed.items():
        shown = getattr(figures, name)
        if value != shown:
            raise FiguresNotOfRegister(figure=name, typed=value, shown=shown)
    return figures


def _nothing(said: Statement, register: RegisterState) -> Figures:
    numbers = (*said.typed.values(), said.disputes_found, said.disputes_settled)
    if any(numbers):
        raise ZeroWithNumbers(count=next(filter(None, numbers)))
    if register.denied_by_zero:
        raise ZeroContradictsRegister(numbers=", ".join(register.denied_by_zero))
    return Figures()
