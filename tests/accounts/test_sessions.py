"""How long somebody stays in, and what ends it at once."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, inspect, select

from shared.accounts.account_base import Remembered, RememberedSessions
from shared.accounts.csrf import is_form_token
from shared.accounts.limits import Limits
from shared.accounts.people import Person
from shared.accounts.refusals import PasswordNotChanged, PasswordTooShort, WrongPassword
from shared.accounts.tables import METADATA, SESSIONS

from .conftest import ADDRESS, NINE, OFFICE, OTHER_PASSWORD, PASSWORD

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def last_seen(office):
    with office.engine.connect() as connection:
        return connection.scalar(select(SESSIONS.c.last_seen_at))


def test_given_an_idle_session_when_half_an_hour_has_passed_then_it_has_ended(office):
    grant = office.sign_in()
    assert office.person(grant, NINE + 30 * MINUTE - timedelta(seconds=1))
    later = NINE + 60 * MINUTE
    assert office.person(grant, later - timedelta(seconds=1)) is None


def test_given_a_session_in_use_when_twelve_hours_have_passed_then_it_has_ended_all_the_same(office):
    grant = office.sign_in()
    for step in range(1, 36):
        assert office.person(grant, NINE + 20 * step * MINUTE)
    assert office.person(grant, NINE + 12 * HOUR) is None


def test_given_a_reader_who_turns_pages_when_a_minute_has_not_passed_then_nothing_is_written(office):
    grant = office.sign_in()
    office.person(grant, NINE + timedelta(seconds=59))
    assert last_seen(office) == NINE
    office.person(grant, NINE + MINUTE)
    assert last_seen(office) == NINE + MINUTE


@contextmanager
def every_statement(told):
    """Hear of the statements of every pool."""
    event.listen(Engine, "before_cursor_execute", told)
    yield
    event.remove(Engine, "before_cursor_execute", told)


def test_given_a_request_then_the_look_up_is_one_statement_and_none_for_a_minute_after_it(office):
    grant, statements = office.sign_in(), []
    with every_statement(lambda *args: statements.append(args[2])):
        assert office.person(grant)
        assert len(statements) == 1
        assert office.person(grant, NINE + timedelta(seconds=59))
        assert len(statements) == 1
        office.person(grant, NINE + MINUTE)
    assert len(statements) > 1


def test_given_a_session_of_a_moment_ago_when_an_account_changes_then_everything_is_asked_again(office):
    grant = office.sign_in()
    assert office.person(grant).role == office.clerk.role
    assert office.accounts.remembered_session(grant.cookie_value, at=NINE)
    office.accounts.change_role(office.clerk.id, "director", by=office.administrator.id, at=NINE)
    assert office.accounts.remembered_session(grant.cookie_value, at=NINE) is None
    assert office.person(grant).role == "director"


def test_given_a_look_up_when_an_account_changes_before_it_is_done_then_it_is_not_remembered():
    person = Person("1", "clerk", "王秀英", OFFICE, "director", must_change_password=False)
    remembered = RememberedSessions(Limits())
    since = remembered.changes
    remembered.forget()
    remembered.keep("cookie", Remembered(person, NINE, NINE), since=since)
    assert remembered.find("cookie", NINE) is None
    remembered.keep("cookie", Remembered(person, NINE, NINE), since=remembered.changes)
    assert remembered.find("cookie", NINE) == person


def test_given_a_disk_that_takes_no_writing_when_a_page_is_read_then_it_is_still_shown(office):
    grant = office.sign_in()
    refuse_writing(office.engine)
    assert office.person(grant, NINE + 2 * MINUTE)
    assert last_seen(office) == NINE


def refuse_writing(engine):
    """Make every new connection of the database a reading one."""
    order = (
        "PRAGMA query_only = ON"
        if engine.dialect.name == "sqlite"
        else "SET default_transaction_read_only = on"
    )
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: _order(connection, order))


def _order(connection, order):
    cursor = connection.cursor()
    cursor.execute(order)
    cursor.close()
    connection.commit()


def test_given_a_signed_out_session_when_its_cookie_comes_again_then_it_lets_nobody_in(office):
    here, elsewhere = office.sign_in(), office.sign_in()
    office.accounts.sign_out(here.cookie_value, at=NINE)
    assert office.person(here) is None
    assert office.person(elsewhere)


def test_given_open_sessions_when_all_are_revoked_then_the_next_request_is_refused(office):
    grants = [office.sign_in(), office.sign_in()]
    office.accounts.revoke_all(office.clerk.id, by=office.administrator.id, at=NINE)
    assert [office.person(grant) for grant in grants] == [None, None]
    assert office.accounts.list_sessions(office.clerk.id, at=NINE) == []


def test_given_an_open_session_when_the_account_is_disabled_then_it_never_comes_back(office):
    grant = office.sign_in()
    office.accounts.disable(office.clerk.id, by=office.administrator.id, at=NINE)
    assert office.person(grant) is None
    office.accounts.enable(office.clerk.id, by=office.administrator.id, at=NINE)
    assert office.person(grant) is None
    assert office.person(office.sign_in())


def test_given_an_open_session_when_the_role_changes_then_the_next_request_has_the_new_one(office):
    grant = office.sign_in()
    office.accounts.change_role(office.clerk.id, "director", by=office.administrator.id, at=NINE)
    assert office.person(grant).role == "director"


@pytest.mark.parametrize("cookie", ["", "guess", "\ud800", "x" * 10_000])
def test_given_a_cookie_that_was_never_given_then_it_lets_nobody_in(office, cookie):
    assert office.accounts.session_for(cookie, at=NINE) is None


def test_given_the_table_of_sessions_when_it_is_read_then_it_opens_nothing(office):
    grant = office.sign_in()
    with office.engine.connect() as connection:
        row = connection.execute(select(SESSIONS)).one()
    assert grant.cookie_value not in map(str, row)
    assert office.accounts.session_for(row.id_sha256, at=NINE) is None


def test_given_a_session_then_its_forms_carry_its_own_token(office):
    mine, other = office.sign_in(), office.sign_in()
    assert is_form_token(office.person(mine).form_token, mine.csrf)
    assert not is_form_token(office.person(mine).form_token, other.csrf)


def test_given_several_sessions_when_they_are_listed_then_only_open_ones_are_named(office):
    office.sign_in(at=NINE - HOUR)
    grant = office.sign_in()
    listed = office.accounts.list_sessions(office.clerk.id, at=NINE)
    assert [session.id for session in listed] == [office.person(grant).session]


def test_given_old_sessions_when_signing_in_after_the_limit_then_they_are_cleared_away(office):
    office.sign_in()
    office.sign_in(at=NINE + 13 * HOUR)
    with office.engine.connect() as connection:
        assert len(connection.execute(select(SESSIONS)).all()) == 1


def test_given_a_new_password_of_ones_own_then_other_sessions_end_and_this_one_stays(office):
    here, elsewhere = office.sign_in(), office.sign_in()
    change(office, here, current=PASSWORD, new=OTHER_PASSWORD)
    assert office.person(here) and office.person(elsewhere) is None
    with pytest.raises(WrongPassword):
        office.sign_in()
    assert office.sign_in(password=OTHER_PASSWORD)


def test_given_a_password_change_when_the_present_one_is_wrong_then_nothing_changes(office):
    with pytest.raises(WrongPassword):
        change(office, office.sign_in(), current="not the password", new=OTHER_PASSWORD)
    assert office.sign_in()


@pytest.mark.parametrize(("new", "refusal"), [(PASSWORD, PasswordNotChanged), ("short", PasswordTooShort)])
def test_given_a_password_change_when_the_new_one_is_no_good_then_it_is_refused(office, new, refusal):
    with pytest.raises(refusal):
        change(office, office.sign_in(), current=PASSWORD, new=new)


def change(office, grant, *, current, new):
    office.accounts.change_password(office.person(grant), current=current, new=new, at=NINE, address=ADDRESS)


def test_given_a_reset_then_sessions_end_and_the_temporary_password_must_be_changed(office):
    grant = office.sign_in()
    made = office.accounts.reset_password(office.clerk.id, by=office.administrator.id, at=NINE)
    assert office.person(grant) is None
    with pytest.raises(WrongPassword):
        office.sign_in()
    again = office.sign_in(password=made, device=grant.device)
    assert office.person(again).must_change_password
    change(office, again, current=made, new=OTHER_PASSWORD)
    assert not office.person(again).must_change_password


def test_given_a_reset_between_check_and_entry_then_the_old_password_opens_no_session(office):
    verify = office.passwords._verify

    def verify_then_reset(kept, password):
        right = verify(kept, password)
        office.accounts.reset_password(office.clerk.id, by=office.administrator.id, at=NINE)
        return right

    office.passwords._verify = verify_then_reset
    with pytest.raises(WrongPassword):
        office.sign_in()
    assert office.accounts.list_sessions(office.clerk.id, at=NINE) == []


def test_given_a_node_with_a_schema_then_its_tables_are_there_and_nowhere_else(office):
    schemas = office.engine.get_execution_options().get("schema_translate_map", {None: None})
    assert set(METADATA.tables) <= set(inspect(office.engine).get_table_names(schema=schemas[None]))
    if schemas[None]:
        assert not set(METADATA.tables) & set(inspect(office.engine).get_table_names(schema="public"))
