"""What happens in a kept network after its rehearsed days, so that facts of every kind are there.

Each story is one or two matters, told by the orders of the offices. A later release adds its own stories at the end.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tests.journeys.orders import moment, petition, report
from tests.upgrade.county import (
    BUREAU,
    CIVIL_AFFAIRS,
    CLOSING_VILLAGE,
    COMMUNITY,
    FAR_TOWN,
    FAR_VILLAGE,
    LAND,
    LONE_VILLAGE,
    NEW_VILLAGE,
    NEXT_TOWN,
    NEXT_VILLAGE,
    NODE_OF,
    QUIET_VILLAGE,
    SECOND_LONE_VILLAGE,
    TOWN,
    VILLAGE,
    full_code,
)
from tests.upgrade.network import Network

DAY = date(2026, 3, 16)
"""The first day of the stories, a Monday, after the rehearsed days."""

ASKED_AT = moment(DAY + timedelta(days=28), 10)
"""When everybody is asked how things stand: some limits have passed by then, others run."""

OPINION = {"outcome": "supported", "findings": "现场查看属实。", "legal_basis": "《信访工作条例》第三十二条"}
OBJECTION = {"ground": "not_our_power", "reason": "不属本单位职权。"}

ERASED_NAME, OF_THE_ERASED = "贺新元", "请求补发耕地补贴"
"""A petitioner whose key is deleted, and what the matter is about, which stays readable."""


class Stories:
    """Offices of a running network, giving orders in turn."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._now = moment(DAY, 8)

    def clerk_of(self, unit: str) -> str:
        """The role of who does the daily work of an office."""
        return (
            "information_officer"
            if unit[3:] not in ("000", "001", "002") or unit == COMMUNITY
            else "petition_clerk"
        )

    def order(self, unit: str, name: str, role: str = "", /, **body: Any) -> dict[str, Any]:
        """An office gives an order, some minutes after the last one; then it arrives."""
        self._now += timedelta(minutes=7)
        person = self.network.person(unit, role or self.clerk_of(unit))
        answer = person.order(name, at=self._now, **body)
        self.network.settle()
        return answer

    def start(self) -> None:
        """The network works again after it was stopped."""
        self.network.run_in_one()
        self.network.settle()

    def administer(self, order: str, /, **body: Any) -> dict[str, Any]:
        """The county's administrator gives an order."""
        self._now += timedelta(minutes=7)
        answer = self.network.administrator("county").order(order, at=self._now, **body)
        self.network.settle()
        return answer

    def days_pass(self, days: int) -> None:
        """The next order comes so many days later."""
        self._now += timedelta(days=days)

    def today(self) -> date:
        """The day on which the story stands."""
        return self._now.date()

    def matter(self, unit: str, /, **changed: Any) -> str:
        """Somebody comes to an office with a matter."""
        body = petition(self.network.unit(unit), self.today(), **changed)
        return self.order(unit, "register-matter", **body)["case"]

    def refer(self, unit: str, to: str, case: str, /, **more: Any) -> str:
        """An office offers a matter to another; the offer."""
        body = {"case": case, "to": self.network.unit(to)} | more
        role = "director" if "report_back_by" in more else ""
        return self.order(unit, "refer-matter", role, **body)["facts"][-1]

    def hand(self, unit: str, case: str) -> str:
        """The referral of a matter that an office has in hand."""
        clerk = self.network.person(unit, self.clerk_of(unit))
        hands = clerk.ask(f"/api/matters/{case}", at=self._now)["hands"]
        return next(one["referral"] for one in reversed(hands) if one["unit"] == self.network.unit(unit))

    def at_hand(self, unit: str, name: str, case: str, role: str = "", /, **body: Any) -> dict[str, Any]:
        """An office takes a step with a matter that it has in hand."""
        return self.order(unit, name, role, referral=self.hand(unit, case), **body)

    def report(self, unit: str, **more: Any) -> dict[str, Any]:
        """An office reports its day as its register says it; what it sent."""
        on, clerk = self.today(), self.network.person(unit, self.clerk_of(unit))
        register = clerk.ask(f"/api/register/{self.network.unit(unit)}/{on}", at=self._now)
        new = len(register["numbers"])
        body = report(self.network.unit(unit), on, "daily" if new else "zero", new=new, **more)
        self.order(unit, "file-report", **body)
        return body


def tell(network: Network) -> datetime:
    """Tell all stories in a running network; the moment of the last one."""
    stories = Stories(network)
    for story in STORIES:
        story(stories)
    return stories._now


def a_registration_is_corrected_and_so_is_the_report(s: Stories) -> None:
    """A village mistypes a matter, which had come to another office before, and miscounts in its report."""
    before = {"earlier_unit": s.network.unit(TOWN), "earlier_on": DAY - timedelta(days=30)}
    case = s.matter(VILLAGE, place=s.network.unit(QUIET_VILLAGE), **before)
    s.order(VILLAGE, "classify-matter", case=case, matter_class="urban_rural", purpose="seeking_decision")
    right = petition(s.network.unit(VILLAGE), s.today(), channel="call")
    right.pop("unit")
    s.order(VILLAGE, "correct-matter", case=case, reason="来访误记为来电", **right)
    sent = s.report(VILLAGE, collective=1)
    s.order(VILLAGE, "correct-report", **sent | {"collective": 0})


def zero_silence_and_an_excuse(s: Stories) -> None:
    """One village has nothing, one asserts so before a matter comes, one is excused, one says nothing."""
    s.report(COMMUNITY)
    s.report(NEXT_VILLAGE)
    s.matter(NEXT_VILLAGE)
    excuse = {"excused": s.network.unit(FAR_VILLAGE), "day": s.today(), "reason": "power_or_network_down"}
    s.order(FAR_TOWN, "excuse-unit", "director", **excuse)


def a_matter_is_handled_to_its_end(s: Stories) -> None:
    """Village to township: accepted, opinion, served, completed."""
    case = s.matter(VILLAGE)
    s.refer(VILLAGE, TOWN, case)
    _finish(s, TOWN, case)


def objections_are_refused_and_agreed_to(s: Stories) -> None:
    """A township objects twice: once in vain, once not."""
    for agreed in (False, True):
        case = s.matter(VILLAGE)
        offer = s.refer(VILLAGE, TOWN, case)
        s.at_hand(TOWN, "object-to-referral", case, **OBJECTION)
        s.order(VILLAGE, "answer-objection", case=case, offer=offer, agreed=agreed)
        if agreed:
            s.order(VILLAGE, "keep-matter", case=case)


def a_matter_is_released(s: Stories) -> None:
    """A township gives a matter back, and the village takes it on."""
    case = s.matter(LONE_VILLAGE)
    s.refer(LONE_VILLAGE, NEXT_TOWN, case)
    s.at_hand(NEXT_TOWN, "release-referral", case, reason="邻近单位更便于办理")
    s.order(LONE_VILLAGE, "keep-matter", case=case)


def sideways_through_the_county(s: Stories) -> None:
    """To another township by way of the county: it objects, twice, and what it gives back goes to a department."""
    for agreed in (False, True):
        case = s.matter(NEXT_VILLAGE)
        s.refer(NEXT_VILLAGE, FAR_TOWN, case, reason="place_of_problem")
        passed = s.at_hand(BUREAU, "pass-on", case, reason="place_of_problem")["facts"][-1]
        s.at_hand(FAR_TOWN, "object-to-referral", case, **OBJECTION)
        s.at_hand(BUREAU, "answer-passed-on-objection", case, offer=passed, agreed=agreed)
        if agreed:
            s.at_hand(BUREAU, "pass-on", case, to=s.network.unit(CIVIL_AFFAIRS))
            _finish(s, CIVIL_AFFAIRS, case)


def what_was_passed_on_is_released(s: Stories) -> None:
    """A department gives back what the county had passed on to it."""
    case = s.matter(TOWN)
    s.refer(TOWN, BUREAU, case, reason="higher_power_needed")
    s.at_hand(BUREAU, "pass-on", case, to=s.network.unit(LAND))
    s.at_hand(LAND, "release-referral", case, reason="已由他处办理")


def a_petitioner_withdraws_what_was_passed_on(s: Stories) -> None:
    """The matter stops with everybody who had it in hand."""
    case = s.matter(FAR_VILLAGE)
    s.refer(FAR_VILLAGE, BUREAU, case)
    s.at_hand(BUREAU, "pass-on", case, to=s.network.unit(LAND))
    s.order(FAR_VILLAGE, "withdraw-matter", case=case, confirmed_by="signed_paper")


def the_county_overrides_an_offer(s: Stories) -> None:
    """A receiver does not answer; the county ends the offer, and the village is free."""
    case = s.matter(CLOSING_VILLAGE)
    offer = s.refer(CLOSING_VILLAGE, NEXT_TOWN, case)
    hands = {"sender": s.network.unit(CLOSING_VILLAGE), "receiver": s.network.unit(NEXT_TOWN)}
    reason = "该单位机房水淹，无法答复"
    s.order(BUREAU, "override-offer", "director", case=case, offer=offer, reason=reason, **hands)


def a_matter_is_not_accepted(s: Stories) -> None:
    """A township tells the petitioner where to go instead."""
    case = s.matter(QUIET_VILLAGE)
    s.refer(QUIET_VILLAGE, TOWN, case)
    way = {"ground": "statutory_procedure", "explanation": "请依法申请行政复议。"}
    s.at_hand(TOWN, "decline-referral", case, **way)


def one_matter_waits_at_each_stage(s: Stories) -> None:
    """Received, accepted, with an opinion, served, objected, and an assignment whose report is due."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept-referral", {}),
        ("give-opinion", OPINION),
        ("serve-opinion", {"way": "in_person", "served_on": s.today()}),
    ]
    for taken in range(len(steps) + 1):
        case = s.matter(LONE_VILLAGE)
        s.refer(LONE_VILLAGE, NEXT_TOWN, case)
        for name, body in steps[:taken]:
            s.at_hand(NEXT_TOWN, name, case, **body)
    objected = s.matter(SECOND_LONE_VILLAGE)
    s.refer(SECOND_LONE_VILLAGE, FAR_TOWN, objected)
    s.at_hand(FAR_TOWN, "object-to-referral", objected, **OBJECTION)
    assigned = s.matter(BUREAU, channel="letter", persons=12)
    s.refer(BUREAU, TOWN, assigned, report_back_by=s.today() + timedelta(days=15))
    s.at_hand(TOWN, "accept-referral", assigned)


def letters_of_supervision(s: Stories) -> None:
    """One is answered, repeated, answered again and lifted; one stays without an answer."""
    case = s.matter(SECOND_LONE_VILLAGE)
    s.order(SECOND_LONE_VILLAGE, "keep-matter", case=case)
    s.days_pass(2)
    s.order(BUREAU, "issue-letter", "supervisor", **_letter(s, TOWN, s.matter(TOWN), 3))
    sent = s.order(BUREAU, "issue-letter", "supervisor", **_letter(s, SECOND_LONE_VILLAGE, case, 5))
    letter = {"supervision": sent["supervision"]}
    s.order(SECOND_LONE_VILLAGE, "answer-letter", answer="under_way", text="正在办理。", **letter)
    again = s.today() + timedelta(days=9)
    s.order(BUREAU, "repeat-letter", "supervisor", answer_by=again, **letter)
    s.order(SECOND_LONE_VILLAGE, "answer-letter", answer="done", text="今日已告知。", **letter)
    s.order(BUREAU, "lift-letter", "supervisor", **letter)


def the_directory_changes(s: Stories) -> None:
    """A village is renamed, one gets a telephone, one opens, one moves to another computer, one closes."""
    unit = s.network.unit
    s.administer("rename-unit", unit=unit(QUIET_VILLAGE), name="净水村", code=full_code(QUIET_VILLAGE))
    s.administer("set-contact", unit=unit(VILLAGE), contact="0731-5550101")
    new = {"code": full_code(NEW_VILLAGE), "name": "云中村", "kind": "village", "parent": unit(FAR_TOWN)}
    s.administer("open-unit", node=NODE_OF[FAR_VILLAGE], **new)
    s.administer("rehost-unit", unit=unit(FAR_VILLAGE), node=NODE_OF[SECOND_LONE_VILLAGE])
    s.administer("close-unit", unit=unit(CLOSING_VILLAGE))


def the_next_day(s: Stories) -> None:
    """A day on which most report and some do not."""
    s.days_pass(1)
    for unit in (VILLAGE, TOWN, CIVIL_AFFAIRS, COMMUNITY, NEXT_TOWN):
        s.report(unit)


def a_village_goes_on_from_its_backup(s: Stories) -> None:
    """Its disk is lost: what it had written since the backup others hold, and its numbers are those of a new life."""
    node = NODE_OF[SECOND_LONE_VILLAGE]
    s.network.stop()
    backup = s.network.backup(node)
    s.start()
    s.refer(SECOND_LONE_VILLAGE, FAR_TOWN, s.matter(SECOND_LONE_VILLAGE))
    s.network.stop()
    backup.put_back()
    backup.discard()
    s.network.command("restore", "--name", node)
    s.start()
    s.refer(SECOND_LONE_VILLAGE, FAR_TOWN, s.matter(SECOND_LONE_VILLAGE))


def an_accusation_is_not_taken(s: Stories) -> None:
    """A village may neither register nor assess a matter as one; its next matter has the next number."""
    accused = petition(s.network.unit(NEXT_VILLAGE), s.today(), matter_class="discipline")
    clerk = s.network.person(NEXT_VILLAGE, s.clerk_of(NEXT_VILLAGE))
    refusals = [clerk.refused("register-matter", at=s._now, **accused)]
    case = s.matter(NEXT_VILLAGE)
    said = {"case": case, "matter_class": "discipline", "purpose": "seeking_decision"}
    refusals.append(clerk.refused("classify-matter", at=s._now, **said))
    assert {one.code for one in refusals} == {"accusation-not-taken"}


def a_person_is_erased(s: Stories) -> None:
    """The key of a petitioner is deleted everywhere; the matter stays with both offices that have it."""
    people = [{"role": "petitioner", "name": ERASED_NAME, "contact": "13900000000"}]
    case = s.matter(VILLAGE, petitioners=people, summary=OF_THE_ERASED)
    s.refer(VILLAGE, TOWN, case)
    s.at_hand(TOWN, "accept-referral", case)
    s.network.stop()
    s.network.destroy_key(f"{case}/person-1")
    s.start()


STORIES: tuple[Callable[[Stories], None], ...] = (
    a_registration_is_corrected_and_so_is_the_report,
    zero_silence_and_an_excuse,
    a_matter_is_handled_to_its_end,
    objections_are_refused_and_agreed_to,
    a_matter_is_released,
    sideways_through_the_county,
    what_was_passed_on_is_released,
    a_petitioner_withdraws_what_was_passed_on,
    the_county_overrides_an_offer,
    a_matter_is_not_accepted,
    one_matter_waits_at_each_stage,
    letters_of_supervision,
    the_directory_changes,
    the_next_day,
    a_village_goes_on_from_its_backup,
    an_accusation_is_not_taken,
    a_person_is_erased,
)


def _finish(s: Stories, unit: str, case: str) -> None:
    s.at_hand(unit, "accept-referral", case)
    s.at_hand(unit, "give-opinion", case, **OPINION)
    s.at_hand(unit, "serve-opinion", case, way="post", served_on=s.today())
    s.at_hand(unit, "complete-referral", case, performed=True, report="已办结。")


def _letter(s: Stories, to: str, case: str, days: int) -> dict[str, Any]:
    demand = {"trigger": "overdue", "demand": "请书面告知信访人受理情况"}
    return {"case": case, "to": s.network.unit(to), "answer_by": s.today() + timedelta(days=days)} | demand
