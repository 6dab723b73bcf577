"""What is asked of a request before anything else."""

import pytest

from shared.accounts.csrf import came_from_here, form_token, is_form_token

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
