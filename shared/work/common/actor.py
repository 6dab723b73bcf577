"""Who gives an order."""

from dataclasses import dataclass

from shared.work.common.fact import UnitId


@dataclass(frozen=True)
class Actor:
    """An official at work: an account of the office, never a petitioner.

    `name` is the work name that the office shows; it signs reports.
    """

    account: str
    unit: UnitId
    role: str
    name: str
