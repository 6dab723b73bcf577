"""A guesser is slowed more and more; the clerk, whom he guesses at, is not kept out."""

from datetime import timedelta

import pytest

from shared.accounts.delays import Guesses, Slack
from shared.accounts.limits import Limits
from shared.accounts.rate import one_address
from shared.accounts.refusals import (
    ResetOnAnotherDevice,
    TemporaryPasswordEnded,
    TooManyAttempts,
    WrongPassword,
)
from shared.accounts.store import SETUP

from .conftest import ADDRESS, NINE, OTHER_PASSWORD, PASSWORD

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
STRANGER = "198.51.100.66"
LIMITS = Limits()


def sign_in(office, password=PASSWORD, *, login="clerk", at=NINE, address=ADDRESS, device=None):
    return office.accounts.sign_in(login, password, at=at, address=address, device=device)


def guess(office, times, *, login="clerk", address=ADDRESS, at=NINE, device=None):
    """Wrong passwords as often as the door lets somebody try; gives when the last was taken."""
    for _ in range(times):
        while True:
            try:
                sign_in(office, "not the password", login=login, at=at, address=address, device=device)
            except TooManyAttempts as refused:
                at += timedelta(seconds=refused.facts["seconds"])
            except WrongPassword:
                break
    return at


def test_given_ten_wrong_passwords_of_a_stranger_when_the_clerk_comes_then_the_clerk_gets_in(office):
    at = guess(office, 10, address=STRANGER)
    assert sign_in(office, at=at)


def test_given_a_stranger_at_the_clerk_s_own_address_when_the_clerk_s_device_is_known_then_it_gets_in(office):
    known = sign_in(office).device
    at = guess(office, 10)
    with pytest.raises(TooManyAttempts):
        sign_in(office, at=at)
    assert sign_in(office, at=at, device=known)


def test_given_guesses_from_everywhere_when_the_clerk_s_device_is_known_then_it_gets_in(office):
    known, at = sign_in(office).device, NINE
    for number in range(60):
        at = guess(office, 1, address=f"198.51.100.{number}", at=at)
    with pytest.raises(TooManyAttempts):
        sign_in(office, at=at, address="192.0.2.200")
    assert sign_in(office, at=at, device=known)


def test_given_one_address_that_tries_many_logins_then_it_waits_and_another_address_does_not(office):
    for number in range(30):
        guess(office, 1, login=f"guess{number}")
    with pytest.raises(TooManyAttempts):
        sign_in(office)
    assert sign_in(office, address="192.0.2.8")


def test_given_wrong_passwords_then_the_pauses_grow_and_a_locked_door_does_no_work(office):
    at, pauses = NINE, []
    for _ in range(15):
        before, checked = at, len(office.passwords.verified)
        at = guess(office, 1, at=at)
        pauses.append((at - before) / SECOND)
        assert len(office.passwords.verified) == checked + 1
    assert pauses == [0] * 5 + [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]


def test_given_an_unknown_login_when_it_is_guessed_at_then_it_waits_like_a_known_one(office):
    for login in ("nobody", "clerk"):
        guess(office, 5, login=login)
        with pytest.raises(TooManyAttempts) as refused:
            sign_in(office, login=login)
        assert refused.value.facts == {"seconds": 1}


def test_given_a_known_device_in_a_thief_s_hand_then_it_is_slowed_too_and_opens_no_other_account(office):
    stolen = sign_in(office).device
    at = guess(office, 5, device=stolen)
    with pytest.raises(TooManyAttempts):
        sign_in(office, at=at, device=stolen)
    guess(office, 5, login="admin", device=stolen, at=at)
    with pytest.raises(TooManyAttempts):
        sign_in(office, OTHER_PASSWORD, login="admin", at=at, device=stolen)


def test_given_a_secret_that_a_browser_made_up_then_it_is_not_kept_as_a_device(office):
    for made_up in ("x" * 43, "", "y" * 100_000):
        assert sign_in(office, device=made_up).device != made_up


def test_given_one_browser_for_two_people_then_it_is_known_to_both(office):
    shared = sign_in(office).device
    assert sign_in(office, OTHER_PASSWORD, login="admin", device=shared).device == shared
    at = guess(office, 10, login="admin")
    assert sign_in(office, OTHER_PASSWORD, login="admin", device=shared, at=at)


def test_given_a_device_that_was_not_used_for_long_then_it_is_a_stranger_s(office):
    old = sign_in(office).device
    later = NINE + LIMITS.device_known
    at = guess(office, 10, at=later)
    with pytest.raises(TooManyAttempts):
        sign_in(office, at=at, device=old)


def test_given_more_devices_than_are_remembered_then_the_one_of_longest_ago_is_forgotten(office):
    first = sign_in(office).device
    for number in range(LIMITS.devices_at_most):
        sign_in(office, at=NINE + (number + 1) * SECOND)
    at = guess(office, 10, at=NINE + HOUR)
    with pytest.raises(TooManyAttempts):
        sign_in(office, at=at, device=first)


def test_given_a_few_slips_when_the_right_password_comes_then_they_are_forgotten(office):
    guess(office, 4)
    sign_in(office)
    assert guess(office, 4) == NINE
    assert sign_in(office)


def test_given_guesses_of_an_hour_ago_then_they_count_no_more(office):
    at = guess(office, 10)
    assert sign_in(office, at=at + LIMITS.failures_within)


def reset(office, *, by=None, at=NINE):
    return office.accounts.reset_password(office.clerk.id, by=by or office.administrator.id, at=at)


def test_given_a_reset_when_the_administrator_tries_it_elsewhere_then_only_the_person_s_device_opens(office):
    known = sign_in(office).device
    made = reset(office)
    with pytest.raises(ResetOnAnotherDevice):
        sign_in(office, made, device=None)
    other = sign_in(office, OTHER_PASSWORD, login="admin").device
    with pytest.raises(ResetOnAnotherDevice):
        sign_in(office, made, device=other)
    person = office.person(sign_in(office, made, device=known))
    assert (person.reset_by, person.reset_at) == (office.administrator.id, NINE)


def test_given_a_reset_when_its_person_has_read_of_it_then_it_is_told_no_more(office):
    made = reset(office)
    grant = sign_in(office, made)
    office.accounts.has_read_of_reset(office.clerk.id)
    assert office.person(grant).reset_at is None


def test_given_an_account_that_no_device_knows_then_a_reset_opens_anywhere(office):
    assert sign_in(office, reset(office))


@pytest.mark.parametrize("way", ["ended", "machine"])
def test_given_lost_devices_then_somebody_else_s_order_lets_the_person_in_again(office, way):
    sign_in(office)
    if way == "ended":
        office.accounts.revoke_all(office.clerk.id, by=office.administrator.id, at=NINE)
    made = reset(office, by=SETUP if way == "machine" else None)
    assert sign_in(office, made)


def test_given_a_temporary_password_when_a_day_has_passed_then_it_opens_nothing(office):
    made = reset(office)
    with pytest.raises(TemporaryPasswordEnded):
        sign_in(office, made, at=NINE + LIMITS.temporary_password)
    assert sign_in(office, made, at=NINE + LIMITS.temporary_password - SECOND)


KEYS = (("a", Slack(2, 4 * SECOND)), ("b", Slack(5, HOUR)))


def test_given_guesses_of_strangers_in_memory_then_the_longest_pause_counts_and_right_ones_do_not():
    guesses = Guesses(within=MINUTE)
    assert [guesses.admit(KEYS, NINE) for _ in range(3)] == [0 * SECOND, 0 * SECOND, SECOND]
    assert guesses.admit(KEYS[1:], NINE) == 0 * SECOND
    guesses.was_right(KEYS)
    assert guesses.admit(KEYS, NINE) == 0 * SECOND
    assert guesses.admit(KEYS, NINE + MINUTE) == 0 * SECOND, "after a while they count no more"


def test_given_guesses_without_end_then_no_more_keys_are_held_than_may_be():
    guesses, slack = Guesses(within=HOUR, keys_at_most=2), Slack(1, HOUR)
    for key in ("a", "b", "c"):
        guesses.admit([(key, slack)], NINE)
    assert [bool(guesses.admit([(key, slack)], NINE)) for key in ("c", "b")] == [True, True]
    assert not guesses.admit([("a", slack)], NINE), "the one heard of longest ago was forgotten"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_an_address_is_counted_as_what_one_office_has(address, counted):
    assert one_address(address) == counted
