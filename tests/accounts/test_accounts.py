"""What the office's administrator does with accounts, and what programs are given."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from shared.accounts import refusals
from shared.accounts.store import SETUP

from .conftest import NINE, OFFICE, OTHER_PASSWORD, PASSWORD

DAY = timedelta(days=1)
OTHER_OFFICE = UUID("00000000-0000-4000-8000-000000000002")


def create(office, **changed):
    asked = {
        "login": "officer",
        "name": "信息员",
        "unit": OTHER_OFFICE,
        "role": "information_officer",
    } | changed
    return office.accounts.create(**asked, by=office.administrator.id, at=NINE)


def test_given_no_password_when_an_account_is_made_then_a_temporary_one_is_shown_once(office):
    made = create(office)
    assert made.account.must_change_password
    assert office.sign_in(login="officer", password=made.temporary_password)


def test_given_the_same_unit_and_login_then_the_account_has_the_same_id_on_any_database(office):
    assert create(office).account.id == "a3a8f663-332a-507f-8f86-8872dcfa0ede"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"login": "CLERK"}, refusals.LoginTaken),
        ({"login": "a b"}, refusals.LoginMalformed),
        ({"login": "x"}, refusals.LoginMalformed),
        ({"name": " "}, refusals.NameMalformed),
        ({"name": "two\nlines"}, refusals.NameMalformed),
        ({"name": "\ud800"}, refusals.NameMalformed),
        ({"role": "emperor"}, refusals.UnknownRole),
        ({"password": "short"}, refusals.PasswordTooShort),
    ],
)
def test_given_something_impossible_when_an_account_is_made_then_it_is_refused(office, changed, refusal):
    with pytest.raises(refusal):
        create(office, **changed)
    assert len(office.accounts.list_accounts()) == 2


def test_given_a_rare_character_in_a_name_then_it_is_kept(office):
    assert create(office, name="𠅤村信息员").account.name == "𠅤村信息员"


def test_given_accounts_of_two_offices_when_listed_then_each_office_sees_its_own(office):
    create(office)
    assert [account.login for account in office.accounts.list_accounts()] == ["admin", "clerk", "officer"]
    assert [account.login for account in office.accounts.list_accounts([OTHER_OFFICE])] == ["officer"]
    assert office.accounts.list_accounts([]) == []


def test_given_a_login_in_any_case_when_it_is_looked_for_then_the_account_is_found(office):
    assert office.accounts.find("Clerk") == office.accounts.get(office.clerk.id)
    assert office.accounts.find("nobody") is None


@pytest.mark.parametrize("order", ["get", "disable", "enable", "reset_password", "change_role", "make_token"])
def test_given_an_unknown_account_when_something_is_to_change_then_it_is_refused(office, order):
    call = getattr(office.accounts, order)
    by = {"by": office.administrator.id, "at": NINE}
    with pytest.raises(refusals.NoSuchAccount):
        {
            "get": lambda: call("nobody"),
            "change_role": lambda: call("nobody", "director", **by),
            "make_token": lambda: call("nobody", "program", expires=NINE + DAY, at=NINE),
        }.get(order, lambda: call("nobody", **by))()
    assert office.accounts.changes("nobody") == []


def test_given_an_administrator_when_a_first_one_is_asked_for_again_then_it_is_refused(office):
    with pytest.raises(refusals.AdministratorExists):
        office.accounts.create_first_administrator("second", "管理员", OFFICE, at=NINE)


def test_given_the_last_administrator_when_it_is_to_go_then_nothing_changes(office):
    by = {"by": office.administrator.id, "at": NINE}
    with pytest.raises(refusals.LastAdministrator):
        office.accounts.disable(office.administrator.id, **by)
    with pytest.raises(refusals.LastAdministrator):
        office.accounts.change_role(office.administrator.id, "director", **by)
    assert office.accounts.get(office.administrator.id) == office.administrator
    assert office.sign_in(login="admin", password=OTHER_PASSWORD)


def test_given_a_second_administrator_when_the_first_goes_then_it_may(office):
    create(office, role="administrator")
    office.accounts.disable(office.administrator.id, by=office.administrator.id, at=NINE)
    with pytest.raises(refusals.AccountDisabled):
        office.sign_in(login="admin", password=OTHER_PASSWORD)


def test_given_changes_when_the_history_is_read_then_it_says_who_did_what_and_no_secret(office):
    by = {"by": office.administrator.id}
    office.accounts.change_role(office.clerk.id, "director", at=NINE + DAY, **by)
    made = office.accounts.reset_password(office.clerk.id, at=NINE + 2 * DAY, **by)
    history = office.accounts.changes(office.clerk.id)
    assert [(line.change, line.detail) for line in history] == [
        ("created", "petition_clerk"),
        ("role_changed", "director"),
        ("password_reset", ""),
    ]
    assert {line.by for line in history} == {office.administrator.id}
    assert office.accounts.changes(office.administrator.id)[0].by == SETUP
    assert made not in str(history)


def token(office, expires=NINE + 30 * DAY):
    return office.accounts.make_token(office.clerk.id, "monthly table", expires=expires, at=NINE)


def test_given_a_token_when_a_program_shows_it_then_it_has_the_rights_of_its_account(office):
    made = token(office)
    person = office.accounts.person_for_token(made.secret, at=NINE)
    assert (person.account, person.role, person.token) == (office.clerk.id, "petition_clerk", made.token.id)
    assert person.form_token is None


def test_given_a_token_when_it_is_used_then_its_last_use_is_seen(office):
    made = token(office)
    office.accounts.person_for_token(made.secret, at=NINE + DAY)
    assert [entry.last_used_at for entry in office.accounts.list_tokens(office.clerk.id)] == [NINE + DAY]


def test_given_an_expired_token_then_it_lets_nobody_in(office):
    assert office.accounts.person_for_token(token(office).secret, at=NINE + 30 * DAY) is None


@pytest.mark.parametrize("way", ["revoke_token", "revoke_all", "disable"])
def test_given_a_token_when_it_or_its_account_is_closed_then_it_lets_nobody_in(office, way):
    made = token(office)
    named = made.token.id if way == "revoke_token" else office.clerk.id
    getattr(office.accounts, way)(named, by=office.administrator.id, at=NINE)
    assert office.accounts.person_for_token(made.secret, at=NINE) is None


def test_given_a_session_cookie_and_a_token_then_neither_is_taken_for_the_other(office):
    assert office.accounts.person_for_token(office.sign_in().cookie_value, at=NINE) is None
    assert office.accounts.session_for(token(office).secret, at=NINE) is None


def test_given_a_last_day_in_the_past_when_a_token_is_made_then_it_is_refused(office):
    with pytest.raises(refusals.ExpiryInThePast):
        token(office, expires=NINE)


def test_given_a_last_day_that_is_far_away_when_a_token_is_made_then_it_is_refused(office):
    assert token(office, expires=NINE + 90 * DAY)
    with pytest.raises(refusals.ExpiryTooLate) as refused:
        token(office, expires=NINE + 91 * DAY)
    assert refused.value.facts == {"days": 90}


@pytest.mark.parametrize("way", ["password", "reset", "role"])
def test_given_a_token_when_the_password_or_role_changes_then_it_lets_nobody_in(office, way):
    made, by = token(office), {"by": office.administrator.id, "at": NINE}
    if way == "password":
        person = office.person(office.sign_in())
        office.accounts.change_password(
            person, current=PASSWORD, new=OTHER_PASSWORD, at=NINE, address="192.0.2.7"
        )
    elif way == "reset":
        office.accounts.reset_password(office.clerk.id, **by)
    else:
        office.accounts.change_role(office.clerk.id, "director", **by)
    assert office.accounts.person_for_token(made.secret, at=NINE) is None


def test_given_an_unknown_token_when_it_is_to_be_revoked_then_it_is_refused(office):
    with pytest.raises(refusals.NoSuchToken):
        office.accounts.revoke_token("nobody", by=office.administrator.id, at=NINE)


def test_given_a_moment_without_a_zone_then_it_is_never_stored(office):
    with pytest.raises(Exception, match="needs its time zone"):
        office.accounts.sign_in("clerk", PASSWORD, at=datetime(2026, 3, 26, 9, 0), address="192.0.2.7")
