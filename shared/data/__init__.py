"""Packaged data: a real county, difficult names, real complaints, the calendar (see README.md).

Plain files; may import the standard library only, and any room may read them. To add a file: its
name here, its source and licence in README.md.
"""

import csv
from importlib.resources import files
from pathlib import Path

COUNTY = "divisions_430321_xiangtan_county.csv"
EDGE_CASES = "division_edge_cases.csv"
CALENDAR = "cn_calendar_2019_2026.csv"
SERVICE_REQUESTS = "complaints_en_nyc311_1000.csv"
COMPLAINTS = "complaints_en_cfpb.csv"
OFFICES = "offices.csv"
COMMON_PASSWORDS = "common_passwords.txt"


def path(name: str) -> Path:
    """Where a packaged file is. Errors: FileNotFoundError."""
    found = Path(str(files(__name__) / name))
    if not found.is_file():
        raise FileNotFoundError(name)
    return found


def text(name: str) -> str:
    """A packaged file as text."""
    return path(name).read_text(encoding="utf-8-sig")


def rows(name: str) -> list[dict[str, str]]:
    """A packaged CSV file as rows by column name."""
    with path(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
