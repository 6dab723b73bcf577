"""A day of reports on a running network: reported, zero, excused, silent, late, corrected, contradicted."""

from datetime import date, timedelta
from typing import Any

from tests.journeys.county import (
    BUREAU,
    COMMUNITY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    OWN_NODE_VILLAGE,
    TOWN,
    VILLAGE,
)
from tests.journeys.network import Network
from tests.journeys.orders import moment, petition, report


def send(network: Network, unit: str, day: date, hour: int, kind: str = "zero", **figures: Any) -> None:
    """A unit's report of a day."""
    role = "petition_clerk" if unit in (TOWN, OTHER_TOWN) else "information_officer"
    clerk = network.person(unit, role)
    clerk.order("file-report", at=moment(day, hour), **report(network.unit(unit), day, kind, **figures))


def register(network: Network, unit: str, day: date, hour: int, **changed: Any) -> dict[str, Any]:
    """A matter that came in at a unit."""
    clerk = network.person(unit, "information_officer")
    return clerk.order(
        "register-matter", at=moment(day, hour), **petition(network.unit(unit), day, **changed)
    )


def nothing_left(network: Network, unit: str, day: date) -> None:
    """The unit's report of the day before speaks of every matter that it had registered so far."""
    send(network, unit, day - timedelta(days=1), 15, "daily")


def sheet_of(network: Network, day: date, **asked: Any) -> dict[str, Any]:
    """The county's sheet of a day with its lines by unit."""
    county = network.person(BUREAU, "petition_clerk")
    sheet = county.ask("/api/sheet", at=moment(day, 23), day=day, **asked)
    return sheet | {"lines": {line["unit"]: line for line in sheet["lines"]}}


def test_reported_zero_excused_and_silent_are_four_words_and_add_up_to_what_was_expected(
    network: Network, day: date
):
    # Given a day on which one village reports a matter and one a zero, one is excused, and one says nothing
    nothing_left(network, VILLAGE, day)
    register(network, COMMUNITY, day, 9)
    send(network, COMMUNITY, day, 15, "daily", new=1)
    send(network, VILLAGE, day, 15)
    director = network.person(OTHER_TOWN, "director")
    excuse = {"excused": network.unit(OTHER_VILLAGE), "day": day, "reason": "power_or_network_down"}
    director.order("excuse-unit", at=moment(day, 15), **excuse)
    send(network, TOWN, day, 16)
    send(network, OTHER_TOWN, day, 18)
    # When the facts have reached the county
    network.settle()
    sheet = sheet_of(network, day)
    # Then its sheet has each village under its own word, and the words add up
    words = {
        unit: sheet["lines"][str(network.unit(unit))]["status"]
        for unit in (COMMUNITY, VILLAGE, OTHER_VILLAGE, OWN_NODE_VILLAGE)
    }
    assert words == {
        COMMUNITY: "reported",
        VILLAGE: "zero",
        OTHER_VILLAGE: "excused",
        OWN_NODE_VILLAGE: "silent",
    }
    counted = sum(sheet[word] for word in ("reported", "zero", "excused", "silent"))
    assert counted == sheet["expected"] == len(sheet["lines"])
    # And the township whose report came after its hour is late, the one before it is not
    late = {unit: sheet["lines"][str(network.unit(unit))]["minutes_late"] for unit in (TOWN, OTHER_TOWN)}
    assert late == {TOWN: 0, OTHER_TOWN: 60}
    # And the township's own sheet says the same of its villages
    below = network.person(OTHER_TOWN, "petition_clerk").ask("/api/sheet", at=moment(day, 23), day=day)
    assert {line["status"] for line in below["lines"]} == {"excused", "silent"}


def test_a_correction_is_a_new_version_and_the_first_one_decides_whether_it_was_on_time(
    network: Network, day: date
):
    # Given a zero that was sent in time
    nothing_left(network, VILLAGE, day)
    send(network, VILLAGE, day, 15)
    network.settle()
    before = moment(day, 20)
    # When it is corrected late in the evening, because a matter had been forgotten
    register(network, VILLAGE, day, 21)
    clerk = network.person(VILLAGE, "information_officer")
    corrected = report(network.unit(VILLAGE), day, "daily", new=1, reason="matter_left_out")
    clerk.order("correct-report", at=moment(day, 22), **corrected)
    network.settle()
    # Then the county sees the new version, on time, with one correction
    line = sheet_of(network, day)["lines"][str(network.unit(VILLAGE))]
    assert (line["status"], line["corrections"], line["minutes_late"]) == ("reported", 1, 0)
    # And as known before, it was a zero
    known = sheet_of(network, day, as_of=before.isoformat())["lines"][str(network.unit(VILLAGE))]
    assert (known["status"], known["corrections"]) == ("zero", 0)


def test_a_zero_against_the_own_register_is_refused_and_names_the_matter(network: Network, day: date):
    # Given a village with a matter of the day
    matter = register(network, VILLAGE, day, 9)
    # When it says zero
    clerk = network.person(VILLAGE, "information_officer")
    refusal = clerk.refused("file-report", at=moment(day, 15), **report(network.unit(VILLAGE), day))
    # Then that is refused with the matter's number
    assert (refusal.status, refusal.code) == (409, "zero-contradicts-register")
    assert matter["number"] in refusal.problem["title"]


def test_what_a_petitioner_says_of_the_day_itself_is_a_question_and_of_a_silent_day_before_denies_the_zero(
    network: Network, day: date
):
    # Given a village that was silent on one day and said zero on the next
    nothing_left(network, VILLAGE, day - timedelta(days=1))
    send(network, VILLAGE, day, 15)
    # When petitioners tell the community beside it that they had been there on each of the two days
    numbers = [
        register(
            network,
            COMMUNITY,
            day + timedelta(days=1),
            9,
            earlier_unit=network.unit(VILLAGE),
            earlier_on=day - timedelta(days=back),
        )["number"]
        for back in (1, 0)
    ]
    network.settle()
    # Then the county shows the first against the zero, and the other as a question to the village
    county = network.person(BUREAU, "petition_clerk")
    sheet = county.ask("/api/sheet", at=moment(day + timedelta(days=1), 10), day=day)
    (line,) = (one for one in sheet["lines"] if one["unit"] == str(network.unit(VILLAGE)))
    assert (line["contradicted_by"], line["asked_about"]) == tuple(numbers)
    assert (sheet["contradicted"], sheet["questions"]) == (1, 1)


def test_a_matter_that_was_hidden_from_a_zero_denies_it_and_one_that_came_after_it_does_not(
    network: Network, day: date
):
    # Given a zero of three o'clock
    nothing_left(network, VILLAGE, day)
    send(network, VILLAGE, day, 15)
    # When two matters are registered in the evening, one of which had come in the morning
    register(network, VILLAGE, day, 18, received_time="17:30")
    hidden = register(network, VILLAGE, day, 19, received_time="09:10")["number"]
    network.settle()
    # Then that one alone denies the zero, and the next report speaks of both
    line = sheet_of(network, day)["lines"][str(network.unit(VILLAGE))]
    assert (line["contradicted_by"], line["asked_about"]) == (hidden, "")
    send(network, VILLAGE, day + timedelta(days=1), 15, "daily", new=2)


def test_a_silent_village_shows_when_it_was_last_heard(network: Network, day: date):
    # Given a village that was heard on the day before
    send(network, OTHER_VILLAGE, day, 15)
    network.settle()
    # When it says nothing on the next day
    sheet = network.person(BUREAU, "petition_clerk").ask(
        "/api/sheet", at=moment(day + timedelta(days=1), 20), day=day + timedelta(days=1)
    )
    # Then it is silent, and the sheet says since when
    line = next(line for line in sheet["lines"] if line["unit"] == str(network.unit(OTHER_VILLAGE)))
    assert line["status"] == "silent"
    assert line["last_heard"].startswith(f"{day}T07:00")
