"""Quotas by page and by program: who sees them, who raises them, and files that are taken away."""

from uuid import uuid4

import pytest

from tests.services.network import COUNTY, TOWN, VILLAGE, Person, Stage, petition, text_of

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@pytest.fixture
def director(stage: Stage) -> Person:
    return stage.person(TOWN, "director")


def raised(stage: Stage, code: str = TOWN, **said: object) -> dict[str, object]:
    return {
        "unit": str(stage.unit(code)),
        "quota": "files",
        "more": 5,
        "reason": "asked_by_superior",
        **said,
    }


@LANGUAGES
def test_given_a_day_at_work_when_its_quotas_are_opened_then_each_persons_use_and_the_most_are_shown(
    stage: Stage, language: str
):
    clerk = stage.newcomer(VILLAGE)
    clerk.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    page = clerk.get("/quotas", language=language)
    told = clerk.get("/api/quotas").json()
    mine = next(one for one in told["people"] if one["login"] == clerk.login)
    assert page.status_code == 200 and clerk.login in page.text
    assert (mine["matters"], mine["text"], mine["files"]) == (1, 1, 0)
    assert told["most"]["matters_of_a_person"] == 1_000


@LANGUAGES
def test_given_a_director_when_a_quota_is_raised_by_its_form_then_the_page_and_the_office_above_show_it(
    stage: Stage, director: Person, language: str
):
    clerk = stage.newcomer(TOWN)
    form = director.get("/raise-quota", language=language)
    assert form.status_code == 200 and str(stage.unit(TOWN)) in form.text
    sent = director.submit("/raise-quota", {k: str(v) for k, v in raised(stage, login=clerk.login).items()})
    assert sent.status_code == 303
    lines = director.get("/api/quotas").json()["raises"]
    assert (lines[-1]["login"], lines[-1]["more"], lines[-1]["quota"]) == (clerk.login, 5, "files")
    assert clerk.login in text_of(director.get("/quotas", language=language).text)
    stage.settle()
    feed = stage.person(COUNTY, "director").get("/feed", language=language)
    assert {"zh": "调高当日限额", "en": "Quota raised for a day"}[language] in feed.text


def test_given_anybody_but_a_director_when_a_quota_is_raised_then_it_is_refused(stage: Stage):
    for role in ("petition_clerk", "information_officer", "supervisor", "administrator"):
        person = stage.person(TOWN, role)
        assert person.order("raise-quota", raised(stage)).json()["code"] == "not-allowed", role
        assert person.get("/raise-quota").status_code == 403


def test_given_a_slip_in_the_form_then_it_stands_at_its_field_with_what_was_typed(
    stage: Stage, director: Person
):
    typed = {k: str(v) for k, v in raised(stage, login=f"nobody-{uuid4().hex[:6]}").items()}
    page = director.submit("/raise-quota", typed)
    assert page.status_code == 422 and typed["login"] in page.text
    assert 'href="#login"' in page.text


@LANGUAGES
def test_given_as_many_files_as_a_person_may_take_then_the_next_is_refused_until_the_director_gives_more(
    stage: Stage, director: Person, language: str, monkeypatch: pytest.MonkeyPatch
):
    clerk = stage.newcomer(TOWN)
    network = stage.host.nodes[clerk.node].settings.network
    monkeypatch.setitem(vars(network.quotas), "files_of_a_person", 2)
    files = [clerk.get("/matters?format=csv").status_code for _ in range(2)]
    refused = clerk.get("/matters?format=csv", language=language)
    assert (files, refused.status_code) == ([200, 200], 409)
    assert clerk.get("/api/quotas").json()["people"] and clerk.get("/matters").status_code == 200
    assert {"zh": "信访办主任", "en": "director of the office"}[language] in text_of(refused.text)
    director.done("raise-quota", raised(stage, login=clerk.login, more=1))
    assert clerk.get("/sheet?format=csv").status_code == 200
    assert clerk.get("/sheet?format=csv").status_code == 409


def test_quotas_of_an_office_that_is_kept_elsewhere_are_not_shown(stage: Stage, director: Person):
    answer = director.get(f"/api/quotas?office={stage.unit(VILLAGE)}")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-unit")
