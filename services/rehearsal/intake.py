"""Petitions of the rehearsal: real service requests and complaints, with made-up names."""

import random
from dataclasses import dataclass
from typing import Any

from shared import data

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "涛",
    "明",
    "超",
    "秀英",
    "桂兰",
    "建国",
    "小红",
)

_CLASS_WORDS = (
    ("noise", "environment"),
    ("water", "environment"),
    ("sewer", "environment"),
    ("dirty", "environment"),
    ("sanitation", "environment"),
    ("heat", "urban_rural"),
    ("paint", "urban_rural"),
    ("plumb", "urban_rural"),
    ("construction", "urban_rural"),
    ("building", "urban_rural"),
    ("street", "transport"),
    ("parking", "transport"),
    ("traffic", "transport"),
    ("taxi", "transport"),
    ("food", "health"),
    ("rodent", "health"),
    ("school", "education_culture"),
    ("property", "land"),
    ("loan", "economy"),
    ("credit", "economy"),
    ("debt", "economy"),
    ("bank", "economy"),
    ("mortgage", "economy"),
    ("police", "political_legal"),
    ("animal", "rural_agriculture"),
    ("tree", "rural_agriculture"),
    ("benefit", "civil_affairs"),
    ("homeless", "civil_affairs"),
)
_CHANNELS = {"PHONE": "call", "ONLINE": "online", "MOBILE": "online", "OTHER": "letter"}


@dataclass(frozen=True)
class Petition:
    """What somebody brings: everything of the register form but the day and the office."""

    channel: str
    purpose: str
    matter_class: str
    persons: int
    petitioners: tuple[tuple[str, str, str], ...]
    summary: str
    request: str
    account: str

    def fields(self, unit: str, received_on: str) -> dict[str, Any]:
        """The body of the order that registers it."""
        people = [
            {"role": role, "name": name, "contact": contact} for role, name, contact in self.petitioners
        ]
        plain = {name: value for name, value in vars(self).items() if name != "petitioners"}
        return plain | {"unit": unit, "received_on": received_on, "petitioners": people}


def petitions(chance: random.Random) -> list[Petition]:
    """Every packaged request and complaint as a petition, in an order of chance."""
    found = [_of_request(row, chance) for row in data.rows(data.SERVICE_REQUESTS)]
    found += [_of_complaint(row, chance) for row in data.rows(data.COMPLAINTS)]
    chance.shuffle(found)
    return found


def _of_request(row: dict[str, str], chance: random.Random) -> Petition:
    kind, detail = row["Complaint Type"], row["Descriptor"] or row["Complaint Type"]
    channel = _CHANNELS.get(row["Open Data Channel Type"], "visit")
    account = f"{kind}: {detail}. {row['Location Type']} {row['City']}".strip()
    return _petition(channel if chance.random() < 0.7 else "visit", kind, detail, account, chance)


def _of_complaint(row: dict[str, str], chance: random.Random) -> Petition:
    issue = row["issue"] or row["product"]
    account = row["consumer_complaint_narrative"] or f"{row['product']}, {row['sub_product']}: {issue}"
    channel = {"Web": "online", "Phone": "call", "Fax": "fax"}.get(row["submitted_via"], "letter")
    return _petition(channel, f"{row['product']}: {issue}", row["sub_issue"] or issue, account, chance)


def _petition(channel: str, summary: str, request: str, account: str, chance: random.Random) -> Petition:
    collective = chance.random() < 0.06
    named = chance.randint(2, 5) if collective else 1
    role = "representative" if collective else "petitioner"
    people = tuple((role, _name(chance), f"555-{chance.randint(1000, 9999)}") for _ in range(named))
    lower = f"{summary} {request}".lower()
    matter_class = next((key for word, key in _CLASS_WORDS if word in lower), "party_government")
    return Petition(
        channel=channel,
        purpose="suggestion" if chance.random() < 0.08 else "seeking_decision",
        matter_class=matter_class,
        persons=chance.randint(5, 40) if collective else 1,
        petitioners=people,
        summary=summary[:200],
        request=request[:2000],
        account=account[:6000],
    )


def _name(chance: random.Random) -> str:
    return chance.choice(_FAMILY) + chance.choice(_GIVEN)
