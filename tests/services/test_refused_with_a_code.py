"""What is refused names its code; a program out there may ask for each of them."""

from pathlib import Path

import pytest

from services.division_file import WrongDivisions, read_divisions
from services.divisions import plan_network
from services.founding import found_network
from services.free_place import ServerGone
from shared import data as packaged
from shared.work.office.pages.accounts import UnknownAct
from tests.parts.tiny_network import FOUNDED
from tests.services.network import COUNTY, DEPARTMENT, TODAY, TOWN, VILLAGE, Stage, petition


def test_an_accusation_is_not_taken_by_the_form_of_an_office(stage: Stage) -> None:
    said = stage.person(VILLAGE).order(
        "register-matter", petition(unit=str(stage.unit(VILLAGE)), matter_class="discipline")
    )
    assert (said.status_code, said.json()["code"]) == (422, "accusation-not-taken")


def test_a_day_is_reported_once_and_corrected_only_after_that(stage: Stage) -> None:
    clerk = stage.person(DEPARTMENT)
    day = {"unit": str(stage.unit(DEPARTMENT)), "day": "2026-03-02", "kind": "daily", "checked": ["phone"]}
    again = clerk.order("correct-report", day | {"reason": "matter_left_out"})
    assert again.json()["code"] == "not-reported-yet"
    clerk.done("file-report", day)
    assert clerk.order("file-report", day).json()["code"] == "already-reported"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": VILLAGE}, "mark-taken"),
        ({"node": "nowhere"}, "unknown-node"),
        ({"kind": "county"}, "wrong-shape"),
    ],
)
def test_a_new_office_needs_a_fresh_mark_a_known_node_and_is_no_second_county(
    stage: Stage, change: dict[str, str], code: str
) -> None:
    parent = {"parent": str(stage.unit(TOWN)), "kind": "village", "node": "county"}
    body = {"code": "430321100999", "name": "新村"} | parent | change
    said = stage.person(COUNTY, "administrator").order("open-unit", body)
    assert (said.status_code, said.json()["code"]) == (422, code)


def test_number_and_query_code_have_to_fit(stage: Stage) -> None:
    asked = {"number": "101201-2026-99999-9", "query_code": "2222222222"}
    said = stage.anybody("county").send("POST", "/api/ask", json=asked)
    assert said.json()["code"] == "number-and-code-do-not-fit"


def test_a_question_about_days_names_at_most_a_year(stage: Stage) -> None:
    unit = stage.unit(VILLAGE)
    said = stage.person(VILLAGE).get(f"/api/reports/{unit}?first=2020-01-01&last={TODAY}")
    assert said.json()["code"] == "too-many-days"


def test_an_account_knows_no_other_acts_than_its_buttons(stage: Stage) -> None:
    account = stage.host.nodes["county"].accounts.find(stage.account(COUNTY, "director"))
    assert account
    form = {"what": "nothing", "account": account.id}
    said = stage.person(COUNTY, "administrator").submit("/accounts", form)
    assert said.status_code == 422
    assert UnknownAct.sentence in said.text


def test_a_file_without_a_county_is_no_divisions_file(tmp_path: Path) -> None:
    path = tmp_path / "divisions.csv"
    path.write_text("code12,level,name_zh,name_pinyin,parent_code12\n430321100000,4,镇,zhen,430321000000\n")
    with pytest.raises(WrongDivisions) as refused:
        read_divisions(path)
    assert refused.value.code == "wrong-divisions"


def test_a_network_is_not_made_on_a_server_that_is_gone(tmp_path: Path, stage: Stage) -> None:
    lines = read_divisions(packaged.path(packaged.COUNTY))
    plan = plan_network(lines, packaged.rows(packaged.OFFICES), since=TODAY)
    with pytest.raises(ServerGone) as refused:
        found_network(
            tmp_path / "n", plan, at=FOUNDED, postgres="postgresql://127.0.0.1:1/x", kafka="127.0.0.1:1"
        )
    assert refused.value.code == "server-gone"
    assert not (tmp_path / "n").exists()
