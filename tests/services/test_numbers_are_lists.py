"""A number on a page is a link to the list that makes it, true of the same moment, and a file as long."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest

from tests.services.network import (
    COUNTY,
    LONE_VILLAGE,
    NINE,
    TODAY,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    petition,
    text_of,
)

NUMBER = re.compile(r'<a class="number" href="([^"]*)" title="([^"]*)">([\d,]+)<')
PAGES = {
    VILLAGE: ("/", "/reports"),
    TOWN: ("/", "/sheet", "/reports", "/referrals"),
    COUNTY: ("/", "/sheet", "/ages", "/supervision", "/referrals"),
}
FORMULA = '=HYPERLINK("http://elsewhere.example")'


@dataclass(frozen=True)
class Number:
    """A number as a page shows it."""

    count: int
    address: str
    moment: str


@pytest.fixture(scope="module")
def worked(stage: Stage) -> Stage:
    """Some work of every kind, so that few numbers are zero."""
    clerk, town = stage.person(VILLAGE), stage.person(TOWN)
    unit, to = str(stage.unit(VILLAGE)), str(stage.unit(TOWN))
    for n in range(53):
        case = clerk.done("register-matter", petition(unit=unit, received_on=f"2026-0{1 + n % 3}-10"))["case"]
        if n % 9 == 0 or n == 52:
            clerk.done("refer-matter", {"case": case, "to": to, "reason": "competent_body"})
    report = {"day": "2026-03-19", "kind": "daily", "checked": ["phone"], "disputes_found": 2}
    clerk.done("file-report", report | {"unit": unit})
    clerk.done(
        "correct-report", report | {"unit": unit, "disputes_found": 3, "reason": "disputes_miscounted"}
    )
    town.done("file-report", report | {"unit": to})
    stage.person(LONE_VILLAGE).done(
        "file-report", report | {"unit": str(stage.unit(LONE_VILLAGE)), "day": "2026-03-24"}
    )
    letter = {"case": case, "to": to, "trigger": "overdue", "demand": FORMULA, "answer_by": TODAY.isoformat()}
    stage.settle()
    stage.person(COUNTY, "director").done("issue-letter", letter)
    stage.settle()
    return stage


def numbers(page: str, base: str) -> list[Number]:
    """The numbers of a page with their links."""
    found = NUMBER.findall(page)
    return [Number(int(n.replace(",", "")), unescape(a).removeprefix(base), t) for a, t, n in found]


def rows_of_file(person: Person, address: str) -> list[dict[str, str]]:
    """The list as a file."""
    answer = person.get(f"{address}{'&' if '?' in address else '?'}format=csv")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv"), address
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def rows_of_page(page: str) -> int:
    """Rows of the last table of a page."""
    last = page.rpartition("<tbody")[2] if "<tbody" in page else ""
    return last.count('<tr class="govuk-table__row"')


@pytest.mark.parametrize(("code", "path"), [(code, path) for code, paths in PAGES.items() for path in paths])
def test_every_number_leads_to_a_list_of_exactly_as_many(worked, code, path):
    person = worked.person(code, "director") if code == COUNTY else worked.person(code)
    shown = numbers(person.get(path).text, person.base)
    assert shown
    for number in shown:
        listed = person.get(number.address)
        assert listed.status_code == 200 and "as of" in number.moment, number
        if number.address.startswith("/reports/"):
            assert (
                listed.text.count('class="govuk-heading-m version"') == number.count + 1 or not number.count
            )
            continue
        if is_a_sum(number, listed.text, person.get(path).text):
            assert sum(int(row["new"]) for row in rows_of_file(person, number.address)) == number.count
            continue
        assert len(rows_of_file(person, number.address)) == number.count, number
        assert rows_of_page(listed.text) == min(number.count, 50), number
        assert re.search(r'class="as-of">as of <time datetime="[\dT:+-]+">', listed.text) or not number.count


def is_a_sum(number: Number, listed: str, page: str) -> bool:
    """Whether the number adds up what the offices of the list reported as new."""
    link = re.escape(number.address.replace("&", "&amp;"))
    return "New matters reported" in page and bool(
        re.search(
            rf'New matters reported: (?:at least )?<a class="number" href="[^"]*{link}" title="[^"]*">{number.count}<',
            page,
        )
    )


def test_no_count_stands_on_a_list_page_without_a_link(worked):
    for code, path in ((TOWN, "/sheet"), (COUNTY, "/sheet"), (COUNTY, "/ages")):
        page = worked.person(code).get(path).text
        bare = re.findall(r'govuk-table__cell--numeric"[^>]*>(\d+)<', page.split("<tbody")[1])
        assert bare == [] or "New" in page


def test_a_sheet_of_a_past_moment_and_its_lists_say_what_was_known_then(worked):
    town = worked.person(TOWN)
    past = NINE.replace(year=2025).isoformat().replace("+00:00", "Z")
    page = town.get(f"/sheet?day=2026-03-19&as_of={past}")
    assert all("2025" in number.moment for number in numbers(page.text, town.base))
    assert all("2025" in number.address for number in numbers(page.text, town.base))


def test_a_file_holds_no_formula_and_opens_with_its_chinese(worked):
    boss = worked.person(COUNTY, "administrator")
    parent, node = str(worked.unit(TOWN)), "villages-101"
    for n, sign in enumerate("=+-@"):
        body = {
            "code": f"43032110128{n}",
            "name": f"{sign}SUM(A1)村",
            "kind": "village",
            "parent": parent,
            "node": node,
        }
        unit = boss.done("open-unit", body)["unit"]
    worked.settle()
    director = worked.person(COUNTY, "director")
    for address in (
        f"/sheet?flag=expected&day={TODAY + timedelta(days=1)}&format=csv",
        f"/directory?below={parent}&format=csv",
    ):
        text = director.get(address).text
        assert text.startswith("\ufeff")
        cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in row]
        assert not [cell for cell in cells if cell[:1] in tuple("=+@") or re.match(r"-\D", cell)]
        assert [cell for cell in cells if "=SUM(A1)村" in cell]
    assert boss.order("close-unit", {"unit": unit}).status_code == 201


def test_the_feed_as_a_file_is_as_long_as_its_count(worked):
    clerk = worked.person(COUNTY)
    page = clerk.get("/feed").text
    count = re.search(r"The newest first, ([\d,]+) in all", text_of(page))
    assert count and len(rows_of_file(clerk, "/feed")) == int(count[1].replace(",", ""))
