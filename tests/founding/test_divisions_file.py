"""The divisions file is checked whole before anything is made: every fault with its line and column."""

from pathlib import Path

import pytest

from services.division_file import SHOWN, WrongDivisions, WrongOffices, read_divisions, read_offices
from services.divisions import UnknownOwnNode, name_of, plan_network
from shared.settings.names import NameOfNetworkMalformed
from shared.work.common.calendar import day_of
from tests.founding.conftest import COUNTY, HEAD, OTHER_TOWN, ROWS, TOWN, VILLAGE
from tests.parts.terminal import huiyin
from tests.parts.tiny_network import NINE, OFFICES


def written(path: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join((head, *rows)).encode(encoding))
    return path


FAULTS = {
    "short code": (f"4303211002,5,村,cun,{TOWN}", "code12", "not twelve digits"),
    "lettered code": (f"43032110O2O2,5,村,cun,{TOWN}", "code12", "not twelve digits"),
    "a village's code for a township": (f"430321102201,4,镇,zhen,{COUNTY}", "code12", "no code of level 4"),
    "a township's code for a village": (f"430321102000,5,村,cun,{TOWN}", "code12", "no code of level 5"),
    "double": (ROWS[3], "code12", "stands in line 5 already"),
    "orphan": ("430321109201,5,村,cun,430321109000", "parent_code12", "430321109000 is no line of level 4"),
    "a village of the county": (f"430321100202,5,村,cun,{COUNTY}", "parent_code12", "no line of level 4"),
    "another township's code": (
        f"430321100202,5,村,cun,{OTHER_TOWN}",
        "code12",
        "does not begin as its parent",
    ),
    "another county": ("430322000000,3,县,xian,430300000000", "level", "a county already"),
    "a level that is none": (f"430321100202,village,村,cun,{TOWN}", "level", "none of 1"),
    "no name": (f"430321100202,5,　,cun,{TOWN}", "name_zh", "no name"),
    "too many cells": (f"430321100202,5,村,cun,{TOWN},7", "beyond the last", "more cells"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_given_a_fault_then_it_is_named_with_its_line_and_column(kind: str, tmp_path: Path):
    row, column, what = FAULTS[kind]
    with pytest.raises(WrongDivisions) as refused:
        read_divisions(written(tmp_path / "d.csv", *ROWS, "", row))
    said = str(refused.value)
    assert f"line 8, column {column}" in said
    assert what in said


def test_given_many_faults_then_all_are_told_at_once_and_nothing_is_made(tmp_path: Path):
    rows = [FAULTS[kind][0] for kind in ("short code", "double", "orphan")]
    said = huiyin("init", "--data", tmp_path / "n", "--divisions", written(tmp_path / "d.csv", *ROWS, *rows))
    assert said.code == 2
    assert [f"line {number}, " in said.err for number in (7, 8, 9)] == [True] * 3
    assert not (tmp_path / "n").exists()


def test_given_a_file_that_is_wrong_throughout_then_the_first_faults_are_told(tmp_path: Path):
    with pytest.raises(WrongDivisions) as refused:
        read_divisions(written(tmp_path / "d.csv", *(f"{number},5,村,cun,x" for number in range(100))))
    assert "and 80 more" in str(refused.value)
    assert str(refused.value).count("line ") == SHOWN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_given_an_encoding_of_spreadsheets_then_the_names_are_read(encoding: str, tmp_path: Path):
    lines = read_divisions(written(tmp_path / "d.csv", *ROWS, encoding=encoding))
    assert [line.name for line in lines][:2] == ["湘潭县", "易俗河镇"]


def test_given_full_width_digits_then_they_are_digits(tmp_path: Path):
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    lines = read_divisions(written(tmp_path / "d.csv", *(row.translate(wide) for row in ROWS)))
    assert lines[0].code == COUNTY


def test_given_no_text_at_all_then_that_is_said_with_the_line(tmp_path: Path):
    path = tmp_path / "d.csv"
    path.write_bytes(HEAD.encode() + b"\n\xff\xff,5\n")
    with pytest.raises(WrongDivisions, match="line 2: it is neither UTF-8 nor GBK"):
        read_divisions(path)


@pytest.mark.parametrize("head", ["code,level,name", ""])
def test_given_other_columns_then_those_that_lack_are_named(head: str, tmp_path: Path):
    with pytest.raises(WrongDivisions, match="there is no column code12"):
        read_divisions(written(tmp_path / "d.csv", "1,2,3", head=head))


def test_given_a_folder_or_no_file_then_that_is_one_line(tmp_path: Path):
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        said = huiyin("init", "--data", tmp_path / "n", "--divisions", path)
        assert (said.code, len(said.err.splitlines())) == (2, 1)


def test_given_office_names_with_an_empty_cell_then_line_and_column_are_named(tmp_path: Path):
    with pytest.raises(WrongOffices, match="line 3, column name_en"):
        read_offices(written(tmp_path / "o.csv", "县信访局,Bureau", "县民政局,", head="name_zh,name_en"))
    with pytest.raises(WrongOffices) as refused:
        read_offices(written(tmp_path / "o.csv", head="name_zh,name_en"))
    assert refused.value.code == "wrong-offices"


@pytest.mark.parametrize("code", [TOWN, "430321100999", "x"])
def test_given_an_own_node_for_what_is_no_village_then_it_is_named(code: str, tmp_path: Path):
    lines = read_divisions(written(tmp_path / "d.csv", *ROWS))
    with pytest.raises(UnknownOwnNode, match=code):
        plan_network(lines, OFFICES, since=day_of(NINE), own_nodes=[VILLAGE, code])


def test_given_a_township_whose_every_village_has_its_own_node_then_no_empty_node_is_made(tmp_path: Path):
    lines = read_divisions(written(tmp_path / "d.csv", *ROWS))
    plan = plan_network(lines, OFFICES, since=day_of(NINE), own_nodes=[VILLAGE])
    assert [node.name for node in plan.nodes if "100" in node.name] == ["town-100", "village-100-201"]


def test_a_network_is_called_after_its_county_and_one_to_practise_with_otherwise(tmp_path: Path):
    lines = read_divisions(written(tmp_path / "d.csv", *ROWS))
    assert name_of(lines, rehearsal=False) == "huiyin-430321"
    assert name_of(lines, rehearsal=True) == "huiyin-430321-practice"


@pytest.mark.parametrize("name", ["Huiyin", "a_b", "a--b", "-a", "1a", "a.b", "a" * 40])
def test_a_name_that_servers_would_not_take_is_refused(name: str, tmp_path: Path):
    lines = read_divisions(written(tmp_path / "d.csv", *ROWS))
    with pytest.raises(NameOfNetworkMalformed):
        plan_network(lines, OFFICES, since=day_of(NINE), name=name)
