"""Who is let in, who is not, and what a stranger can learn from the answer: nothing."""

import threading
from datetime import timedelta

import pytest

from shared.accounts.passwords import Passwords
from shared.accounts.refusals import AccountDisabled, SignInBusy, WrongPassword
from shared.accounts.store import Accounts

from .conftest import ADDRESS, NINE, OTHER_PASSWORD, PASSWORD


def fail(office, times, *, login="clerk", address=ADDRESS, at=NINE):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            office.accounts.sign_in(login, "not the password", at=at, address=address)


def test_given_the_right_password_when_signing_in_then_the_cookie_names_the_person(office):
    person = office.person(office.sign_in())
    assert (person.login, person.name, person.role) == ("clerk", "接待员", "petition_clerk")
    assert person.actor().unit == office.clerk.unit


def test_given_capitals_and_full_width_letters_when_signing_in_then_it_is_the_same_person(office):
    assert office.person(office.sign_in(login=" ＣＬＥＲＫ ", password="lantern by the well ７"))


@pytest.mark.parametrize("password", ["", "lantern by the well 8", "x" * 1_000_000, "\ud800" * 12, "\x00"])
def test_given_a_wrong_password_when_signing_in_then_it_is_refused(office, password):
    with pytest.raises(WrongPassword):
        office.sign_in(password=password)


@pytest.mark.parametrize("login", ["nobody", "", "\ud800\x00", "c" * 100_000])
def test_given_an_unknown_login_when_signing_in_then_the_same_work_is_done_and_the_same_is_said(
    office, login
):
    with pytest.raises(WrongPassword) as known:
        office.sign_in(password="not the password")
    with pytest.raises(WrongPassword) as unknown:
        office.sign_in(login=login, password="not the password")
    assert str(known.value) == str(unknown.value)
    real, dummy = office.passwords.verified
    assert real.split("$")[1:4] == dummy.split("$")[1:4]


def test_given_a_disabled_account_when_signing_in_then_only_its_owner_learns_it(office):
    office.accounts.disable(office.clerk.id, by=office.administrator.id, at=NINE)
    with pytest.raises(WrongPassword):
        office.sign_in(password="not the password")
    with pytest.raises(AccountDisabled):
        office.sign_in()


def test_given_a_whole_office_behind_one_address_when_all_sign_in_then_nobody_is_locked(office):
    for _ in range(40):
        office.sign_in()


def test_given_a_clock_that_was_set_back_when_signing_in_then_failures_of_the_future_do_not_lock(office):
    fail(office, 5, at=NINE + timedelta(days=1))
    assert office.sign_in()


def test_given_stronger_parameters_when_the_clerk_signs_in_then_the_kept_hash_is_renewed(office):
    stronger = Passwords(memory_kib=16, passes=1)
    Accounts(office.engine, passwords=stronger).sign_in("clerk", PASSWORD, at=NINE, address=ADDRESS)
    office.sign_in()
    assert "$m=16," in office.passwords.verified[-1]


class SlowPasswords(Passwords):
    """Real hashing behind a gate, to see how many are inside at once."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, passes=1, at_once=4)
        self.inside, self.most, self.gate, self.lock = 0, 0, threading.Barrier(4), threading.Lock()

    def _verify(self, kept: str, password: str) -> bool:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.gate.wait(10)
        right = super()._verify(kept, password)
        with self.lock:
            self.inside -= 1
        return right


def test_given_a_crowd_at_eight_o_clock_when_all_sign_in_then_only_four_are_checked_at_a_time():
    passwords = SlowPasswords()
    kept = passwords.hash(PASSWORD)
    crowd = [threading.Thread(target=passwords.matches, args=(kept, PASSWORD)) for _ in range(12)]
    for clerk in crowd:
        clerk.start()
    for clerk in crowd:
        clerk.join()
    assert passwords.most == 4


def test_given_no_turn_in_time_when_signing_in_then_it_is_said_instead_of_hanging(monkeypatch):
    monkeypatch.setattr("shared.accounts.passwords.PATIENCE", 0.0)
    nobody_gets_a_turn = Passwords(memory_kib=8, passes=1, at_once=0)
    with pytest.raises(SignInBusy):
        nobody_gets_a_turn.matches(None, OTHER_PASSWORD)


def test_given_the_products_own_parameters_then_they_are_those_that_owasp_names():
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
