"""A register over HTTP: figures whose every number is a list, silence that is no zero, papers, and who may read them."""

import re
from html import unescape
from uuid import UUID, uuid4

import pytest

from shared.orders.example import SOME_ID, example_of
from shared.work.catalogue import ORDERS
from shared.work.common.sealed import text_key
from shared.work.registers.pages import papers
from tests.services.network import (
    COUNTY,
    LONE_VILLAGE,
    NEXT_TOWN,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    petition,
    text_of,
)
from tests.services.test_numbers_are_lists import numbers, rows_of_file, rows_of_page

MARCH = "first=2026-03-01&last=2026-03-31"
FIGURES = f"/duty-notes/figures?{MARCH}"
NIGHTS = ("2026-03-20", "2026-03-21", "2026-03-22")


def enter(person: Person, unit: str, **changed: str) -> str:
    """A note of an office."""
    order = ORDERS["enter-duty-note"]
    return person.done("enter-duty-note", example_of(order, ids={"unit": unit}) | changed)["record"]


@pytest.fixture(scope="module")
def notes(stage: Stage) -> list[str]:
    """Notes of a village and of its township, some taken over; an office that was opened and never said anything."""
    clerk, town = stage.person(VILLAGE), stage.person(TOWN)
    made = [enter(clerk, str(stage.unit(VILLAGE)), day=day) for day in NIGHTS]
    clerk.done("take-over-duty", {"record": made[0], "taken_over_by": "李接班"})
    enter(town, str(stage.unit(TOWN)), shift="day")
    stage.settle()
    return made


@pytest.fixture(scope="module")
def mute(stage: Stage) -> str:
    """A village that has just been opened and of which nothing was heard."""
    entry = {"code": "430321101288", "name": "新村", "kind": "village", "parent": str(stage.unit(TOWN))}
    unit = stage.person(COUNTY, "administrator").done("open-unit", entry | {"node": "villages-101"})["unit"]
    stage.settle()
    return unit


@pytest.mark.parametrize("code", [VILLAGE, LONE_VILLAGE, TOWN, COUNTY])
def test_given_notes_when_the_figures_are_read_then_every_number_opens_a_list_of_exactly_as_many(
    stage, notes, mute, code
):
    person = stage.person(code, "director")
    page = person.get(FIGURES).text
    shown = numbers(page, person.base)
    bare = re.findall(r'govuk-table__cell--numeric"[^>]*>\s*(?:<span[^>]*>)?\s*(?:at least )?\d', page)
    assert shown and bare == []
    for number in shown:
        listed = person.get(number.address)
        assert listed.status_code == 200 and "as of" in number.moment, number
        assert len(rows_of_file(person, number.address)) == number.count, number
        assert rows_of_page(listed.text) == number.count, number


@pytest.mark.parametrize("code", [VILLAGE, TOWN, COUNTY])
def test_given_the_same_figures_as_json_and_as_a_file_then_they_are_the_numbers_of_the_page(
    stage, notes, mute, code
):
    person = stage.person(code, "director")
    answer = person.get(f"/api{FIGURES}").json()
    counts = [figure["count"] for line in answer["lines"] for figure in line["figures"]]
    for line in answer["lines"]:
        for figure in line["figures"]:
            listed = person.get(figure["list"].removeprefix(person.base) + "&limit=1000").json()
            assert len(listed) == (figure["count"] or 0), figure
    page = numbers(person.get(FIGURES).text, person.base)
    assert [number.count for number in page] == [count for count in counts if count is not None]
    file = rows_of_file(person, FIGURES)
    cells = [cell for row in file for cell in list(row.values())[1:5]]
    assert cells == ["" if count is None else str(count) for count in counts]


def test_given_a_township_when_it_counts_then_it_sees_itself_each_village_and_all_of_them(stage, notes):
    town, unit = stage.person(TOWN), str(stage.unit(TOWN))
    lines = town.get(f"/api{FIGURES}").json()["lines"]
    assert [(line["unit"], line["below"]) for line in (lines[0], lines[-1])] == [(unit, False), (unit, True)]
    own, village, everything = (
        {figure["counter"]: figure["count"] for figure in line["figures"]}
        for line in (lines[0], *(one for one in lines if one["unit"] == str(stage.unit(VILLAGE))), lines[-1])
    )
    assert own["waiting"] >= 1 and village["taken-over"] >= 1 and village["night"] >= len(NIGHTS)
    assert everything["notes"] == sum(line["figures"][0]["count"] or 0 for line in lines[:-1])


def test_given_an_office_that_was_never_heard_when_counted_then_it_is_unknown_and_the_sum_is_at_least(
    stage, notes, mute
):
    town = stage.person(TOWN)
    answer = town.get(f"/api{FIGURES}").json()
    (silent,) = (line for line in answer["lines"] if line["unit"] == mute)
    assert (silent["silent"], silent["offices"], silent["heard_at"]) == (1, 1, None)
    assert {figure["count"] for figure in silent["figures"]} == {None}
    assert answer["lines"][-1]["figures"][0]["at_least"] is True
    words = text_of(town.get(FIGURES).text)
    assert "新村 unknown unknown unknown unknown silent in this span" in words and "at least" in words


def test_given_an_office_kept_here_that_recorded_nothing_when_counted_then_it_is_a_zero_known_to_this_moment(
    stage, notes
):
    lone = stage.person(LONE_VILLAGE)
    (line,) = lone.get(f"/api/duty-notes/figures?first={NIGHTS[0]}&last={NIGHTS[0]}").json()["lines"]
    assert (line["silent"], {figure["count"] for figure in line["figures"]}) == (0, {0})
    assert line["heard_at"]


def test_given_no_days_when_the_figures_are_read_then_it_is_the_month(stage, notes):
    answer = stage.person(VILLAGE).get("/api/duty-notes/figures").json()
    assert (answer["first"], answer["last"]) == ("2026-03-01", "2026-03-31")
    answer = stage.person(VILLAGE).get("/api/duty-notes/figures?last=2024-02-10").json()
    assert (answer["first"], answer["last"]) == ("2024-02-01", "2024-02-10")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("first=2026-03-02&last=2026-03-01", 422, "too-many-days"),
        ("first=2020-01-01&last=2026-03-01", 422, "too-many-days"),
        (f"below={SOME_ID}", 422, "unknown-unit"),
    ],
)
def test_given_days_or_an_office_that_cannot_be_counted_then_it_is_refused(stage, query, status, code):
    clerk = stage.person(VILLAGE)
    answer = clerk.get(f"/api/duty-notes/figures?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert clerk.get(f"/duty-notes/figures?{query}").status_code == status


@pytest.mark.parametrize("path", ["/duty-notes", "/api/duty-notes", "/duty-notes/figures"])
def test_given_the_office_of_another_when_it_is_named_then_it_is_not_shown(stage, notes, path):
    for code, other in ((VILLAGE, TOWN), (VILLAGE, LONE_VILLAGE), (NEXT_TOWN, VILLAGE)):
        for name in ("unit", "below") if not path.endswith("figures") else ("below",):
            asked = f"{path}?{name}={stage.unit(other)}"
            # A node does not know each village of others.
            assert stage.person(code).get(asked).status_code in (403, 422), (code, asked)
    assert stage.person(TOWN).get(f"{path}?below={stage.unit(VILLAGE)}").status_code == 200


def test_given_a_filter_that_was_left_empty_when_it_is_shown_then_everything_is_listed(stage, notes):
    clerk = stage.person(VILLAGE)
    for path in ("/duty-notes?state=&counter=&first=&last=", "/duty-notes/figures?first=&last="):
        assert clerk.get(path).status_code == 200, path


def test_given_a_note_when_its_paper_is_opened_then_it_has_everything_that_is_signed(stage, notes):
    clerk = stage.person(VILLAGE)
    address = f"/duty-notes/{notes[0]}"
    assert f'{address}/hand-over-record"' in clerk.get(address).text
    page = text_of(clerk.get(f"{address}/hand-over-record").text)
    for words in (
        "Record of the hand-over",
        "晚九时接电话一件",
        "李接班",
        "Version 2 of this entry",
        "Taken over",
    ):
        assert words in page, words
    assert page.count("Handed over by") == 1 and page.count("Taken over by") == 2
    assert "09:00 Entered 值班员" in page
    chinese = text_of(clerk.get(f"{address}/hand-over-record", language="zh").text)
    assert "值班交接记录" in chinese and "交班人" in chinese and "接班人" in chinese


def test_given_the_paper_of_another_office_then_only_who_may_read_it_sees_its_text(stage, notes):
    address = f"/duty-notes/{notes[0]}/hand-over-record"
    above = text_of(stage.person(TOWN).get(address).text)
    assert "晚九时接电话一件" in above
    for person in (stage.person(VILLAGE, "administrator"), stage.person(TOWN, "administrator")):
        assert person.get(address).status_code == 403
    assert stage.person(NEXT_TOWN).get(address).status_code in (403, 404)
    assert stage.anybody("villages-101").get(address).status_code in (401, 303)
    assert stage.person(VILLAGE).get(f"/duty-notes/{uuid4()}/hand-over-record").status_code == 404


def test_given_a_list_when_it_is_printed_then_the_paper_names_office_days_and_choice(stage, notes):
    town = stage.person(TOWN)
    query = f"state=open&counter=night&below={stage.unit(VILLAGE)}&{MARCH}"
    assert "format=paper" in unescape(town.get(f"/duty-notes?{query}").text)
    page = town.get(f"/duty-notes?{query}&format=paper").text
    assert rows_of_page(page) == len(rows_of_file(town, f"/duty-notes?{query}")) > 1
    words = text_of(page)
    for said in ("1 March 2026", "31 March 2026", "Waits for the next duty", "Of them by night"):
        assert said in words, said


def test_given_more_records_than_a_paper_holds_when_it_is_printed_then_it_says_that_some_are_missing(
    stage, notes, monkeypatch
):
    clerk, missing = stage.person(VILLAGE), "Only the newest 1 stand here"
    assert missing not in text_of(clerk.get("/duty-notes?format=paper").text)
    monkeypatch.setattr(papers, "LINES", 1)
    page = clerk.get("/duty-notes?format=paper").text
    assert missing in text_of(page) and rows_of_page(page) == 1


def test_given_what_came_in_at_the_county_when_its_links_are_followed_then_each_opens(stage, notes):
    clerk, village = stage.person(COUNTY, "petition_clerk"), stage.person(VILLAGE)
    village.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    stage.settle()
    page = clerk.get("/feed").text
    links = set(re.findall(r'<td[^>]*>\s*<a[^>]*href="([^"]+)"', page))
    assert any(f"/duty-notes/{notes[0]}" in link for link in links)
    assert any("/matters/" in link for link in links)
    for link in links:
        assert clerk.get(link.removeprefix(clerk.base)).status_code == 200, link


def test_given_a_reception_day_then_its_notice_is_for_the_public_and_its_record_only_of_one_that_was_held(
    stage,
):
    # Given a day that is made known, and one that was held
    clerk, ids = stage.person(TOWN), {"unit": str(stage.unit(TOWN))}
    planned, held = (
        clerk.done("enter-reception-day", example_of(ORDERS["enter-reception-day"], ids=ids))["record"]
        for _ in range(2)
    )
    clerk.done("hold-reception-day", example_of(ORDERS["hold-reception-day"], ids={"record": held}))
    # Then the notice says who receives and when, and nothing of what is inside
    notice = clerk.get(f"/reception-days/{planned}/notice").text
    assert "王带班" in notice and "8:30-11:30" in notice
    assert "receipt__recorded" not in notice and "Leader's instructions" not in unescape(notice)
    # And each has the paper of its state alone
    assert clerk.get(f"/reception-days/{held}/notice").status_code == 404
    assert clerk.get(f"/reception-days/{planned}/reception-record").status_code == 404
    assert "当场答复四批" in clerk.get(f"/reception-days/{held}/reception-record").text
    assert "/reception-record" not in clerk.get(f"/reception-days/{planned}").text


def test_given_days_that_run_backwards_when_a_list_is_asked_then_that_is_refused(stage, notes):
    for path in ("/duty-notes", "/api/duty-notes"):
        answer = stage.person(VILLAGE).get(f"{path}?first=2026-03-30&last=2026-03-01")
        assert answer.status_code == 422, path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_given_a_day_to_come_when_a_duty_or_a_reception_is_recorded_then_page_and_api_refuse_it(
    stage, language
):
    clerk, unit = stage.person(TOWN), str(stage.unit(TOWN))
    note = example_of(ORDERS["enter-duty-note"], ids={"unit": unit}) | {"day": "2026-03-27"}
    said = clerk.order("enter-duty-note", note, language=language).json()
    assert (said["code"], said["facts"]["field"]) == ("before-its-day", "day")
    page = clerk.submit("/duty-notes/new", note, language=language)
    assert page.status_code == 422 and 'href="#day"' in page.text and 'id="day-error"' in page.text
    plan = example_of(ORDERS["enter-reception-day"], ids={"unit": unit}) | {"day": "2026-03-27"}
    ids = {"record": clerk.done("enter-reception-day", plan)["record"]}
    held = example_of(ORDERS["hold-reception-day"], ids=ids)
    assert clerk.order("hold-reception-day", held, language=language).json()["code"] == "before-its-day"
    page = clerk.submit(f"/reception-days/{ids['record']}/hold-reception-day", held, language=language)
    assert page.status_code == 422 and "govuk-error-summary" in page.text


def test_given_an_entry_whose_text_cannot_be_read_here_when_it_is_to_be_changed_then_its_form_is_not_shown(
    stage,
):
    clerk, unit = stage.person(VILLAGE), str(stage.unit(VILLAGE))
    record = enter(clerk, unit)
    stage.settle()
    stage.host.nodes["villages-101"].ring.destroy([text_key(UUID(record))])
    for step in ("change", "correct"):
        assert clerk.get(f"/duty-notes/{record}/{step}").status_code == 503, step
    assert clerk.get(f"/duty-notes/{record}/take-over-duty").status_code == 200
