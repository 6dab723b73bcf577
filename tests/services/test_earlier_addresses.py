"""Programs that were written for an earlier release go on giving their orders."""

from shared.work.catalogue import ORDERS
from tests.services.asking import EARLIER
from tests.services.network import VILLAGE, Stage, petition

OF_0_1_0 = [
    "accept-referral",
    "answer-letter",
    "answer-objection",
    "answer-passed-on-objection",
    "classify-matter",
    "close-unit",
    "complete-referral",
    "correct-matter",
    "correct-report",
    "decline-referral",
    "excuse-unit",
    "file-report",
    "give-opinion",
    "issue-letter",
    "keep-matter",
    "lift-letter",
    "object-to-referral",
    "open-unit",
    "override-offer",
    "pass-on",
    "refer-matter",
    "register-matter",
    "rehost-unit",
    "release-referral",
    "rename-unit",
    "repeat-letter",
    "serve-opinion",
    "set-contact",
    "withdraw-matter",
]
"""The addresses below `/api/orders/` that release 0.1.0 took."""


def test_every_address_of_an_earlier_release_leads_to_an_order():
    assert {EARLIER.get(name, name) for name in OF_0_1_0} <= ORDERS.keys()


def test_an_earlier_address_is_never_given_to_another_order():
    assert not EARLIER.keys() & ORDERS.keys()


def test_an_order_given_at_its_earlier_address_is_the_same_order(stage: Stage) -> None:
    # Given a registered matter
    clerk = stage.person(VILLAGE)
    case = clerk.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))["case"]
    body = {"case": case, "matter_class": "urban_rural", "purpose": "seeking_decision"}
    # When a program gives an order at the address of an earlier release, and again at today's under the same key
    first = clerk.order("classify-matter", body, key="assessed once")
    again = clerk.order("assess-matter", body, key="assessed once")
    # Then it is done once and answered alike
    assert (first.status_code, first.json()["version"]) == (201, 2)
    assert again.json() == first.json()
