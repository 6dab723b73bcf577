"""What people type in many ways and mean as one: figures, days, numbers and codes, folded before anything looks at them.

The one place for it: the input of orders, filters of lists and the public question all go by it. Free texts and names
stay as they were written, with their variation sequences and rare ideographs.
"""

import re
import unicodedata
from functools import lru_cache

_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u20e3")
"""Signs that count as letters, marks or symbols and show nothing; and the frame around a digit of a keyboard's picture."""

_MORE_DASHES = frozenset("\u02d7\u2043\u2212\u2500\u2501\u30fc\uff70")
"""Signs that are drawn like a dash and are none by their category: minus, bullet, a box's line, the long vowel of kana."""

_VARIATION = re.compile("[\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff\ufff0-\ufff8\u2065]")
"""Variation selectors, tags and signs that are set aside to show nothing."""

_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"})
"""Categories of which nothing is seen by itself. Unassigned and private signs may be ideographs newer than this program."""

_TURNS_OR_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control signs, separators of lines and paragraphs, and what turns the direction of writing for all that follows."""

DIGITS_OF_MARK, DIGITS_OF_YEAR, DIGITS_AT_LEAST = 6, 4, 16
"""A matter's number: mark, year, running number of five digits or more, check digit."""


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of it."""
    return any(_shows(sign) for sign in text)


def is_one_line(text: str) -> bool:
    """Whether it stays in one line and in its direction, wherever it is shown."""
    return not _TURNS_OR_BREAKS.search(text)


def folded(text: str) -> str:
    """A figure, a day, a number or a code as it was meant: plain digits and letters, every dash `-`, no blanks.

    Full-width and other digits become 0 to 9, and what is not seen is left out. Control signs stay: nobody means them,
    so whoever takes the text refuses it.
    """
    if text.isascii() and not any(sign.isspace() for sign in text):
        return text
    plain = unicodedata.normalize("NFKC", "".join(sign for sign in text if _kept(sign)))
    return "".join(_plain(sign) for sign in plain if _kept(sign))


def matter_number_of(text: str) -> str:
    """A matter's number as it stands on its receipt, however it was typed: also with blanks for dashes, or neither."""
    plain = folded(text).strip("-")
    if not (plain.isdecimal() and len(plain) >= DIGITS_AT_LEAST):
        return plain.upper()
    mark, rest = plain[:DIGITS_OF_MARK], plain[DIGITS_OF_MARK:]
    return f"{mark}-{rest[:DIGITS_OF_YEAR]}-{rest[DIGITS_OF_YEAR:-1]}-{rest[-1]}"


def query_code_of(text: str) -> str:
    """A query code as it was made: capital letters and digits alone."""
    return folded(text).replace("-", "").upper()


def _kept(sign: str) -> bool:
    return _shows(sign) or (unicodedata.category(sign) == "Cc" and not sign.isspace())


@lru_cache(maxsize=4_096)
def _shows(sign: str) -> bool:
    if sign in _BLANK_LETTERS or _VARIATION.match(sign):
        return False
    return unicodedata.category(sign) not in _INVISIBLE


@lru_cache(maxsize=4_096)
def _plain(sign: str) -> str:
    if unicodedata.category(sign) == "Pd" or sign in _MORE_DASHES:
        return "-"
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
