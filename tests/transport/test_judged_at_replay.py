"""A replay judges once more what it goes over; what was taken keeps its place."""

import pytest
from sqlalchemy import update

from shared.event_log.tables import RECEIVED_PLACES
from shared.transport.authority import Authority
from tests.parts.terminal import huiyin
from tests.parts.tiny_network import ALONE, TinyNetwork
from tests.transport.forger import County, believes
from tests.transport.test_authority import a_report, report_of_another_township


@pytest.fixture
def county(tiny_on_files: TinyNetwork) -> County:
    return County(tiny_on_files)


def test_a_replay_judges_once_more_drops_nothing_and_names_what_would_not_be_taken_today(
    county: County, monkeypatch: pytest.MonkeyPatch
):
    # Given a report that was taken when nobody asked who may say it
    with monkeypatch.context() as before:
        before.setattr(Authority, "require_theirs", lambda *_: None)
        county.hear(report_of_another_township(county))
    county.tiny.close()
    # When the lists are made anew from the log
    said = huiyin("rebuild", "--data", county.tiny.data, "--name", "county")
    # Then the report is named and stays
    assert said.code == 0, said.err
    (told,) = [line for line in said.err.splitlines() if "would not be taken today" in line]
    assert told.startswith("county: ") and ALONE in told and "report.filed" in told
    (bureau,) = county.tiny.open("county")
    assert "report.filed" in believes(bureau, ALONE)


def test_a_replay_names_what_is_not_what_its_sender_signed(county: County):
    # Given a report that was taken, whose place on the disk was signed by nobody
    county.hear(county.forger.say(**a_report(county, county.forger.unit)))
    bureau = county.node("county")
    with bureau.engine.begin() as connection:
        of_it = RECEIVED_PLACES.c.source == ALONE
        connection.execute(update(RECEIVED_PLACES).where(of_it).values(signature=""))
    county.tiny.close()
    # When the lists are made anew, then that is said, and the report stays
    said = huiyin("rebuild", "--data", county.tiny.data, "--name", "county")
    assert said.code == 0, said.err
    assert f"county: received on up is not signed ({ALONE}" in said.err
    (bureau,) = county.tiny.open("county")
    assert "report.filed" in believes(bureau, ALONE)
