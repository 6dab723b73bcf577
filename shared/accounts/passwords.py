"""Passwords: how they are kept, checked, refused when weak, and made when somebody is let in anew."""

import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from shared.accounts.refusals import (
    PasswordFromOffice,
    PasswordIsLogin,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    SignInBusy,
)
from shared.accounts.weak_passwords import is_of_the_office, is_weak

SHORTEST, LONGEST = 10, 200
"""Length of a password, in characters. NIST SP 800-63B asks for 8 at least and for 64 to be allowed;
ten because there is no second factor yet, two hundred so that the work stays bounded."""

AT_ONCE = 4
"""Passwords checked at the same time in one process, whatever the number of its nodes: 4 x 19 MiB."""

PATIENCE = 10.0
"""Seconds that a sign-in waits for its turn: 4 at once and about 25 ms each let some 1,500 pass."""

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 5


def _hash_of_nothing(memory_kib: int, passes: int) -> str:
    """A kept text that no password matches and that takes the usual work to find out."""
    salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${digest}"


class Passwords:
    """Argon2id with the least parameters that OWASP names: 19 MiB, two passes, one lane.

    The least and not more because many clerks sign in at eight o'clock on a two-core machine; ten
    characters, the limit on attempts and the list of weak passwords carry their share.
    Source: OWASP Password Storage Cheat Sheet. One instance a process, so that the bound holds.
    """

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2, at_once: int = AT_ONCE) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._nobody = _hash_of_nothing(memory_kib, passes)
        self._turns = BoundedSemaphore(at_once)

    def hash(self, password: str) -> str:
        """The text to keep; parameters and salt are in it."""
        with self._turn():
            return self._hasher.hash(_bytes(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is right; without `kept` (nobody has this login) the work is the same.

        Raises SignInBusy when no turn comes within PATIENCE.
        """
        with self._turn():
            right = self._verify(kept or self._nobody, password)
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether the kept hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=PATIENCE):
            raise SignInBusy()
        try:
            yield
        finally:
            self._turns.release()


PASSWORDS = Passwords()
"""The one of this process."""

REHEARSAL_PASSWORDS = Passwords(memory_kib=1_024, passes=1)
"""The one for rehearsals: their hundreds of made-up clerks have machine-made passwords and sign in within a
minute, which took the larger part of a core with the hash that real people's passwords need."""


def require_good(password: str, *, login: str, words: Collection[str] = ()) -> None:
    """Refuse a password that is too short, too long, made from the login or the office's own words, or easy to guess."""
    typed = _one_form(password)
    if len(typed) < SHORTEST:
        raise PasswordTooShort(least=SHORTEST)
    if max(len(password), len(typed)) > LONGEST:
        raise PasswordTooLong(most=LONGEST)
    if _core(typed) == _core(login) or typed.casefold().startswith(login.casefold() * 2):
        raise PasswordIsLogin()
    if is_weak(typed):
        raise PasswordTooCommon()
    if is_of_the_office(typed, words):
        raise PasswordFromOffice()


def temporary_password() -> str:
    """A password to be said on the telephone once: 15 characters without look-alikes, 74 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _core(text: str) -> str:
    """What is left of a word when the digits and signs around it are taken away, or the word."""
    folded = text.casefold()
    return folded.strip("0123456789!@#$%^&*()-_=+.,;:?~ ") or folded


def _one_form(password: str) -> str:
    """Full-width characters of a Chinese input method count as the ones on the keys.

    A text that is far too long is cut before any work; what is left is still too long to match.
    """
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])


def _bytes(password: str) -> bytes:
    return _one_form(password).encode("utf-8", "surrogatepass")
