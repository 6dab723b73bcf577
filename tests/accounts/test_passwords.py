"""Which passwords are taken, and what a temporary one is like."""

import math

import pytest

from shared.accounts import refusals
from shared.accounts.passwords import require_good, temporary_password


@pytest.mark.parametrize(
    "password",
    [
        "lantern by the well 7",
        "correct-horse-7-staple",
        "山下有一口老井和三棵槐树",
        "tq8kZ!vw2m",
        "tq8kZ!vw2m" * 20,
    ],
)
def test_a_long_password_of_ones_own_is_taken(password):
    require_good(password, login="clerk")


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("tq8kZ!vw2", refusals.PasswordTooShort),
        ("山下有一口井", refusals.PasswordTooShort),
        ("tq8kZ!vw2m" * 21, refusals.PasswordTooLong),
        ("\ufdfa" * 30, refusals.PasswordTooLong),
        ("clerk-liu.zhuang", refusals.PasswordIsLogin),
        ("Clerk-Liu.Zhuang2026!", refusals.PasswordIsLogin),
        ("password123", refusals.PasswordTooCommon),
        ("ＰＡＳＳＷＯＲＤ１２３", refusals.PasswordTooCommon),
        ("19850612345", refusals.PasswordTooCommon),
        ("13800138000", refusals.PasswordTooCommon),
        ("qwertyuiop", refusals.PasswordTooCommon),
        ("poiuytrewq", refusals.PasswordTooCommon),
        ("aaaaaaaaaaaa", refusals.PasswordTooCommon),
        ("abc123abc123abc123", refusals.PasswordTooCommon),
        ("zhangwei19850612", refusals.PasswordTooCommon),
        ("Liyang@1990", refusals.PasswordTooCommon),
        ("19850612zhangwei", refusals.PasswordTooCommon),
        ("woaini5201314", refusals.PasswordTooCommon),
        ("xinfangban888888", refusals.PasswordTooCommon),
    ],
)
def test_a_password_that_a_guesser_tries_early_is_refused(password, refusal):
    with pytest.raises(refusal):
        require_good(password, login="clerk-liu.zhuang")


def test_a_temporary_password_is_readable_hard_to_guess_and_itself_acceptable():
    made = {temporary_password() for _ in range(500)}
    signs = set("".join(made)) - {"-"}
    assert len(made) == 500
    assert not signs & set("0O1lIi")
    assert 15 * math.log2(len(signs)) >= 60
    for password in made:
        require_good(password, login="clerk")
