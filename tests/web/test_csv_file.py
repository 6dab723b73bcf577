"""Lists as spreadsheets."""

from datetime import UTC, date, datetime

import pytest
from starlette.testclient import TestClient

from shared.web.csv_file import LINES_AT_ONCE, csv_download, csv_pieces, csv_text


def test_a_file_starts_with_the_mark_that_lets_excel_read_chinese():
    assert csv_text(["单位", "数"], [["李家村", 3]]) == "\ufeff单位,数\r\n李家村,3\r\n"


STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
    "﹦",
    "﹢",
    "﹣",
    "﹫",
    "−",
    " =",
    "\u3000=",
    "\u200b=",
    "\ufeff＝",
]


@pytest.mark.parametrize("start", STARTS)
def test_no_text_cell_can_run_as_a_formula(start):
    cell = csv_text(["x"], [[start + "1+1"]]).split("\r\n", 1)[1].lstrip('"')
    assert cell.startswith("'" + start)


def test_numbers_days_moments_and_nothing_keep_their_meaning():
    row = [-5, 1.5, date(2026, 3, 27), datetime(2026, 3, 26, 17, tzinfo=UTC), None]
    assert csv_text(["x"], [row]).splitlines()[1] == "-5,1.5,2026-03-27,2026-03-27 01:00:00,"


@pytest.mark.parametrize(
    "text",
    [
        *("430321101201", "073155550000", "0123", "110101199003070011", "2E5", "1.5e10"),
        *("8-15", "16-30", "2026-03", "3/4", "1.5.2026", "12:30", "1 1/2", "1,000", "50%", "(123)"),
    ],
)
def test_a_code_that_looks_like_a_number_a_day_or_an_hour_is_shown_whole(text):
    assert csv_text(["x"], [[text]]).splitlines()[1].strip('"') == "\t" + text


@pytest.mark.parametrize(
    "text",
    [
        "100201-2026-00001-7",
        "100000-2026-L0001",
        "0731-555 0000",
        "12",
        "第3组",
        "7KQ2M9XWAB",
        "8:30-11:30",
        "1E",
        "",
    ],
)
def test_a_text_that_no_spreadsheet_reckons_with_stays_as_it_is(text):
    assert csv_text(["x", "y"], [[text, "z"]]).splitlines()[1] == f"{text},z"


def test_line_breaks_and_quotes_stay_inside_their_cell():
    assert csv_text(["x"], [['一"\n二', "rest"]]).endswith('"一""\n二",rest\r\n')


def test_a_download_gets_a_name_that_no_header_or_file_system_can_misread():
    response = csv_download('零报告 ../"\r\nX: 1', ["x"], [])
    disposition = response.headers["content-disposition"]
    assert "\r" not in disposition and "/" not in disposition
    assert disposition.startswith("attachment; filename=\"X 1.csv\"; filename*=UTF-8''%E9%9B%B6")


def test_the_download_is_sent_whole_and_never_stored_on_the_way():
    rows = ([number, "村"] for number in range(3))
    answer = TestClient(csv_download("list", ["n", "x"], rows)).get("/")
    assert answer.content.decode("utf-8-sig").splitlines() == ["n,x", "0,村", "1,村", "2,村"]
    assert answer.headers["cache-control"] == "no-store"


def test_given_a_long_list_when_its_file_begins_then_its_head_is_sent_before_any_line_is_read():
    read = list[int]()

    def lines():
        for number in range(3 * LINES_AT_ONCE):
            read.append(number)
            yield [number]

    pieces = csv_pieces(["n"], lines())
    assert (next(pieces), read) == ("\ufeffn\r\n".encode(), [])
    next(pieces)
    assert len(read) == LINES_AT_ONCE
    assert b"".join(pieces).split() == [str(n).encode() for n in range(LINES_AT_ONCE, 3 * LINES_AT_ONCE)]
