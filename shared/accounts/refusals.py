"""Why somebody is not let in, or an account is not changed."""

from shared.work.common.refusals import Kind, Refusal


class WrongPassword(Refusal):
    """Login or password is wrong; which of the two is never said."""

    code = "wrong-password"
    sentence = "The sign-in name or the password is wrong. Check both and try again."
    kind = Kind.NOT_KNOWN_WHO


class TooManyAttempts(Refusal):
    """A pause after wrong passwords lasts; nothing was checked."""

    code = "too-many-attempts"
    sentence = (
        "Too many wrong passwords from here. Seconds to wait: %(seconds)s. Then try again."
        " On a computer where you have signed in before you need not wait."
    )
    kind = Kind.TOO_OFTEN


class SignInBusy(Refusal):
    """More people sign in than the machine can check at once."""

    code = "sign-in-busy"
    sentence = "Many people are signing in at the moment. Wait a few seconds and try again."
    kind = Kind.NOT_AT_THE_MOMENT


class AccountDisabled(Refusal):
    """The password is right, but the account may not be used; only its owner learns this."""

    code = "account-disabled"
    sentence = "This account is disabled. Ask the administrator of your office."
    kind = Kind.NOT_ALLOWED


class ResetOnAnotherDevice(Refusal):
    """A password that an administrator set lets in nobody but its person."""

    code = "reset-on-another-device"
    sentence = (
        "This temporary password opens only on a computer on which this person has signed in before."
        " If there is none any more, the administrator ends all sessions of the account first."
    )
    kind = Kind.NOT_ALLOWED


class TemporaryPasswordEnded(Refusal):
    """A password that was said on the telephone does not work for ever."""

    code = "temporary-password-ended"
    sentence = "This temporary password has ended; it works for one day. Ask the administrator of your office for a new one."
    kind = Kind.NOT_ALLOWED


class FormNotOurs(Refusal):
    """The form came from another site, or from a session that has ended."""

    code = "form-not-ours"
    sentence = "This form did not come from your present session. Open the page again and repeat the entry."
    kind = Kind.NOT_ALLOWED


class NoSuchAccount(Refusal):
    """There is no account with this id at this node."""

    code = "no-such-account"
    sentence = "There is no such account at this office. Choose one from the list."
    kind = Kind.NOT_FOUND


class NoSuchToken(Refusal):
    """There is no token with this id at this node."""

    code = "no-such-token"
    sentence = "There is no such token at this office. Choose one from the list."
    kind = Kind.NOT_FOUND


class LoginTaken(Refusal):
    """A login belongs to one person for ever, so that old signatures stay clear."""

    code = "login-taken"
    sentence = "The sign-in name %(login)s is already used. Choose another one."


class LoginMalformed(Refusal):
    """A login is something that can be typed on any keyboard and said on the telephone."""

    code = "login-malformed"
    sentence = "A sign-in name has 2 to 64 letters, digits, dots, hyphens or underscores."
    kind = Kind.WRONG_INPUT


class NameMalformed(Refusal):
    """A shown name is one line of visible text."""

    code = "name-malformed"
    sentence = "A name has 1 to 100 visible characters on one line."
    kind = Kind.WRONG_INPUT


class UnknownRole(Refusal):
    """The table of rights has no such column."""

    code = "unknown-role"
    sentence = "There is no role %(role)s. Choose one from the list."
    kind = Kind.WRONG_INPUT


class LastAdministrator(Refusal):
    """An office without an administrator could never get one again."""

    code = "last-administrator"
    sentence = "This is the last administrator of this office. Make another one first."


class AdministratorExists(Refusal):
    """The first administrator is made once; the others are made by an administrator."""

    code = "administrator-exists"
    sentence = "This office already has an administrator, who makes the further accounts."


class ExpiryInThePast(Refusal):
    """A token that never works is a mistake."""

    code = "expiry-in-the-past"
    sentence = "The last day of a token must be in the future."
    kind = Kind.WRONG_INPUT


class ExpiryTooLate(Refusal):
    """A token that is forgotten must end by itself."""

    code = "expiry-too-late"
    sentence = (
        "A token works for at most %(days)s days. Choose an earlier day, and make a new one when it ends."
    )
    kind = Kind.WRONG_INPUT


class TokenMakesNoToken(Refusal):
    """A program could live for ever on tokens that it makes itself."""

    code = "token-makes-no-token"
    sentence = "A token is made by its person, signed in with a password. A program with a token cannot make another one."
    kind = Kind.NOT_ALLOWED


class WeakPassword(Refusal):
    """The password is refused; each rule has its own sentence below."""

    kind = Kind.WRONG_INPUT


class PasswordTooShort(WeakPassword):
    """Length is what makes a password hard to guess."""

    code = "password-too-short"
    sentence = "A password needs at least %(least)s characters. A short sentence is easy to remember."


class PasswordTooLong(WeakPassword):
    """A bound keeps the work of checking a password bounded."""

    code = "password-too-long"
    sentence = "A password has at most %(most)s characters."


class PasswordIsLogin(WeakPassword):
    """The login is the first thing that a guesser tries."""

    code = "password-is-login"
    sentence = "The password must not be the sign-in name or be made from it."


class PasswordTooCommon(WeakPassword):
    """The password is on the list that guessers use, or made like those on it."""

    code = "password-too-common"
    sentence = (
        "This password is easy to guess: a common one, only digits, a row of keys,"
        " or a name with a date. Choose some words that do not belong together."
    )


class PasswordFromOffice(WeakPassword):
    """Names, codes and pinyin of an office stand on its door, and are tried next."""

    code = "password-from-office"
    sentence = (
        "This password is made of words of your office: its name, its code, your name, or what every office is called."
        " Choose some words that do not belong together."
    )


class PasswordNotChanged(WeakPassword):
    """A password that must be changed must become another one."""

    code = "password-not-changed"
    sentence = "The new password is the old one. Choose another."
