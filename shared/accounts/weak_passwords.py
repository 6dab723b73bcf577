"""What guessers try first: the packaged list of common passwords, what is tried in China, and the office's own words.

A listed password is refused also with digits and signs around it and with look-alikes in it (`P@ssw0rd2026!`). The shapes
follow published studies of leaked Chinese passwords: digits alone (birthdays, telephone and identity numbers), and a name
or sentence in pinyin followed by a date or a lucky number.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

from shared import data

_COMMON = """
password12 password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123 admin12345 admin123456
administrator admin888888 root123456 test123456 qwertyuiop qwerty12345 qwerty123456 1qaz2wsx3edc
1q2w3e4r5t 1q2w3e4r5t6y qazwsxedcrfv qazwsx123456 asdfghjkl123 zxcvbnm123 zxcvbnm12345 abc1234567
abcd123456 abc123456789 a123456789 aa12345678 a1b2c3d4e5 q1w2e3r4t5 123qweasdzxc qwe123456789
asd123456789 iloveyou1314 iloveyou520 woaini1314520 woaini520520 5201314woaini letmein12345
welcome12345 changeme123 mima123456 wodemima123 huiyin12345 huiyin123456 xinfang12345
xinfang123456 zhengfu12345 zhengfu123456
"""
COMMON = frozenset(_COMMON.split())

_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")

_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ui|ao|ou|iu|ie|ue|er|an|en|in|un|[aeiouv])"
)
_DATE = r"(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d{2}"
_LUCKY = r"1314|520|521|5201314|1314520|666+|888+|123|1234|12345|123456|12345678|123456789|123123|112233"
_NAME_AND_NUMBER = re.compile(f"(?:{_SYLLABLE}){{1,4}}[@._-]?(?:{_DATE}|{_LUCKY})[!.]?")
_NUMBER_AND_NAME = re.compile(f"(?:{_DATE}|{_LUCKY})[@._-]?(?:{_SYLLABLE}){{1,4}}[!.]?")


_LOOK_ALIKES = str.maketrans("@4013$5!7", "aaolessit")
_AROUND = "0123456789!@#$%^&*()-_=+.,;:?~/ "

OF_EVERY_OFFICE = (
    "huiyin",
    "xinfang",
    "xinfangju",
    "xinfangban",
    "zhengfu",
    "回音",
    "信访",
    "信访局",
    "信访办",
    "政府",
)
"""Words that stand on every office's door."""

LEFT_AT_LEAST = 4
"""Letters or characters of one's own that must be left when the office's words are taken away."""


@cache
def listed() -> frozenset[str]:
    """The common passwords, in small letters. Source and licence: shared/data/README.md."""
    return COMMON | frozenset(data.text(data.COMMON_PASSWORDS).split())


def is_weak(password: str) -> bool:
    """Whether a guesser would try this early; `password` of any length and case."""
    plain = password.casefold().strip()
    return _is_listed(plain) or _has_weak_shape(plain)


def is_of_the_office(password: str, words: Collection[str]) -> bool:
    """Whether the password is made of the office's own words: names, codes, and what every office is called."""
    left = "".join(sign for sign in password.casefold() if sign.isalnum())
    found = False
    for word in sorted(_words(words), key=len, reverse=True):
        found = found or word in left
        left = left.replace(word, "")
    return found and sum(sign.isalpha() for sign in left) < LEFT_AT_LEAST


def _words(words: Collection[str]) -> set[str]:
    """Each word as one, and its parts; what is so short that it stands in other words by chance is left out."""
    folded = [unicodedata.normalize("NFKC", word).casefold() for word in (*OF_EVERY_OFFICE, *words)]
    parts = {part for word in folded for part in re.split(r"\W+", word)}
    whole = {re.sub(r"\W+", "", word) for word in folded}
    return {word for word in parts | whole if len(word) >= (4 if word.isascii() else 2)}


def _is_listed(plain: str) -> bool:
    core = plain.strip(_AROUND)
    tried = (plain, core, plain.translate(_LOOK_ALIKES), core.translate(_LOOK_ALIKES))
    return any(len(word) >= 4 and word in listed() for word in tried)


def _has_weak_shape(plain: str) -> bool:
    if plain.isdigit() or len(set(plain)) <= 3 or _is_repeated(plain):
        return True
    if any(plain in row or plain in row[::-1] for row in _ROWS):
        return True
    return bool(_NAME_AND_NUMBER.fullmatch(plain) or _NUMBER_AND_NAME.fullmatch(plain))


def _is_repeated(plain: str) -> bool:
    """A short piece again and again: found inside itself doubled, away from both ends."""
    turn = (plain + plain).find(plain, 1)
    return turn < len(plain) and turn <= 6
