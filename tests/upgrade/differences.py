"""What today's program says differently of a network that an earlier release made, because an issue asks for it.

A change that shows up here without having been asked for is a fault of the upgrade, and is mended there. A
difference that does not occur any more fails the tests, so that the list stays true.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One expected difference: `where` fits the places in a finding, `reason` names the issue that asks for it.

    Places read like `at work/answers/county//api/matters/ID/dues[0]/day` or `at rest/dump/county/cases/state`.
    """

    release: str
    where: str
    reason: str

    def fits(self, place: str) -> bool:
        """Whether a place is meant."""
        return re.fullmatch(self.where, place) is not None


_REPORTS = "issue 13: report.filed has version 2, in which places of a register have their year"

_UNREAD = "issue 13: what nobody reads goes away; names of a unit by day were written and never asked for"
_WORDS = "issue 13: assess and not accept are the words everywhere, also in the addresses of their forms"
_ONE_ROW = "issue 14: a letter and its answer are one row, whose state an index finds"
_BY_KEY = "issue 14: lists are pages by key; a page has no number any more"

_PLACES = "issue 15: places of a register in a list are one number, greater for a later year"
_CAME_BEFORE = "issue 15: a report is contradicted by what had come before it was signed; where only the day is known it is a question"

_LIFE = "issue 15: opened today owes from tomorrow, closed today owes today still"

DIFFERENCES: tuple[Difference, ...] = (
    Difference("0.1.0", r".*/data/covers_(from|to)", _REPORTS),
    Difference("0.1.0", r".*/dump/[^/]+/report_versions/covers_(from|to)", _PLACES),
    Difference("0.1.0", r".*/answers/.*/api/sheet.*/contradicted(_by)?", _CAME_BEFORE),
    Difference("0.1.0", r".*/answers/.*/api/sheet.*/(expected|silent)", _LIFE),
    Difference("0.1.0", r".*/answers/.*/api/sheet.*/lines\[\d+\](/\w+)?", _LIFE),
    Difference("0.1.0", r".*/dump/[^/]+/unit_terms", _UNREAD),
    Difference("0.1.0", r".*/dump/[^/]+/supervision_answers", _ONE_ROW),
    Difference("0.1.0", r".*/pages/.*\?(.*,)?page(,.*)?", _BY_KEY),
    Difference("0.1.0", r".*/pages/.*/(classify|decline)\?.*", _WORDS),
)
