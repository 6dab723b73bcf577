"""What a fact is called on a page."""

from shared.web.languages import N_, Language, translate

_WORDS = {
    "case.registered": N_("Registered"),
    "case.corrected": N_("Registration corrected"),
    "case.classified": N_("Assessed"),
    "case.referred": N_("Referred to an office"),
    "case.objection_arrived": N_("The objection arrived"),
    "case.return_agreed": N_("Objection agreed to; the matter came back"),
    "case.return_refused": N_("Objection not agreed to"),
    "case.offer_ended": N_("The referral ended; the matter came back"),
    "case.withdrawn": N_("Withdrawn by the petitioner"),
    "case.concluded": N_("Concluded"),
    "referral.received": N_("Received"),
    "referral.accepted": N_("Accepted; the petitioner was told path and procedure"),
    "referral.not_accepted": N_("Not accepted"),
    "referral.objected": N_("Objected to the referral"),
    "referral.objection_answered": N_("The answer to the objection arrived"),
    "referral.passed_on": N_("Passed on to another office"),
    "referral.objection_arrived": N_("The objection arrived"),
    "referral.return_agreed": N_("Objection agreed to; the matter came back"),
    "referral.return_refused": N_("Objection not agreed to"),
    "referral.offer_ended": N_("The referral ended; the matter came back"),
    "referral.opinion_given": N_("Handling opinion issued"),
    "referral.served": N_("Opinion served on the petitioner"),
    "referral.completed": N_("Completion report filed"),
    "referral.reported_back": N_("The result was passed back"),
    "referral.released": N_("Given back to the sender"),
    "referral.stopped": N_("Handling stopped"),
    "override.ordered": N_("The county took the matter from an office that could not answer"),
    "supervision.issued": N_("Supervision letter issued"),
    "supervision.repeated": N_("Supervision demand repeated"),
    "supervision.lifted": N_("Supervision lifted"),
    "supervision_answer.given": N_("Supervision letter answered"),
    "supervision_answer.given_again": N_("Supervision letter answered again"),
    "report.filed": N_("Daily report"),
    "report.corrected": N_("Daily report corrected"),
    "excuse.granted": N_("Excused from reporting"),
}


def fact_words(language: Language, name: str) -> str:
    """The words for a fact's stored name; the name itself for one that this release does not know."""
    return translate(language).gettext(_WORDS[name]) if name in _WORDS else name
