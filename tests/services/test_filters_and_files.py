"""Filters of lists and their files: an unknown word is refused by name, and every file tells moments in one form."""

import csv
import io
import re

import pytest
from fastapi import FastAPI

from services.network import MAKERS, app_of
from shared.orders.example import example_of
from shared.web import lists
from shared.web.app import routes_of
from shared.web.lists import ONLY_FILTERS
from shared.work.catalogue import ORDERS
from tests.services.network import COUNTY, TODAY, TOWN, VILLAGE, Person, Stage, petition, text_of


@pytest.fixture(scope="module")
def county(stage: Stage) -> Person:
    """The bureau's director, to whom a matter, a letter, a note and a reception day have come."""
    clerk, town, unit = stage.person(VILLAGE), stage.person(TOWN), str(stage.unit(TOWN))
    case = clerk.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))["case"]
    clerk.done("refer-matter", {"case": case, "to": unit, "reason": "competent_body"})
    for order in ("enter-duty-note", "enter-reception-day"):
        town.done(order, example_of(ORDERS[order], ids={"unit": unit}))
    stage.settle()
    person = stage.person(COUNTY, "director")
    letter = {
        "case": case,
        "to": unit,
        "trigger": "other",
        "demand": "请说明",
        "answer_by": TODAY.isoformat(),
    }
    person.done("issue-letter", letter)
    return person


LISTS = ("/matters", "/supervision", "/duty-notes", "/reception-days", "/feed", "/sheet", "/reports")
PROGRAMS = ("/api/matters", "/api/letters", "/api/duty-notes", "/api/reception-days", "/api/feed")
WORDS = {
    "/matters": ("scope", "state", "age", "matter_class", "format"),
    "/api/matters": ("scope", "state", "age", "matter_class"),
    "/supervision": ("state", "format"),
    "/api/letters": ("state",),
    "/duty-notes": ("state", "counter", "format"),
    "/api/duty-notes": ("state", "counter"),
    "/duty-notes/figures": ("format",),
    "/reception-days": ("state", "counter", "format"),
    "/feed": ("format",),
    "/sheet": ("status", "flag", "format"),
    "/reports": ("format",),
    "/directory": ("format",),
    "/report": ("kind",),
}
ASKED = [(path, name) for path, names in WORDS.items() for name in names]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("path", "name"), ASKED)
def test_a_filter_with_an_unknown_word_is_refused_and_names_itself_and_its_words(
    county, path, name, language
):
    answer = county.get(f"{path}?{name}=weather", language=language)
    assert answer.status_code == 422
    if path.startswith("/api/"):
        told = answer.json()
        assert (told["code"], told["facts"]["filter"], told["facts"]["word"]) == (
            "unknown-word",
            name,
            "weather",
        )
        one = told["facts"]["words"].split(", ")[0]
        assert county.get(f"{path}?{name}={one}").status_code == 200
    said = text_of(answer.text)
    assert name in said and "weather" in said and ({"zh": "没有", "en": "has no word"}[language] in said)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("path", "name"),
    [("/duty-notes", "first"), ("/duty-notes", "unit"), ("/sheet", "day"), ("/matters", "overdue")],
)
def test_a_filter_that_cannot_be_read_is_named_on_its_page_with_what_to_do(county, path, name, language):
    page = county.get(f"{path}?{name}=weather", language=language)
    assert page.status_code == 422 and f"«{name}»" in text_of(page.text).replace("「", "«").replace("」", "»")


@pytest.mark.parametrize("path", [*LISTS, *PROGRAMS])
def test_a_filter_that_was_left_empty_means_any(county, path):
    names = WORDS.get(path, ())
    empty = county.get(path + "?" + "&".join(f"{name}=" for name in names))
    assert empty.status_code == 200


@pytest.mark.parametrize("path", [*PROGRAMS, "/api/duty-notes/figures"])
def test_a_program_that_names_a_filter_which_a_list_does_not_have_is_refused(county, path):
    answer = county.get(f"{path}?klass=land")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-filter")
    assert answer.json()["facts"]["filter"] == "klass"


def without_a_look_at_filters(app: FastAPI) -> list[str]:
    """Questions of programs that would give the whole list to whoever mistypes a filter."""
    return [
        route.path
        for route in routes_of(app)
        if route.path.startswith("/api/")
        and "GET" in route.methods
        and ONLY_FILTERS.dependency not in [one.call for one in route.dependant.dependencies]
    ]


@pytest.mark.parametrize("tier", MAKERS)
def test_every_question_of_a_program_refuses_a_filter_that_it_does_not_have(tier):
    assert without_a_look_at_filters(app_of(tier)) == []


def test_given_a_planted_question_that_ignores_filters_then_it_is_found():
    app = FastAPI()
    app.get("/api/planted")(lambda: None)
    app.get("/api/good", dependencies=[ONLY_FILTERS])(lambda: None)
    assert without_a_look_at_filters(app) == ["/api/planted"]


def test_a_program_narrows_matters_by_every_filter_of_the_page(county):
    everything = county.get("/api/matters?limit=1000").json()
    of_land = county.get("/api/matters?limit=1000&matter_class=land").json()
    assert of_land == [line for line in everything if line["matter_class"] == "land"]
    assert county.get("/api/matters?matter_class=health").json() == [
        line for line in everything if line["matter_class"] == "health"
    ]
    number = everything[0]["number"]
    assert [line["number"] for line in county.get(f"/api/matters?number={number}").json()] == [number]


FILES = (*LISTS, "/duty-notes/figures", "/directory")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
OTHER = re.compile(r"\d{4}-\d{2}-\d{2}T|:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)|\d+ March|\d月")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", FILES)
def test_every_file_tells_days_and_moments_in_one_form_in_the_zone_of_the_offices(county, path, language):
    text = county.get(f"{path}?format=csv", language=language).content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert [cell for cell in cells if OTHER.search(cell)] == []
    if path in ("/sheet", "/reports"):
        assert sum(bool(MOMENT.fullmatch(cell)) for cell in cells) >= 1
    if path in ("/supervision", "/duty-notes", "/feed"):
        assert any(MOMENT.fullmatch(cell) and "09:00:00" in cell for cell in cells)


def test_codes_of_offices_are_whole_in_their_file(stage, county):
    administrator = stage.person(COUNTY, "administrator")
    text = administrator.get(f"/directory?below={stage.unit(TOWN)}&format=csv").content.decode("utf-8-sig")
    assert f"\t{VILLAGE}" in [row[0] for row in csv.reader(io.StringIO(text))]


@pytest.mark.parametrize("path", ["/matters", "/supervision", "/duty-notes", "/reception-days", "/feed"])
def test_given_a_list_that_grows_with_the_years_when_it_is_taken_away_then_it_is_read_a_part_at_a_time(
    county, stage, path, monkeypatch
):
    whole = county.get(f"{path}?format=csv").content
    asked = list[int]()
    node = stage.host.nodes[county.node]
    ask = node.ask

    def counted(question, *arguments, **named):
        found = ask(question, *arguments, **named)
        if "stretch" in named:
            asked.append(len(found))
        return found

    monkeypatch.setattr(node, "ask", counted)
    monkeypatch.setattr(lists, "LINES_OF_FILE", 1)
    assert county.get(f"{path}?format=csv").content == whole
    lines = len(list(csv.reader(io.StringIO(whole.decode("utf-8-sig"))))) - 1
    assert lines >= 1 and asked == [1] * lines + [0]
