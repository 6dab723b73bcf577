"""What a person can mend is one line at the terminal; what nobody expected keeps its traceback."""

import pytest

from services import cli
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.refusals import Refusal
from tests.work.test_refusals import every_module


class SealMissing(CannotGoOn):
    """An error that is new and stands in no list."""

    code = "seal-missing"


def run(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The command `huiyin`, which meets this error."""

    def meet() -> None:
        raise error

    monkeypatch.setattr(cli, "app", meet)
    cli.main()


def test_given_a_new_error_that_can_be_mended_when_met_then_it_is_one_line_and_exit_code_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, SealMissing("the seal is missing: put it back"))
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "the seal is missing: put it back\n")


def test_given_an_error_that_nobody_expected_when_met_then_its_traceback_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ZeroDivisionError) as met:
        run(monkeypatch, ZeroDivisionError("a fault of ours"))
    assert "meet" in [entry.name for entry in met.traceback]


def test_every_error_that_can_be_mended_has_a_code_of_its_own() -> None:
    modules = set(every_module())
    kinds = [kind for kind in _below(CannotGoOn) if kind.__module__ in modules and kind is not Refusal]
    codes = [kind.code for kind in kinds if "code" in vars(kind) or not kind.__subclasses__()]
    assert len(codes) == len(set(codes)) and "settings-missing" in codes


def _below(kind: type[CannotGoOn]) -> list[type[CannotGoOn]]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]
