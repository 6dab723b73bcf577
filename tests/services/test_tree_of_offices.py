"""Offices move, close into one another and come back, by page and by API: who sees, who acts, what strangers are told."""

import re
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from tests.services.network import COUNTY, NEXT_TOWN, NINE, TODAY, TOWN, Person, Stage, petition, text_of

CODES = (f"430321101{number}" for number in count(801))
NODE = "villages-101"


@pytest.fixture
def administrator(stage: Stage) -> Person:
    return stage.person(COUNTY, "administrator")


class Village:
    """An office that was opened for a test, with a clerk."""

    def __init__(self, stage: Stage, administrator: Person, name: str) -> None:
        self.code, self.name = next(CODES), name
        where = {"parent": str(stage.unit(TOWN)), "node": NODE, "kind": "village"}
        self.id: str = administrator.done("open-unit", where | {"code": self.code, "name": name})["unit"]
        stage.codes[self.code] = UUID(self.id)
        stage.settle()
        self.clerk = stage.newcomer(self.code, "petition_clerk", node=NODE)


@pytest.fixture
def closing(stage: Stage, administrator: Person) -> Village:
    return Village(stage, administrator, "东并村")


@pytest.fixture
def staying(stage: Stage, administrator: Person) -> Village:
    return Village(stage, administrator, "西并村")


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def step(person: Person, path: str, **typed: str) -> Any:
    """A step by its page, with the version that the page shows."""
    page = person.get(path)
    assert page.status_code == 200, text_of(page.text)
    return person.submit(path, {"version": version_on(page.text), **typed})


def test_a_village_is_closed_into_another_by_its_form_whose_people_then_see_and_do_its_work(
    stage: Stage, administrator: Person, closing: Village, staying: Village
):
    # Given a village with an open matter
    made = closing.clerk.done("register-matter", petition(unit=closing.id))
    stage.settle()
    close = f"/directory/{closing.id}/close"
    # When it is closed by the form, then the form asks for a successor, in both languages, with all that was typed
    refused = step(administrator, close)
    assert refused.status_code == 422 and "has open matters still, 1 in all" in text_of(refused.text)
    assert "尚有未办结的事项，共1件" in text_of(administrator.submit(close, {}, language="zh").text)
    assert staying.name in administrator.get(close).text
    assert step(administrator, close, successor=staying.id).status_code == 303
    stage.settle()
    # Then the directory says so, also as a file
    listed = f"/directory?below={stage.unit(TOWN)}"
    assert "its work goes on at" in text_of(administrator.get(listed).text)
    row = next(
        line for line in administrator.get(f"{listed}&format=csv").text.splitlines() if closing.code in line
    )
    assert row.rstrip().endswith(staying.name)
    # And the successor's people have the matter before them, and its steps
    today = text_of(staying.clerk.get("/").text)
    assert made["number"] in today
    page = staying.clerk.get(f"/matters/{made['case']}")
    assert f"/matters/{made['case']}/keep" in page.text
    assert "井台旁的路灯不亮" in page.text
    assert step(staying.clerk, f"/matters/{made['case']}/keep").status_code == 303
    assert staying.clerk.get(f"/matters/{made['case']}/receipt").status_code == 200
    for scope in ("own", "todo", "in"):
        assert made["number"] in staying.clerk.get(f"/matters?scope={scope}").text, scope
        lines = staying.clerk.get(f"/api/matters?scope={scope}").json()
        assert [line["number"] for line in lines] == [made["number"]], scope
    assert made["number"] in staying.clerk.get("/referrals").text
    # And the people of the closed one see it and are told who does it now
    seen = closing.clerk.get(f"/matters/{made['case']}")
    assert seen.status_code == 200 and f"/matters/{made['case']}/withdraw" not in seen.text
    answer = closing.clerk.order("register-matter", petition(unit=closing.id))
    assert (answer.status_code, answer.json()["code"]) == (422, "office-is-closed")
    assert staying.name in answer.json()["title"]
    assert (
        "由西并村承接"
        in closing.clerk.order("register-matter", petition(unit=closing.id), language="zh").text
    )


def test_the_report_that_a_closed_village_owes_is_given_and_corrected_on_the_pages_of_its_successor(
    stage: Stage, administrator: Person, closing: Village, staying: Village
):
    # Given a village that was closed on the day after it was opened
    tomorrow = NINE + timedelta(days=1)
    day = tomorrow.date().isoformat()
    clerk, boss = staying.clerk.at(tomorrow), stage.newcomer(COUNTY, "administrator").at(tomorrow)
    assert step(boss, f"/directory/{closing.id}/close", successor=staying.id).status_code == 303
    stage.settle()
    # Then the first page of its successor names the missing report, and leads to its form
    path = f"/report?day={day}&kind=zero&of={closing.id}"
    first = clerk.get("/").text
    assert path.replace("&", "&amp;") in first and closing.name in first
    form = clerk.get(path)
    assert "whose work goes on here" in text_of(form.text) and closing.name in form.text
    said = {"of": closing.id, "day": day, "kind": "zero"}
    wrong = clerk.submit("/report", said)
    assert wrong.status_code == 422 and f'value="{closing.id}"' in wrong.text
    assert clerk.submit("/report", said | {"looked": "on"}).status_code == 303
    shown = clerk.get(f"/reports/{closing.id}/{day}")
    assert f"of={closing.id}" in shown.text
    # And it is corrected there, and stands in the list of its days
    again = clerk.get(f"/report?day={day}&kind=zero&of={closing.id}")
    fixed = said | {"looked": "on", "version": version_on(again.text), "reason": "checks_mistaken"}
    assert clerk.submit("/report", fixed).status_code == 303
    assert f"/reports/{closing.id}/{day}" in clerk.get(f"/reports?of={closing.id}").text
    assert f"of={closing.id}" in clerk.get("/reports").text
    # And nobody else reports for it
    assert stage.person(TOWN).get(path).status_code in (403, 422)


def test_a_stranger_who_asks_is_told_which_office_has_the_matter_now(
    stage: Stage, administrator: Person, closing: Village, staying: Village
):
    # Given a petitioner whose village was closed
    made = closing.clerk.done("register-matter", petition(unit=closing.id))
    receipt = closing.clerk.get(f"/matters/{made['case']}/receipt").text
    code = re.search(r'receipt__code">[^<]*<strong>([^<]+)', receipt)
    assert code
    stage.settle()
    stranger = stage.anybody("county")
    said = {"number": made["number"], "query_code": code[1]}
    assert stranger.send("POST", "/api/ask", json=said).json()["office"] == closing.name
    administrator.done("close-unit", {"unit": closing.id, "successor": staying.id})
    # When they ask with what stands on their receipt
    for language, words in (("en", "Office that has it now"), ("zh", "现由何单位办理")):
        page = stranger.send("POST", "/ask", data=said, language=language)
        assert words in page.text and staying.name in page.text and closing.name not in page.text
    assert stranger.send("POST", "/api/ask", json=said).json()["office"] == staying.name


def test_a_village_is_moved_closed_and_reopened_on_pages_and_its_old_township_sees_the_past(
    stage: Stage, administrator: Person, closing: Village
):
    # Given a village that reported while it belonged to its township
    path = f"/directory/{closing.id}"
    made = closing.clerk.done("register-matter", petition(unit=closing.id))
    stage.settle()
    code = closing.code.replace("430321101", "430321102")
    moved = step(administrator, f"{path}/move", parent=str(stage.unit(NEXT_TOWN)), code=code)
    assert moved.status_code == 303, text_of(moved.text)
    stage.settle()
    # Then the new township watches it from now on, and the old one sees what was
    assert closing.name in administrator.get(f"/directory?below={stage.unit(NEXT_TOWN)}").text
    old, new = stage.person(TOWN), stage.person(NEXT_TOWN)
    assert old.get(f"/matters/{made['case']}").status_code == 200
    closing.clerk.done("keep-matter", {"case": made["case"]})
    stage.settle()
    assert new.get(f"/matters/{made['case']}").status_code == 200
    assert new.get(f"/reports/{closing.id}/{TODAY}").status_code == 200
    # And only the new one may ask something of it
    excuse = {"excused": closing.id, "day": (TODAY + timedelta(days=1)).isoformat(), "reason": "merging"}
    director, other = stage.person(NEXT_TOWN, "director"), stage.person(TOWN, "director")
    assert other.order("excuse-unit", excuse).status_code == 403
    assert director.order("excuse-unit", excuse).status_code == 201
    # When it is closed and opened again, then it is there with its code
    closing.clerk.done("withdraw-matter", {"case": made["case"], "confirmed_by": "second_call"})
    stage.settle()
    assert step(administrator, f"{path}/close").status_code == 303
    assert "/reopen" in administrator.get(f"/directory?below={stage.unit(NEXT_TOWN)}").text
    assert step(administrator, f"{path}/reopen", code="").status_code == 303
    refused = administrator.order("reopen-unit", {"unit": closing.id})
    assert (refused.status_code, refused.json()["code"]) == (409, "unit-is-open")
    units: list[dict[str, Any]] = stage.person(COUNTY).get("/api/units").json()
    assert [(row["code"], row["mark"]) for row in units if row["unit"] == closing.id] == [
        (code, closing.code[6:])
    ]


def test_a_township_goes_into_another_by_its_form(stage: Stage, administrator: Person):
    # Given a township with a village
    where = {"node": "town-101", "kind": "township", "parent": str(stage.unit(COUNTY))}
    town = administrator.done("open-unit", where | {"code": "430321190000", "name": "小镇"})["unit"]
    below = {"node": NODE, "kind": "village", "parent": town, "code": "430321190201", "name": "小镇村"}
    village = administrator.done("open-unit", below)["unit"]
    path = f"/directory/{town}/merge"
    wrong = step(administrator, path, into=str(stage.unit(COUNTY)))
    assert wrong.status_code == 422 and "cannot go on with this work" in text_of(wrong.text)
    # When it goes into another one, then its village belongs there under a code that fits
    assert step(administrator, path, into=str(stage.unit(TOWN))).status_code == 303
    found = stage.host.nodes["county"].directory
    moved = found.find(UUID(village))
    assert moved and moved.parent == stage.unit(TOWN) and moved.code.startswith("430321101")
    assert found.present(UUID(town)) == stage.unit(TOWN)
