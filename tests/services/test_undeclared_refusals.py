"""A refusal that its order does not declare reaches the person, and makes a test fail."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.work.reports.orders import FileReport
from tests.parts.undeclared import require_none
from tests.services.network import FAR_VILLAGE, Stage


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An order that does not say with what its rule refuses."""
    monkeypatch.setattr(FileReport, "DECLARED", replace(FileReport.DECLARED, refusals=()))
    yield


def report(stage: Stage, day: str) -> dict[str, object]:
    return {"unit": str(stage.unit(FAR_VILLAGE)), "day": day, "kind": "daily", "checked": ["phone"]}


def test_given_an_undeclared_refusal_when_met_at_a_running_server_then_the_test_would_fail(
    stage: Stage, silent: None, undeclared_refusals: list[str]
) -> None:
    # Given a day that has its report, and an order that does not declare what follows from that
    clerk, day = stage.person(FAR_VILLAGE), report(stage, "2026-03-24")
    clerk.done("file-report", day)
    assert undeclared_refusals == []
    # When it is sent again
    refused = clerk.order("file-report", day)
    # Then the person has the refusal all the same
    assert (refused.status_code, refused.json()["code"]) == (409, "already-reported")
    # And the order and the code are named to whoever runs the tests
    with pytest.raises(AssertionError, match="file-report is refused with already-reported"):
        require_none(undeclared_refusals)


def test_given_a_declared_refusal_when_met_then_nothing_is_told(
    stage: Stage, undeclared_refusals: list[str]
) -> None:
    clerk, day = stage.person(FAR_VILLAGE), report(stage, "2026-03-23")
    clerk.done("file-report", day)
    assert clerk.order("file-report", day).json()["code"] == "already-reported"
    assert clerk.order("file-report", day | {"unit": str(stage.unit("430321000000"))}).status_code == 403
    assert undeclared_refusals == []
