"""How any order may be refused, whatever it is about: by the rights, by its stream, by the node that is to record it.

These are part of what stands between orders and the engine, as `order_request.py` is: the engine raises them, and
every order is known to meet them. What one order alone meets stands in its `DECLARED`.
"""

from shared.work.common.quota import TextReached
from shared.work.common.refusals import (
    Kind,
    NotAllowed,
    NotFound,
    OfficeIsClosed,
    Refusal,
    StaleVersion,
    UnknownUnit,
)


class RecordTorn(Refusal):
    """A stream of which facts are missing, since nobody held them when the node was restored."""

    code = "record-torn"
    sentence = (
        "Part of this record was lost when this office's computer was put back from a backup. "
        "Nothing was saved; register the matter anew and name the old number in it."
    )


class SameKeyOtherOrder(Refusal):
    """An idempotency key was used again for something else."""

    code = "same-key-other-order"
    sentence = "This form was already sent with other content. Open the form again and send it once more."
    kind = Kind.WRONG_INPUT


class TextTooLong(Refusal):
    """A text is longer than any paper form."""

    code = "text-too-long"
    sentence = "%(field)s is too long: %(length)s characters, at most %(most)s. Shorten it and keep the paper on file."
    kind = Kind.WRONG_INPUT


class TextNotStorable(Refusal):
    """A text holds half a character or a control sign that no form can show."""

    code = "text-not-storable"
    sentence = "%(field)s holds a sign that cannot be stored. Delete it and type it again."
    kind = Kind.WRONG_INPUT


class KeyNotHere(Refusal):
    """This node does not hold the key of the matter (yet)."""

    code = "key-not-here"
    sentence = (
        "The key of this matter has not arrived at your office yet. Nothing is lost; try again in a minute."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class KeptElsewhere(Refusal):
    """The office's records are begun at another node: one office, one home."""

    code = "kept-elsewhere"
    sentence = "The records of %(office)s are kept by another computer. Nothing was saved; sign in there and enter it."


class RecordsOnTheWay(Refusal):
    """The office has moved here, and the computer that kept it has not handed over its records yet."""

    code = "records-on-the-way"
    sentence = (
        "%(office)s has moved to this computer, and its records are still on their way from the earlier one. Nothing"
        " was saved; try again in a minute. If the earlier computer is lost, the county can let this one begin without it."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class Busy(Refusal):
    """The node's queue is full."""

    code = "busy"
    sentence = "This office's computer is busy. Nothing was saved; send it again in %(seconds)s seconds."
    kind = Kind.NOT_AT_THE_MOMENT


class Stopped(Refusal):
    """The node is stopping or has lost its place as the writer."""

    code = "stopped"
    sentence = "This office's computer is being restarted. Nothing was saved; send it again in a minute."
    kind = Kind.NOT_AT_THE_MOMENT


class NotStored(Refusal):
    """The database did not take the facts: gone, full, or locked."""

    code = "not-stored"
    sentence = (
        "The database does not answer (%(reason)s). Nothing was saved; try again, and tell the administrator."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class CommitInDoubt(Refusal):
    """The database went away while it committed, and does not answer the question whether it did."""

    code = "commit-in-doubt"
    sentence = (
        "The database stopped while it was saving, so it is not known whether this was saved. "
        "Send the same form again in a minute: what was saved is not done twice."
    )
    kind = Kind.NOT_AT_THE_MOMENT


class RolledBack(Refusal):
    """Another office holds more of what this node sent than the node has itself."""

    code = "rolled-back"
    sentence = (
        "This office's computer was put back to an older state: other offices hold more of its work than it does. "
        "Nothing was saved. The administrator must put the backup back once more and run `huiyin restore`."
    )
    kind = Kind.NOT_AT_THE_MOMENT


OF_ANY_ORDER: tuple[type[Refusal], ...] = (
    *(KeptElsewhere, RecordsOnTheWay),
    *(NotAllowed, NotFound, UnknownUnit, OfficeIsClosed, StaleVersion, RecordTorn, SameKeyOtherOrder),
    *(TextTooLong, TextNotStorable, TextReached, KeyNotHere),
    *(Busy, Stopped, NotStored, CommitInDoubt, RolledBack),
)
"""What every order may be refused with, besides what it declares itself."""
