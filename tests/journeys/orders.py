"""Bodies of orders, and moments of a day."""

from datetime import date, datetime, time
from typing import Any

from shared.work.common.calendar import ZONE

SUMMARY = "村道路灯不亮，夜间出行不便"
PETITIONER = "李建国"


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in the network's zone."""
    return datetime.combine(day, time(hour, minute), ZONE)


def petition(unit: Any, received_on: date, **changed: Any) -> dict[str, Any]:
    """What a clerk enters to register a matter."""
    people = [{"role": "petitioner", "name": PETITIONER, "contact": "13800000000"}]
    return {
        "unit": unit,
        "channel": "visit",
        "purpose": "seeking_decision",
        "matter_class": "urban_rural",
        "received_on": received_on,
        "persons": 1,
        "petitioners": people,
        "summary": SUMMARY,
        "request": "请求修复三组路灯",
        "account": "自上月起三组路灯全部不亮，已多次反映。",
    } | changed


def report(unit: Any, day: date, kind: str = "zero", **changed: Any) -> dict[str, Any]:
    """What a clerk enters to report a day."""
    return {"unit": unit, "day": day, "kind": kind, "checked": ["reception_book", "phone"]} | changed
