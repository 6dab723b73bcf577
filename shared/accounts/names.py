"""Logins and shown names: one form each, so that one person is never two."""

import re
import unicodedata

from shared.accounts.refusals import LoginMalformed, NameMalformed

_LOGIN = re.compile(r"[\w.-]{2,64}")
_NAME_AT_MOST = 100


def one_form(login: str) -> str:
    """The login as it is kept: small letters, half-width; for what cannot be one, an empty text."""
    folded = unicodedata.normalize("NFKC", login[:200]).strip().casefold()
    return folded if _LOGIN.fullmatch(folded) else ""


def require_login(login: str) -> str:
    """The login in its one form, or LoginMalformed."""
    kept = one_form(login)
    if not kept:
        raise LoginMalformed()
    return kept


def require_name(name: str) -> str:
    """The name without outer spaces, or NameMalformed; rare characters are as good as any."""
    kept = unicodedata.normalize("NFC", name).strip()
    hidden = any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in kept)
    if hidden or not 1 <= len(kept) <= _NAME_AT_MOST:
        raise NameMalformed()
    return kept
