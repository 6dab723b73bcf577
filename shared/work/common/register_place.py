"""A place in a unit's register: numbers begin anew with each year."""

from dataclasses import dataclass

_NUMBERS_OF_A_YEAR = 1_000_000_000
"""More than a register can have in a year, later incarnations of a node included. Unit: numbers."""


@dataclass(frozen=True, order=True)
class RegisterPlace:
    """A place in a unit's register; number 0 is the place before the year's first matter."""

    year: int
    number: int

    @property
    def code(self) -> int:
        """The place as one whole number, greater for a later place."""
        return self.year * _NUMBERS_OF_A_YEAR + self.number

    @classmethod
    def of(cls, code: int) -> "RegisterPlace":
        """The place that `code` stands for."""
        return cls(*divmod(code, _NUMBERS_OF_A_YEAR))

    @property
    def next(self) -> "RegisterPlace":
        """The place after it in the same year."""
        return RegisterPlace(self.year, self.number + 1)
