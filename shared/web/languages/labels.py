"""The words of the work as readers see them: stored key to English text, by kind.

A kind is the name of an enumeration in the work's words, one of `Role`, `Action` and `AccountChange`
(of the accounts), `RuleSet` (of the limits), or one of `Stage` (of a referral), `Kind` (what something is) and `Field` (what was
asked). To add a word: a line here, its translation in the
catalogue; a test fails for a word of the work that has no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shared.accounts.rights import SAYS
from shared.web.languages import Language, translate
from shared.work.common.sentences import N_

LABELS: dict[str, Mapping[str, str]] = {
    "Tier": {
        "county": N_("County"),
        "township": N_("Township"),
        "village": N_("Village"),
    },
    "UnitKind": {
        "county": N_("County"),
        "department": N_("Department"),
        "township": N_("Township"),
        "village": N_("Village committee"),
        "community": N_("Residents' committee"),
    },
    "RuleSet": {
        "R05": N_("Regulations on Letters and Visits, 2005"),
        "R22": N_("Regulations on Petition Work, 2022"),
    },
    "Channel": {
        "letter": N_("Letter"),
        "visit": N_("Visit in person"),
        "call": N_("Telephone call"),
        "online": N_("Online"),
        "fax": N_("Fax"),
    },
    "Purpose": {
        "seeking_decision": N_("Asks for a decision"),
        "suggestion": N_("Opinion or suggestion"),
        "other": N_("Other"),
    },
    "MatterClass": {
        "urban_rural": N_("Urban and rural development"),
        "party_government": N_("Party and government affairs"),
        "land": N_("Land and natural resources"),
        "environment": N_("Environmental protection"),
        "discipline": N_("Discipline inspection and supervision"),
        "transport": N_("Transport"),
        "economy": N_("Economic management"),
        "science_it": N_("Science, technology and information industry"),
        "civil_affairs": N_("Civil affairs"),
        "rural_agriculture": N_("Rural affairs and agriculture"),
        "commerce_tourism": N_("Commerce, trade and tourism"),
        "health": N_("Health and family planning"),
        "political_legal": N_("Courts, police and justice"),
        "education_culture": N_("Education, culture and sport"),
        "labour_security": N_("Labour and social security"),
    },
    "PersonRole": {
        "petitioner": N_("Petitioner"),
        "representative": N_("Elected representative"),
        "agent": N_("Agent"),
    },
    "ReferralReason": {
        "competent_body": N_("It is the competent office"),
        "place_of_problem": N_("The problem lies in its area"),
        "higher_power_needed": N_("It needs the power of a higher office"),
        "own_matter": N_("The office handles its own matter"),
    },
    "Ground": {
        "court_or_congress": N_("Business of a court, a procuratorate or a people's congress"),
        "statutory_procedure": N_("It belongs, or already is, in a procedure set by law"),
        "not_our_power": N_("Outside the power of this office"),
        "discipline_matter": N_("A matter for discipline inspection"),
        "pending_elsewhere": N_("Already being handled elsewhere"),
        "re_examined": N_("Re-examined already, with the same facts and reasons"),
        "review_time_lapsed": N_("The time for a review has passed without good reason"),
    },
    "ObjectionGround": {
        "not_our_power": N_("Outside the power of this office"),
        "other_place": N_("The problem lies in another area"),
        "already_handled_elsewhere": N_("Another office already handles it"),
        "statutory_procedure": N_("It belongs, or already is, in a procedure set by law"),
    },
    "Outcome": {
        "supported": N_("Supported"),
        "explained": N_("Reasonable, but no legal basis: explained"),
        "not_supported": N_("Not supported"),
        "adopted": N_("Suggestion adopted"),
    },
    "Ending": {
        "answered": N_("Answered"),
        "not_accepted": N_("Not accepted"),
        "withdrawn": N_("Withdrawn"),
    },
    "ServiceWay": {
        "in_person": N_("Handed over in person"),
        "post": N_("By post"),
        "online": N_("Sent online"),
        "left_with_witness": N_("Left there before a witness"),
    },
    "ConfirmedBy": {
        "second_call": N_("A second call"),
        "second_visit": N_("A second visit"),
        "signed_paper": N_("A signed paper"),
    },
    "Trigger": {
        "overdue": N_("Overdue"),
        "no_report_back": N_("No report back"),
        "procedure_not_followed": N_("Procedure not followed"),
        "shirking_or_delay": N_("Shirking or delay"),
        "opinion_not_executed": N_("The opinion is not carried out"),
        "other": N_("Other"),
    },
    "Answer": {
        "done": N_("Done"),
        "under_way": N_("Under way"),
        "not_adopted": N_("Not adopted, with reasons"),
    },
    "ReportKind": {
        "daily": N_("Daily report"),
        "zero": N_("Zero report"),
    },
    "CheckedSource": {
        "reception_book": N_("Reception book"),
        "phone": N_("Phone"),
        "mailbox": N_("Mailbox"),
        "online_box": N_("Online box"),
        "dispute_walk": N_("Walk to look for disputes"),
    },
    "ExcuseReason": {
        "flood_or_disaster": N_("Flood or other disaster"),
        "power_or_network_down": N_("Power or network down"),
        "office_moving": N_("The office is moving"),
        "merging": N_("The unit is being merged"),
    },
    "DayStatus": {
        "reported": N_("Reported"),
        "zero": N_("Zero report"),
        "excused": N_("Excused"),
        "silent": N_("Silent"),
        "not_yet": N_("Not yet"),
    },
    "CorrectionReason": {
        "matter_left_out": N_("A matter was left out"),
        "checks_mistaken": N_("What was checked was ticked wrongly"),
        "disputes_miscounted": N_("Disputes were miscounted"),
        "asked_by_superior": N_("The office above asked about it"),
    },
    "Quota": {
        "matters": N_("Matters registered in a day"),
        "text": N_("Text entered in a day, in kilobytes"),
        "versions": N_("Versions of one report"),
        "files": N_("Files downloaded in a day"),
    },
    "QuotaReason": {
        "many_came": N_("Many people came on one day"),
        "earlier_register": N_("An earlier register is being entered"),
        "program": N_("A program enters or fetches for the office"),
        "report_put_right": N_("A report is being put right"),
        "asked_by_superior": N_("The office above asked about it"),
    },
    "Role": {
        "information_officer": N_("Information officer"),
        "petition_clerk": N_("Petition clerk"),
        "director": N_("Director"),
        "supervisor": N_("Supervisor"),
        "administrator": N_("Administrator"),
    },
    "Action": SAYS,
    "AccountChange": {
        "created": N_("Account made"),
        "disabled": N_("Account disabled"),
        "enabled": N_("Account enabled"),
        "role_changed": N_("Role changed"),
        "password_changed": N_("Password changed"),
        "password_reset": N_("Password reset"),
        "token_made": N_("Token made"),
        "token_revoked": N_("Token revoked"),
        "all_revoked": N_("All sessions and tokens ended"),
    },
    "MatterState": {
        "registered": N_("Registered"),
        "classified": N_("Assessed"),
        "offered": N_("Referred, not yet received"),
        "received": N_("Received"),
        "objected": N_("Objected"),
        "passed_on": N_("Passed on, not yet received"),
        "accepted": N_("Accepted"),
        "opinion_given": N_("Opinion issued"),
        "served": N_("Opinion served"),
        "closing": N_("Being closed"),
        "answered": N_("Answered"),
        "not_accepted": N_("Not accepted"),
        "withdrawn": N_("Withdrawn"),
    },
    "LetterState": {
        "open": N_("Open"),
        "answered": N_("Answered"),
        "lifted": N_("Lifted"),
    },
    "Limit": {
        "route": N_("Register and route"),
        "notice": N_("Tell the petitioner"),
        "objection": N_("Object to the referral"),
        "objection_answer": N_("Answer the objection"),
        "handling": N_("Give the opinion"),
    },
    "ParkedReason": {
        "unreadable": N_("A message that cannot be read"),
        "unknown-fact": N_("A fact of a kind or version that this release does not know"),
        "behind-parked": N_("A fact that waits behind an earlier parked one"),
        "wrong-hash": N_("A fact that does not continue its sender's chain"),
        "forged": N_("A fact that its named sender did not sign"),
        "unauthorised": N_("A fact from a computer that may not write there"),
        "revoked": N_("A fact from a computer of which nothing is taken any more"),
        "two-facts": N_("A second fact in the place of one that is held"),
        "id-of-another": N_("A fact under the id of another one"),
        "not-theirs": N_("A fact that is not for its sender's offices to say"),
        "waits-for-evidence": N_("A fact that waits for what it rests on"),
        "handler-failed": N_("A fact that this release failed to take in"),
    },
    "ParkedAdvice": {
        "unreadable": N_(
            "Nothing needs to be done for the work. Tell the administrator of the broker who else can write there,"
            " then discard the message."
        ),
        "unknown-fact": N_(
            "Update this computer to the newest release and restart it; the fact is then taken in by itself."
        ),
        "behind-parked": N_("Nothing: it is taken in as soon as the one before it is taken in or discarded."),
        "wrong-hash": N_(
            "The right one is asked for by itself. If this comes again, check the sending computer with huiyin verify."
            " Discard it when the right one is here."
        ),
        "forged": N_(
            "It was not taken. Somebody else wrote in that office's name: tell the administrator of the broker,"
            " keep a print of this page, then discard it."
        ),
        "unauthorised": N_(
            "If that computer is new here, try again when the directory has arrived."
            " Otherwise check its rights at the broker, then discard the message."
        ),
        "revoked": N_(
            "Nothing, if that computer left the network. If an office is still kept there, give it another computer."
        ),
        "two-facts": N_(
            "The first one stays, and nothing more of that route is taken. Speak with that office: its computer was put"
            " back to an older state, or its key is in wrong hands. Restore the computer, or take nothing of it any more."
        ),
        "id-of-another": N_(
            "It was not taken, and nothing more of that route is. Speak with that office: its computer or its key may be"
            " in wrong hands. The county can take nothing of it any more."
        ),
        "not-theirs": N_(
            "It was not taken, and the offices above were told. Speak with that office: its computer or its key may be"
            " in wrong hands. Keep a print of this page, then discard it."
        ),
        "waits-for-evidence": N_(
            "Nothing: what it rests on was asked for, and it is taken in as soon as that is here."
        ),
        "handler-failed": N_(
            "Try again; if it fails again, update this computer to the newest release and restart it,"
            " and send a print of this page to whoever maintains the release."
        ),
    },
    "AlarmCode": {
        "not-theirs": N_("A computer said what is not for its offices to say"),
        "two-facts": N_("A computer signed two different things in one place"),
        "id-of-another": N_("A computer signed a fact under the id of another one"),
    },
    "LogAlarm": {
        "rolled-back": N_("A log is shorter than it was"),
        "forked": N_("A log has another past than it had"),
        "other-facts": N_("A log was signed that is not what was sent"),
    },
    "LogAlarmAdvice": {
        "rolled-back": N_(
            "An old copy of the database was put back, or its end was cut off. Stop that computer, keep a copy of its "
            "folder, and restore it as the documentation says; check it with huiyin verify."
        ),
        "forked": N_(
            "Facts that other offices signed for were changed. Stop that computer, keep a copy of its folder, and find "
            "the first other fact with huiyin verify."
        ),
        "other-facts": N_(
            "That computer signed other facts than it sent. Keep copies of both folders, and find the first other fact "
            "with huiyin verify on each."
        ),
    },
    "Stage": {
        "received": N_("Received"),
        "accepted": N_("Accepted"),
        "not_accepted": N_("Not accepted"),
        "objected": N_("Objected to"),
        "returned": N_("Taken back by the sender"),
        "passed_on": N_("Passed on"),
        "opinion_given": N_("Opinion given"),
        "served": N_("Opinion served"),
        "completed": N_("Completed"),
        "released": N_("Released"),
        "withdrawn": N_("Withdrawn"),
        "overridden": N_("Reassigned by the county"),
    },
    "Kind": {
        "Case": N_("Matter"),
        "Referral": N_("Referral"),
        "Supervision": N_("Supervision letter"),
        "ReportingDay": N_("Report"),
        "Directory": N_("Directory"),
        "Unit": N_("Unit"),
    },
    "Field": {
        "summary": N_("Summary"),
        "request": N_("Request"),
        "account": N_("Facts"),
        "name": N_("Name"),
        "contact": N_("Contact"),
        "reason": N_("Reason"),
        "text": N_("Text"),
        "note": N_("Note"),
        "late_because": N_("Why so late"),
    },
}


def learn_words(kind: str, words: Mapping[str, str]) -> None:
    """Take a subject's own words for keys of a kind; they are added to those that are there."""
    LABELS[kind] = {**LABELS.get(kind, {}), **words}


def fact_words(language: Language, name: str) -> str:
    """The words for a fact's stored name; the name itself for one that this release does not know."""
    words = LABELS.get("Fact", {})
    return translate(language).gettext(words[name]) if name in words else name


def label(language: Language, key: str, kind: str = "") -> str:
    """The word for a stored key: of an enumeration of the work's member, or of a key of `kind`.

    KeyError for a word that has no label, so that no raw key reaches a page.
    """
    named = kind or type(key).__name__
    return translate(language).gettext(LABELS[named][str(key)])


def choices(language: Language, kind: str | type[StrEnum]) -> list[tuple[str, str]]:
    """All words of a kind as (key, text), in their order: what radios and selects offer."""
    named = kind if isinstance(kind, str) else kind.__name__
    return [(key, translate(language).gettext(text)) for key, text in LABELS[named].items()]
