"""An order in one file: what a new step of a matter costs. It exists for the tests alone."""

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import Declared, Step
from shared.orders.input import Line
from shared.orders.order import OrderContext, Setting
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.matters.case import CaseFact
from shared.work.matters.orders.registering import CaseOrder
from shared.work.matters.stages import OPEN_STATES

STATES = OPEN_STATES
"""The line of the order in the table of stages: the states in which the page of a matter offers it."""


class Marked(CaseFact):
    """A clerk noted something about a matter."""

    TOPIC = "case.marked"
    SAYS = N_("Noted on the file")

    note: Sealed

    def apply(self, aggregate: object) -> None:
        """A note changes nothing else."""


class MarkMatter(CaseOrder):
    """Note something on the file of a matter."""

    DECLARED = Declared(
        "mark-matter",
        (Right("matter.mark", "self self self - -", N_("Note something on a file")),),
        step=Step("case", "mark", N_("Note on the file"), N_("Save the note")),
        sample={"note": "已电话告知"},
    )

    note: Line = Field(title=N_("Note"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        case = self.load(context)
        note = context.seals(case.id, case.version, case.id).text("note", self.note)
        case.record(Marked, note=note, at=context.at)
