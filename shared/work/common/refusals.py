"""Why an order is not done, in a sentence a clerk can read.

A refusal has a stable `code` (for programs and for help), a `sentence` (a gettext message id with
named placeholders, translated where it is shown), a `kind` (what sort of reason it is, by which doors
choose how they answer) and `facts`, the values of the placeholders.

    Refusal
      NotFound                 there is no such thing here
      StaleVersion             somebody else changed it in the meantime
      NotAllowed               the rights table says no
      OfficeIsClosed           the named unit was closed; the one that goes on with its work is named
      UnknownUnit              the named unit is not in the directory
      ... and one class for each rule, beside the rule it protects
"""

from enum import Enum, auto
from typing import ClassVar

from shared.work.common.cannot_go_on import CannotGoOn


class Kind(Enum):
    """What sort of reason a refusal is."""

    AS_IT_STANDS = auto()
    """The present state does not allow it; the same was possible before, or will be."""

    WRONG_INPUT = auto()
    """What was filled in is impossible; other answers in the same form would do."""

    NOT_FOUND = auto()
    """There is no such thing here."""

    NOT_KNOWN_WHO = auto()
    """It is not known who asks."""

    NOT_ALLOWED = auto()
    """Whoever asks may not do this."""

    TOO_OFTEN = auto()
    """It was tried too often in a short time."""

    NOT_AT_THE_MOMENT = auto()
    """The computer cannot do it at the moment; nothing is wrong with what was asked."""


class Refusal(CannotGoOn):
    """An order that is not done; nothing has changed."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "This cannot be done."
    kind: ClassVar[Kind] = Kind.AS_IT_STANDS

    def __init__(self, **facts: object) -> None:
        super().__init__(self.sentence % facts if facts else self.sentence)
        self.facts = facts


class NotFound(Refusal):
    """There is no such matter, unit or letter at this office."""

    code = "not-found"
    sentence = "%(what)s was not found at this office. Check the number or look it up in the list."
    kind = Kind.NOT_FOUND


class StaleVersion(Refusal):
    """The order was based on an older state than the present one."""

    code = "stale-version"
    sentence = (
        "This was changed in the meantime (you saw version %(seen)s, it is now %(now)s)."
        " Look at it again and repeat what is still needed."
    )


class NotAllowed(Refusal):
    """The rights table does not allow this action to this role at this unit."""

    code = "not-allowed"
    sentence = "Your account may not do this here (%(action)s). Ask the administrator of your office."
    kind = Kind.NOT_ALLOWED


class OfficeIsClosed(Refusal):
    """The office was closed, and another one goes on with its work."""

    code = "office-is-closed"
    sentence = "%(name)s was closed on %(day)s; its work goes on at %(successor)s. Choose that office; its people do this now."
    kind = Kind.WRONG_INPUT


class UnknownUnit(Refusal):
    """The named unit does not exist, or not any more, or this office does not know it."""

    code = "unknown-unit"
    sentence = "The unit %(unit)s is not in the directory or is closed. Choose one from the list."
    kind = Kind.WRONG_INPUT
