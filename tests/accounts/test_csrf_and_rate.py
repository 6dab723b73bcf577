"""What is asked of a request before anything else."""

from datetime import timedelta

import pytest

from shared.accounts.csrf import came_from_here, form_token, is_form_token
from shared.accounts.rate import MovingWindow

from .conftest import NINE

HOST = "county.example:8443"


@pytest.mark.parametrize(
    ("sec_fetch_site", "origin", "ours"),
    [
        ("same-origin", None, True),
        ("none", None, True),
        ("same-site", None, False),
        ("cross-site", f"https://{HOST}", False),
        ("", None, False),
        (None, f"https://{HOST}", True),
        (None, f"http://{HOST.upper()}", True),
        (None, "https://county.example", False),
        (None, "https://elsewhere.example", False),
        (None, "null", False),
        (None, "", False),
        (None, "http://[broken", False),
        (None, None, True),
    ],
)
def test_a_request_from_another_site_is_known(sec_fetch_site, origin, ours):
    assert came_from_here(sec_fetch_site=sec_fetch_site, origin=origin, host=HOST) is ours


def test_a_form_token_belongs_to_one_session_and_does_not_show_its_secret():
    token = form_token("a" * 64)
    assert is_form_token(token, token)
    assert token not in ("a" * 64, form_token("b" * 64))


@pytest.mark.parametrize("given", [None, "", "guess", "界", "\ud800"])
def test_a_form_without_the_right_token_is_known(given):
    assert not is_form_token(form_token("a" * 64), given)
    assert not is_form_token(None, given)


def test_a_window_lets_in_so_many_and_opens_again_by_itself():
    window = MovingWindow(most=2, within=timedelta(minutes=1))
    asked = [window.admit("192.0.2.7", NINE + timedelta(seconds=s)) for s in (0, 30, 59, 60, 61, 90)]
    assert asked == [True, True, False, True, False, True]
    assert window.admit("192.0.2.8", NINE)


def test_a_window_never_holds_more_keys_than_it_may():
    window = MovingWindow(most=1, within=timedelta(hours=1), keys_at_most=2)
    assert window.admit("a", NINE) and window.admit("b", NINE)
    assert not window.admit("a", NINE), "asking again keeps a key known"
    assert window.admit("c", NINE)
    assert window.admit("b", NINE), "the one heard of longest ago was forgotten"
    assert not window.admit("c", NINE)
