"""A county's files, and a database of its own for each test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from shared.database.engines import dispose_all
from tests.parts.postgres import database_on, drop

_numbers = count(1)
HEAD = "code12,level,name_zh,name_pinyin,parent_code12"
COUNTY, TOWN, OTHER_TOWN = "430321000000", "430321100000", "430321101000"
VILLAGE, OTHER_VILLAGE = "430321100201", "430321101201"
ROWS = (
    f"{COUNTY},3,湘潭县,xiang tan xian,430300000000",
    f"{TOWN},4,易俗河镇,yi su he zhen,{COUNTY}",
    f"{OTHER_TOWN},4,谭家山镇,tan jia shan zhen,{COUNTY}",
    f"{VILLAGE},5,柳树沟村,liu shu gou cun,{TOWN}",
    f"{OTHER_VILLAGE},5,水口村,shui kou cun,{OTHER_TOWN}",
)
NODES = ["county", "town-100", "town-101", "villages-100", "villages-101"]


@pytest.fixture
def divisions(tmp_path: Path) -> Path:
    """The file of a county with two townships and two villages."""
    path = tmp_path / "divisions.csv"
    path.write_text("\n".join((HEAD, *ROWS)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The owner's address of an empty database."""
    address = database_on(postgres, f"founding_{next(_numbers)}")
    yield address
    dispose_all()
    drop(postgres, address)
