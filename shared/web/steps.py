"""Steps: orders as small forms, one thing a page, described as data so that all look alike.

A step names its order, its title, its fields and its button; one template shows any of them, one
route takes any of them. To add one: a line here, its order in shared/orders, its right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.orders.order import Order
from shared.web.form import Typed
from shared.web.languages import N_
from shared.work.directory import orders as directory
from shared.work.matters.orders import handling, registering
from shared.work.reports import orders as reports
from shared.work.supervision import orders as supervision


@dataclass(frozen=True)
class Field:
    """One field: `kind` is the macro, `choices` a word list of casework, `units` or `nodes`."""

    name: str
    label: str
    kind: str = "text"
    choices: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Step:
    """One order as a page."""

    order: type[Order]
    title: str
    button: str
    rights: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    says: str = ""
    hidden: tuple[str, ...] = field(default=())


CASE_STEPS: Mapping[str, Step] = {
    "classify": Step(
        registering.ClassifyMatter,
        N_("Assess the matter"),
        N_("Save the assessment"),
        ("matter.classify",),
        (
            Field("matter_class", N_("Class"), "select", "MatterClass"),
            Field("purpose", N_("Purpose"), "radios", "Purpose"),
        ),
    ),
    "refer": Step(
        registering.ReferMatter,
        N_("Refer the matter"),
        N_("Send the referral"),
        ("matter.refer", "matter.assign"),
        (
            Field("to", N_("To which office"), "select", "units"),
            Field("reason", N_("Reason"), "radios", "ReferralReason"),
            Field(
                "report_back_by",
                N_("Report back by"),
                "date",
                hint=N_("Only for an assignment. Leave it empty for a referral."),
            ),
        ),
        says=N_("The matter moves when that office accepts it. Until then it stays with your office."),
    ),
    "keep": Step(
        registering.KeepMatter,
        N_("Handle the matter here"),
        N_("Take the matter on"),
        ("matter.keep",),
        says=N_("Your office is competent and handles the matter itself."),
    ),
    "withdraw": Step(
        registering.WithdrawMatter,
        N_("The petitioner withdraws"),
        N_("Record the withdrawal"),
        ("matter.withdraw",),
        (Field("confirmed_by", N_("How was it confirmed a second time?"), "radios", "ConfirmedBy"),),
        says=N_("Only the petitioner can withdraw, and may file again at any time."),
    ),
    "answer-objection": Step(
        registering.AnswerObjection,
        N_("Answer the objection"),
        N_("Send the answer"),
        ("referral.answer_objection",),
        (Field("agreed", N_("Do you agree that it is not that office's business?"), "radios", "yes_no"),),
        hidden=("offer",),
    ),
}

REFERRAL_STEPS: Mapping[str, Step] = {
    "accept": Step(
        handling.AcceptReferral,
        N_("Accept the matter"),
        N_("Accept"),
        ("referral.accept",),
        says=N_("The petitioner is told path and procedure. The 60 days for the answer start today."),
    ),
    "decline": Step(
        handling.DeclineReferral,
        N_("Not accept the matter"),
        N_("Send the notice"),
        ("referral.not_accept",),
        (
            Field("ground", N_("Ground"), "radios", "Ground"),
            Field("explanation", N_("What the petitioner is told, and where to go instead"), "textarea"),
        ),
    ),
    "object": Step(
        handling.ObjectToReferral,
        N_("Object to the referral"),
        N_("Send the objection"),
        ("referral.object",),
        (
            Field("ground", N_("Ground"), "radios", "ObjectionGround"),
            Field("reason", N_("Reasons"), "textarea"),
        ),
        says=N_("Possible within 5 working days from receipt. The sender must agree."),
    ),
    "pass-on": Step(
        handling.PassOn,
        N_("Pass the matter on"),
        N_("Pass on"),
        ("matter.pass_on",),
        (
            Field("to", N_("To which office"), "select", "units"),
            Field("reason", N_("Reason"), "radios", "ReferralReason"),
            Field("report_back_by", N_("Report back by"), "date", hint=N_("Only for an assignment.")),
        ),
    ),
    "answer-objection": Step(
        handling.AnswerPassedOnObjection,
        N_("Answer the objection"),
        N_("Send the answer"),
        ("referral.answer_objection",),
        (Field("agreed", N_("Do you agree that it is not that office's business?"), "radios", "yes_no"),),
        hidden=("offer",),
    ),
    "opinion": Step(
        handling.GiveOpinion,
        N_("Handling opinion"),
        N_("Issue the opinion"),
        ("referral.opinion",),
        (
            Field("outcome", N_("Result"), "radios", "Outcome"),
            Field("findings", N_("Facts found, and the opinion on each point"), "textarea"),
            Field("legal_basis", N_("Legal basis")),
            Field("perform_by", N_("To be performed by"), "date", hint=N_("When something was promised.")),
        ),
        says=N_("The petitioner may ask the next office up for a review within 30 days of receiving it."),
    ),
    "serve": Step(
        handling.ServeOpinion,
        N_("Proof of service"),
        N_("Record the service"),
        ("referral.serve",),
        (
            Field("way", N_("How was it delivered?"), "radios", "ServiceWay"),
            Field("served_on", N_("On which day?"), "date"),
        ),
    ),
    "complete": Step(
        handling.CompleteReferral,
        N_("Completion report"),
        N_("Send the completion report"),
        ("referral.complete",),
        (
            Field("performed", N_("Has everything that was promised been done?"), "radios", "yes_no"),
            Field("report", N_("Result, what was done, and the petitioner's view"), "textarea"),
        ),
    ),
    "release": Step(
        handling.ReleaseReferral,
        N_("Give the matter back"),
        N_("Give back"),
        ("referral.release",),
        (Field("reason", N_("Reasons"), "textarea"),),
        says=N_("The office that sent it decides where it goes next."),
    ),
}

LETTER_STEPS: Mapping[str, Step] = {
    "repeat": Step(
        supervision.RepeatLetter,
        N_("Ask again"),
        N_("Send the demand again"),
        ("supervision.issue",),
        (Field("answer_by", N_("Answer by"), "date"),),
    ),
    "lift": Step(supervision.LiftLetter, N_("Lift the supervision"), N_("Lift"), ("supervision.lift",)),
    "answer": Step(
        supervision.AnswerLetter,
        N_("Answer the supervision letter"),
        N_("Send the answer"),
        ("supervision.answer",),
        (
            Field("answer", N_("What has been done?"), "radios", "Answer"),
            Field("text", N_("Explanation"), "textarea"),
        ),
    ),
}

COUNTY_CASE_STEPS: Mapping[str, Step] = {
    "letter": Step(
        supervision.IssueLetter,
        N_("Supervision letter"),
        N_("Send the letter"),
        ("supervision.issue",),
        (
            Field("to", N_("To which office"), "select", "units"),
            Field("trigger", N_("Reason"), "radios", "Trigger"),
            Field("demand", N_("What is demanded"), "textarea"),
            Field("answer_by", N_("Answer by"), "date"),
        ),
    ),
    "override": Step(
        handling.OverrideOffer,
        N_("Take the matter from an office that cannot answer"),
        N_("End the offer"),
        ("referral.override",),
        (Field("reason", N_("Reasons"), "textarea"),),
        says=N_("Only for an office that cannot answer any more. What it recorded afterwards is marked."),
        hidden=("offer", "came_by", "sender", "receiver"),
    ),
}

UNIT_STEPS: Mapping[str, Step] = {
    "rename": Step(
        directory.RenameUnit,
        N_("Rename the unit"),
        N_("Save"),
        ("directory.change",),
        (
            Field("name", N_("Name")),
            Field("name_en", N_("Name in English")),
            Field("code", N_("Code, 12 digits")),
        ),
    ),
    "rehost": Step(
        directory.RehostUnit,
        N_("Move the unit to another computer"),
        N_("Save"),
        ("directory.change",),
        (Field("node", N_("Computer (node)"), "select", "nodes"),),
    ),
    "contact": Step(
        directory.SetContact,
        N_("Office telephone"),
        N_("Save"),
        ("directory.change",),
        (Field("contact", N_("Telephone of the office")),),
    ),
    "close": Step(
        directory.CloseUnit,
        N_("Close the unit"),
        N_("Close the unit"),
        ("directory.change",),
        says=N_("It owes nothing from today on. Everything it did before stays."),
    ),
}

OPEN_UNIT = Step(
    directory.OpenUnit,
    N_("Add a village or community"),
    N_("Add"),
    ("directory.change",),
    (
        Field("code", N_("Code, 12 digits")),
        Field("name", N_("Name")),
        Field("name_en", N_("Name in English")),
        Field("kind", N_("Kind"), "radios", "UnitKind"),
        Field("parent", N_("Belongs to"), "select", "units"),
        Field("node", N_("Computer (node)"), "select", "nodes"),
        Field("contact", N_("Telephone of the office")),
    ),
)

EXCUSE = Step(
    reports.ExcuseUnit,
    N_("Excuse a unit from reporting"),
    N_("Excuse"),
    ("report.excuse",),
    (Field("reason", N_("Reason"), "radios", "ExcuseReason"),),
    hidden=("excused", "day"),
)

_NOT_INPUT = frozenset({"csrf", "idempotency_key"})


def order_of(kind: type[Order], typed: Typed, **known: Any) -> Order:
    """The order that a form makes; empty fields count as not given. Errors: ValidationError."""
    given = {
        name: value
        for name, value in typed.items()
        if name in kind.model_fields and name not in _NOT_INPUT and value not in ("", [])
    }
    listed = {name for name in given if "list" in str(kind.model_fields[name].annotation)}
    for name in listed:
        value = given[name]
        given[name] = [value] if isinstance(value, str) else value
    return kind.model_validate(given | known)
