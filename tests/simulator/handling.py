"""Who has a matter in hand, as all logs together say it."""

from collections import defaultdict
from uuid import UUID

from tests.simulator.ledger import HandSeen, Ledger

IN_HAND = ("received", "accepted", "opinion_given", "served")
"""Stages in which an office has the matter; one that objected or passed it on only waits for an answer."""


def active_hands(ledger: Ledger) -> dict[UUID, list[HandSeen]]:
    """Per matter the hands that have it; more than one is a violation.

    What an office does after the county took the matter from it, or from an office before it, does
    not count: it has not heard of that yet, and its facts are marked.
    """
    found: dict[UUID, list[HandSeen]] = defaultdict(list)
    for hand in ledger.hands.values():
        if hand.stage in IN_HAND and not _is_cut_off(ledger, hand.offer):
            found[hand.case].append(hand)
    return found


def _is_cut_off(ledger: Ledger, offer: UUID | None) -> bool:
    """Whether an offer, or one before it in its chain of hands, was overridden; none was that is gone with a disk."""
    while offer is not None and (offer in ledger.offers or not ledger.is_gone(offer)):
        if ledger.offers[offer].overridden:
            return True
        offer = ledger.offers[offer].came_by
    return False
