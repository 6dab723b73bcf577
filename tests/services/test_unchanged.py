"""A page that has not changed is not made again; one that has, or another reader's, always is."""

from datetime import timedelta

import pytest

from tests.services.network import COUNTY, NEXT_TOWN, NINE, Person, Stage, petition, until
from tests.services.watching import watching

LISTS = ("/", "/matters", "/referrals", "/sheet", "/reports", "/supervision", "/duty-notes")


@pytest.fixture
def clerk(stage: Stage) -> Person:
    """A clerk of a township, at nine; nothing is under way."""
    stage.settle()
    return stage.newcomer(NEXT_TOWN)


def tag_of(person: Person, path: str) -> str:
    """The tag that a page comes with."""
    answer = person.get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Cache-Control"] == "private, no-cache", path
    return answer.headers["ETag"]


def again(person: Person, path: str, tag: str, **more: str) -> int:
    """What comes when the page is asked for by whoever has it."""
    return person.get(path, headers={"If-None-Match": tag}, **more).status_code


@pytest.mark.parametrize("path", LISTS)
def test_given_nothing_happened_when_asked_again_then_no_database_is_asked(clerk: Person, path: str):
    def is_unchanged() -> bool:
        tag = tag_of(clerk, path)
        with watching() as watched:
            answer = clerk.get(path, headers={"If-None-Match": tag})
        assert answer.status_code == 200 or (answer.content, watched.sent) == (b"", [])
        return answer.status_code == 304 and answer.headers["ETag"] == tag

    until(is_unchanged)  # witnesses still sign what was settled, and each signature is a commit


def test_given_an_order_was_given_when_asked_again_then_the_page_is_new(clerk: Person):
    tag = tag_of(clerk, "/matters")
    clerk.done("register-matter", petition(unit=str(clerk.stage.unit(NEXT_TOWN))))
    clerk.stage.settle()
    assert again(clerk, "/matters", tag) == 200


def test_given_another_reader_another_language_or_another_office_then_a_tag_is_worth_nothing(clerk: Person):
    tag = tag_of(clerk, "/matters")
    assert again(clerk, "/matters", tag, language="zh") == 200
    assert again(clerk.stage.newcomer(NEXT_TOWN), "/matters", tag) == 200
    assert again(clerk.stage.newcomer(NEXT_TOWN, "director"), "/matters", tag) == 200
    assert again(clerk.stage.newcomer(COUNTY), "/matters", tag) == 200
    assert again(clerk.stage.anybody("town-102"), "/matters", tag) == 303


@pytest.mark.parametrize("later", [timedelta(hours=8), timedelta(days=1)])
def test_given_a_cut_off_or_midnight_has_passed_when_asked_again_then_the_page_is_new(
    clerk: Person, later: timedelta
):
    tag = tag_of(clerk.at(NINE), "/")
    until(lambda: again(clerk.at(NINE + timedelta(minutes=5)), "/", tag_of(clerk.at(NINE), "/")) == 304)
    assert again(clerk.at(NINE + later), "/", tag) == 200
    clerk.at(NINE)


def test_given_a_page_that_shows_an_opened_text_then_nobody_keeps_it(clerk: Person):
    case = clerk.done("register-matter", petition(unit=str(clerk.stage.unit(NEXT_TOWN))))["case"]
    clerk.stage.settle()
    whole = clerk.get(f"/matters/{case}")
    assert "井台旁的路灯不亮" in whole.text
    assert (whole.headers["Cache-Control"], whole.headers.get("ETag")) == ("no-store", None)
    supervisor = clerk.stage.newcomer(COUNTY, "supervisor")
    assert "井台旁" not in supervisor.get(f"/matters/{case}").text
    until(lambda: again(supervisor, f"/matters/{case}", tag_of(supervisor, f"/matters/{case}")) == 304)


@pytest.mark.parametrize("path", ["/matters/new", "/report", "/api/matters", "/api/sheet", "/state"])
def test_given_a_form_json_or_the_state_of_the_machine_then_nobody_keeps_it(clerk: Person, path: str):
    answer = clerk.get(path)
    assert answer.headers.get("ETag") is None and answer.headers["Cache-Control"] == "no-store"


def test_given_somebody_signs_out_then_the_browser_is_told_to_forget_the_pages(clerk: Person):
    answer = clerk.submit("/sign-out", {})
    assert answer.headers["Clear-Site-Data"] == '"cache"'
