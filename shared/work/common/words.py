"""The words of the work, with their stored keys (domain reference, sections 3, 5 and 12)."""

from enum import StrEnum


class Tier(StrEnum):
    """The level of an office."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class UnitKind(StrEnum):
    """What a unit is."""

    COUNTY = "county"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    VILLAGE = "village"
    COMMUNITY = "community"


class Channel(StrEnum):
    """How a petition came in (2022 Regulations, article 17)."""

    LETTER = "letter"
    VISIT = "visit"
    CALL = "call"
    ONLINE = "online"
    FAX = "fax"


class Purpose(StrEnum):
    """What the petitioner wants, as printed in public statistics."""

    SEEKING_DECISION = "seeking_decision"
    SUGGESTION = "suggestion"
    OTHER = "other"


class MatterClass(StrEnum):
    """Content class, level 1; the names used in published petition statistics."""

    URBAN_RURAL = "urban_rural"
    PARTY_GOVERNMENT = "party_government"
    LAND = "land"
    ENVIRONMENT = "environment"
    DISCIPLINE = "discipline"
    TRANSPORT = "transport"
    ECONOMY = "economy"
    SCIENCE_IT = "science_it"
    CIVIL_AFFAIRS = "civil_affairs"
    RURAL_AGRICULTURE = "rural_agriculture"
    COMMERCE_TOURISM = "commerce_tourism"
    HEALTH = "health"
    POLITICAL_LEGAL = "political_legal"
    EDUCATION_CULTURE = "education_culture"
    LABOUR_SECURITY = "labour_security"


class PersonRole(StrEnum):
    """In what capacity a person stands in a petition."""

    PETITIONER = "petitioner"
    REPRESENTATIVE = "representative"
    AGENT = "agent"


class ReferralReason(StrEnum):
    """Why a matter goes to another office."""

    COMPETENT_BODY = "competent_body"
    PLACE_OF_PROBLEM = "place_of_problem"
    HIGHER_POWER_NEEDED = "higher_power_needed"
    OWN_MATTER = "own_matter"


class Ground(StrEnum):
    """Why a matter is not accepted (domain reference, 3.8)."""

    COURT_OR_CONGRESS = "court_or_congress"
    STATUTORY_PROCEDURE = "statutory_procedure"
    NOT_OUR_POWER = "not_our_power"
    DISCIPLINE_MATTER = "discipline_matter"
    PENDING_ELSEWHERE = "pending_elsewhere"
    RE_EXAMINED = "re_examined"
    REVIEW_TIME_LAPSED = "review_time_lapsed"


class ObjectionGround(StrEnum):
    """Why a receiving office says that a matter is not its business (article 23)."""

    NOT_OUR_POWER = "not_our_power"
    OTHER_PLACE = "other_place"
    ALREADY_HANDLED_ELSEWHERE = "already_handled_elsewhere"
    STATUTORY_PROCEDURE = "statutory_procedure"


class Outcome(StrEnum):
    """Result in a handling opinion (2022 Regulations, article 32)."""

    SUPPORTED = "supported"
    EXPLAINED = "explained"
    NOT_SUPPORTED = "not_supported"
    ADOPTED = "adopted"


class Ending(StrEnum):
    """How a matter ended at the office that registered it."""

    ANSWERED = "answered"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


class ServiceWay(StrEnum):
    """How an opinion reached the petitioner (proof of service)."""

    IN_PERSON = "in_person"
    POST = "post"
    ONLINE = "online"
    LEFT_WITH_WITNESS = "left_with_witness"


class ConfirmedBy(StrEnum):
    """The second contact that confirmed a withdrawal by the petitioner."""

    SECOND_CALL = "second_call"
    SECOND_VISIT = "second_visit"
    SIGNED_PAPER = "signed_paper"


class Trigger(StrEnum):
    """Why a supervision letter is issued (2005 Regulations 36, 2022 Regulations 40)."""

    OVERDUE = "overdue"
    NO_REPORT_BACK = "no_report_back"
    PROCEDURE_NOT_FOLLOWED = "procedure_not_followed"
    SHIRKING_OR_DELAY = "shirking_or_delay"
    OPINION_NOT_EXECUTED = "opinion_not_executed"
    OTHER = "other"


class Answer(StrEnum):
    """What the supervised office says of the demand."""

    DONE = "done"
    UNDER_WAY = "under_way"
    NOT_ADOPTED = "not_adopted"


class ReportKind(StrEnum):
    """A report of matters, or the statement that there is nothing new."""

    DAILY = "daily"
    ZERO = "zero"


class CheckedSource(StrEnum):
    """What was looked at before a report was signed."""

    RECEPTION_BOOK = "reception_book"
    PHONE = "phone"
    MAILBOX = "mailbox"
    ONLINE_BOX = "online_box"
    DISPUTE_WALK = "dispute_walk"


class ExcuseReason(StrEnum):
    """Why a unit owes no report for a day."""

    FLOOD_OR_DISASTER = "flood_or_disaster"
    POWER_OR_NETWORK_DOWN = "power_or_network_down"
    OFFICE_MOVING = "office_moving"
    MERGING = "merging"


class CorrectionReason(StrEnum):
    """Why a report that was sent is put right."""

    MATTER_LEFT_OUT = "matter_left_out"
    CHECKS_MISTAKEN = "checks_mistaken"
    DISPUTES_MISCOUNTED = "disputes_miscounted"
    ASKED_BY_SUPERIOR = "asked_by_superior"


class Quota(StrEnum):
    """Of what an account has a most in a day."""

    MATTERS = "matters"
    TEXT = "text"
    VERSIONS = "versions"
    FILES = "files"


class QuotaReason(StrEnum):
    """Why a quota was raised for a day."""

    MANY_CAME = "many_came"
    EARLIER_REGISTER = "earlier_register"
    PROGRAM = "program"
    REPORT_PUT_RIGHT = "report_put_right"
    ASKED_BY_SUPERIOR = "asked_by_superior"


class DayStatus(StrEnum):
    """What an expected unit's day looks like; silence is never zero, and a day that has not come is neither."""

    REPORTED = "reported"
    ZERO = "zero"
    EXCUSED = "excused"
    SILENT = "silent"
    NOT_YET = "not_yet"
