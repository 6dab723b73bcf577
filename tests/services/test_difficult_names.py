"""Names that break software survive on every page and in every file."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest

from services.running import running
from shared.settings.network import node_names
from tests.services.network import (
    COUNTY,
    NEXT_TOWN,
    TOWN,
    Person,
    Stage,
    difficult_names,
    found,
    petition,
    write_divisions,
)

NAMES = difficult_names()
HALF = len(NAMES) // 2


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A county whose villages have all the difficult names."""
    folder = tmp_path_factory.mktemp("names")
    towns = {
        town: [(f"{town[:9]}{200 + n:03d}", name) for n, name in enumerate(part)]
        for town, part in ((TOWN, NAMES[:HALF]), (NEXT_TOWN, NAMES[HALF:]))
    }
    write_divisions(folder / "divisions.csv", towns)
    data = found(folder / "network", folder / "divisions.csv", rehearsal=True)
    with running(data, node_names(data), port=0) as (host, web):
        yield Stage(host, f"http://127.0.0.1:{web.port}")


def test_there_are_many_names_and_the_network_knows_each(county):
    known = {unit.name for unit in county.host.nodes["county"].directory.units.values()}
    assert len(NAMES) > 150 and set(NAMES) <= known


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("code", "path", "names"),
    [
        (COUNTY, "/sheet?flag=expected", NAMES),
        (COUNTY, "/sheet?status=silent", NAMES),
        (TOWN, "/sheet", NAMES[:HALF]),
        (NEXT_TOWN, "/sheet", NAMES[HALF:]),
        (TOWN, "/matters/new", NAMES[:HALF]),
    ],
)
def test_every_name_stands_on_the_page_as_it_is_written(county, language, code, path, names):
    page = "".join(_parts(county.person(code), path, language))
    assert [name for name in names if name not in page] == []


def _parts(person: Person, path: str, language: str) -> Iterator[str]:
    """A page and those that follow it in its list."""
    while path:
        page = unescape(person.get(path, language=language).text)
        yield page
        found = re.search(r'rel="next" href="[^"]*?(/sheet\?[^"]*after=[^"]*)"', page)
        path = found[1] if found else ""


def test_every_name_stands_in_the_directory_and_its_file(county):
    clerk = county.person(COUNTY)
    for town, names in ((TOWN, NAMES[:HALF]), (NEXT_TOWN, NAMES[HALF:])):
        address = f"/directory?below={county.unit(town)}"
        page, file = clerk.get(address).text, clerk.get(address + "&format=csv").text
        assert all(name in unescape(page) for name in names)
        assert [row["name"] for row in csv.DictReader(io.StringIO(file.removeprefix("\ufeff")))] == names


def test_every_name_stands_in_the_file_of_the_sheet_and_in_json(county):
    clerk = county.person(COUNTY)
    file = clerk.get("/sheet?flag=expected&format=csv").text.removeprefix("\ufeff")
    named = [row["name"].split(" ", 1)[-1] for row in csv.DictReader(io.StringIO(file))]
    assert set(NAMES) <= set(named)
    assert set(NAMES) <= {unit["name"] for unit in clerk.get("/api/units").json()}


def test_the_start_page_finds_each_office_by_its_name(county):
    stranger = county.anybody("county")
    for name in NAMES:
        page = stranger.http.get("/", params={"q": name}).text
        assert name in unescape(page) and "/n/villages-" in page, name


def test_each_office_has_its_name_on_its_own_pages_and_papers(county):
    for n in range(0, len(NAMES), 30):
        town = TOWN if n < HALF else NEXT_TOWN
        code, node = f"{town[:9]}{200 + n - (0 if n < HALF else HALF):03d}", f"villages-{town[6:9]}"
        clerk = county.newcomer(code, node=node)
        case = clerk.done("register-matter", petition(unit=str(county.unit(code))))["case"]
        for path in ("/", "/reports", f"/matters/{case}", f"/matters/{case}/receipt"):
            assert NAMES[n] in unescape(clerk.get(path).text), (NAMES[n], path)
