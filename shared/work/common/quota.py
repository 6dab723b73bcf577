"""How much one person, and one office, may put in and take out in a day: against a program that runs away, not a busy clerk."""

from collections import Counter
from dataclasses import dataclass, field

from shared.work.common.refusals import Refusal
from shared.work.common.words import Quota


@dataclass(frozen=True)
class Quotas:
    """Most of a day, far above what hands can do; a network sets its own in a table `[quotas]`.

    A whole office's matters are the sum of its people's, and those that a program enters for it.
    """

    matters_of_a_person: int = 1_000
    """Matters that one account registers in a day. A clerk who needs two minutes for one comes to 240."""

    matters_of_an_office: int = 3_000
    """Matters that one office registers in a day. A whole county of a million people has about a hundred."""

    text_of_a_person: int = 10_000
    """Text that one account enters in a day. Unit: kilobytes, a thousand bytes of UTF-8 each; 333 Chinese characters."""

    versions_of_a_report: int = 50
    """Versions of one day's report, the first included."""

    files_of_a_person: int = 200
    """Lists that one account takes away as a file in a day."""


class MattersOfPersonReached(Refusal):
    """One account has registered as many matters as it may in a day."""

    code = "quota-of-matters"
    sentence = (
        "You have registered %(most)s matters today, the most for one person."
        " Nothing was saved. The director of the office can raise it for today, under Quotas."
    )


class MattersOfOfficeReached(Refusal):
    """One office has registered as many matters as it may in a day."""

    code = "quota-of-matters-of-the-office"
    sentence = (
        "This office has registered %(most)s matters today, the most for one office."
        " Nothing was saved. The director of the office can raise it for today, under Quotas."
    )


class TextReached(Refusal):
    """One account has entered as much text as it may in a day."""

    code = "quota-of-text"
    sentence = (
        "With this you would have entered more than %(most)s kilobytes of text today, the most for one person."
        " Nothing was saved. The director of the office can raise it for today, under Quotas."
    )


class VersionsReached(Refusal):
    """A report has as many versions as one may have."""

    code = "quota-of-versions"
    sentence = (
        "This report has %(most)s versions, the most for one report."
        " Nothing was saved. The director of the office can raise it for today, under Quotas."
    )


class FilesReached(Refusal):
    """One account has taken away as many files as it may in a day."""

    code = "quota-of-files"
    sentence = (
        "You have downloaded %(most)s files today, the most for one person."
        " The director of the office can raise it for today, under Quotas."
    )


KILOBYTE = 1_000


@dataclass
class DayUse:
    """What one office used up on a day, by account, and by how much its quotas were raised.

    `text` is in bytes; `raised` by quota and account, that of everybody under the empty text; `raises` counts them.
    """

    matters: Counter[str] = field(default_factory=Counter[str])
    text: Counter[str] = field(default_factory=Counter[str])
    raised: Counter[tuple[Quota, str]] = field(default_factory=Counter[tuple[Quota, str]])
    raises: int = 0

    def most(self, quota: Quota, usual: int, account: str) -> int:
        """What an account may use today."""
        return usual + self.raised[quota, ""] + self.raised[quota, account]

    def most_of_office(self, usual: int) -> int:
        """How many matters the office may register today: what one person got more, the office has more."""
        more = (amount for (quota, _), amount in self.raised.items() if quota is Quota.MATTERS)
        return usual + sum(more)

    def require_matter(self, quotas: Quotas, account: str) -> None:
        """Errors: MattersOfPersonReached, MattersOfOfficeReached."""
        if self.matters[account] >= (most := self.most(Quota.MATTERS, quotas.matters_of_a_person, account)):
            raise MattersOfPersonReached(most=most)
        if self.matters.total() >= (most := self.most_of_office(quotas.matters_of_an_office)):
            raise MattersOfOfficeReached(most=most)

    def require_text(self, quotas: Quotas, account: str, size: int) -> None:
        """Errors: TextReached."""
        most = self.most(Quota.TEXT, quotas.text_of_a_person, account)
        if self.text[account] + size > most * KILOBYTE:
            raise TextReached(most=most)

    def require_version(self, quotas: Quotas, account: str, versions: int) -> None:
        """Whether a report of so many versions may have another one. Errors: VersionsReached."""
        if versions >= (most := self.most(Quota.VERSIONS, quotas.versions_of_a_report, account)):
            raise VersionsReached(most=most)

    def raise_by(self, quota: Quota, account: str, more: int) -> None:
        """A director gave more for the day."""
        self.raised[quota, account] += more
        self.raises += 1
