"""Which passwords are taken, and what a temporary one is like."""

import math

import pytest

from shared.accounts import refusals
from shared.accounts.passwords import require_good, temporary_password
from shared.accounts.weak_passwords import listed

OFFICE = ("湘潭县", "xiang tan xian", "430321000000", "王小明")
"""Name, pinyin and code of an office, and the name of whoever signs in."""


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
        ("P@ssw0rd2026!", refusals.PasswordTooCommon),
        ("dragonball#2026", refusals.PasswordTooCommon),
        ("2026Superman!!", refusals.PasswordTooCommon),
        ("motherlode", refusals.PasswordTooCommon),
        ("StarWars--1977", refusals.PasswordTooCommon),
        ("huiyin-2026-x", refusals.PasswordFromOffice),
        ("xiangtan_xian#9", refusals.PasswordFromOffice),
        ("Xiang Tan Xian 430321", refusals.PasswordFromOffice),
        ("湘潭县信访局二〇二六", refusals.PasswordFromOffice),
        ("a430321000000b", refusals.PasswordFromOffice),
        ("王小明湘潭县123456", refusals.PasswordFromOffice),
        ("huiyin xinfang huiyin", refusals.PasswordFromOffice),
    ],
)
def test_a_password_that_a_guesser_tries_early_is_refused(password, refusal):
    with pytest.raises(refusal):
        require_good(password, login="clerk-liu.zhuang", words=OFFICE)


@pytest.mark.parametrize(
    "password", ["湘潭县外还有三棵老槐树", "huiyin lantern well", "an office and a goat"]
)
def test_a_word_of_the_office_among_words_of_ones_own_is_taken(password):
    require_good(password, login="clerk", words=OFFICE)


def test_the_list_of_common_passwords_is_a_real_one():
    assert len(listed()) > 25_000
    assert all(word == word.casefold() for word in listed())


def test_a_temporary_password_is_readable_hard_to_guess_and_itself_acceptable():
    made = {temporary_password() for _ in range(500)}
    signs = set("".join(made)) - {"-"}
    assert len(made) == 500
    assert not signs & set("0O1lIi")
    assert 15 * math.log2(len(signs)) >= 60
    for password in made:
        require_good(password, login="clerk")
