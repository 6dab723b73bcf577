"""A restore tells of offices by their names and of moments in their zone."""

import pytest

from services.restore_words import gaps_told, progress_told, told
from shared.restore.session import RestoreProgress
from shared.work.common.unit_tree import Directory
from shared.work.office.restore_report import LostNumbers, Register, Report
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import VILLAGE_2, TinyNetwork

MOMENT = "2026-03-27T16:30:00.000000Z"


@pytest.fixture
def directory(tiny_on_files: TinyNetwork) -> Directory:  # noqa: F811
    """The small county as the county knows it."""
    return tiny_on_files.open("county")[0].directory


def report(tiny: TinyNetwork, **changed: object) -> Report:
    register = Register(str(tiny.units[VILLAGE_2]), 2026, 7, (8, 9), 100_001)
    usual = {
        "life": 2,
        "begun_at": MOMENT,
        "finished_at": MOMENT,
        "taken_back": 57,
        "known_until": MOMENT,
        "answered": ("county",),
        "silent": ("town-101",),
        "lost": (LostNumbers("up", 58, 60), LostNumbers("to:town-100#2", 1, 1)),
        "registers": (register,),
        "torn": (),
        "awaited_keys": 0,
    }
    return Report(**usual | changed)  # pyright: ignore[reportArgumentType]


def test_a_report_names_offices_and_local_moments(tiny_on_files: TinyNetwork, directory: Directory):  # noqa: F811
    said = told(report(tiny_on_files), directory)
    assert "known until 2026-03-28 00:30 (Asia/Shanghai)" in said
    assert "before 2026-03-28 00:30 (Asia/Shanghai)" in said
    assert "no answer: 谭家山镇 (town-101)" in said
    assert "lost: numbers 58 to 60 upward" in said
    assert "lost: numbers 1 to 1 to 易俗河镇 (town-100) in life 2" in said
    assert "register of 石井村, 2026: last 7, next 100001; given and lost: 8, 9" in said
    assert str(tiny_on_files.units[VILLAGE_2]) not in said and "T16:30" not in said


def test_nothing_known_is_never(tiny_on_files: TinyNetwork, directory: Directory):  # noqa: F811
    assert "known until never" in told(report(tiny_on_files, known_until=""), directory)


def test_whoever_is_waited_for_is_named(directory: Directory):
    progress = RestoreProgress(("town-100", "nobody"), {"up": 9}, ("county to:town-100",), 3, True)
    said = progress_told(progress, directory)
    assert "no answer yet from 易俗河镇 (town-100), nobody" in said
    assert "on the way: upward up to 9" in said
    assert gaps_told(("county up",), directory) == "being sent again: 湘潭县信访局 (county) upward"


def test_a_directory_that_is_not_here_yet_leaves_the_nodes_names(tiny_on_files: TinyNetwork):  # noqa: F811
    said = told(report(tiny_on_files), Directory())
    assert "no answer: town-101" in said
