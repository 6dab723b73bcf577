"""Lists that an account took away as files: counted by day, and kept, so that it can be said who took what."""

from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from shared.accounts.account_base import AccountBase
from shared.accounts.tables import FILES

NAME_LONGEST = 100
"""Longest name of a file that is kept. Unit: characters."""


class Files(AccountBase):
    """The part of the store that counts files."""

    def files_of(self, account: str, day: date) -> int:
        """How many files an account took away on a day of the offices' zone."""
        count = select(func.count()).where(FILES.c.account_id == account, FILES.c.day == day)
        with self._reading.connect() as connection:
            return connection.scalar(count) or 0

    def files_by_account(self, day: date) -> dict[str, int]:
        """How many files each account took away on a day."""
        counts = (
            select(FILES.c.account_id, func.count().label("files"))
            .where(FILES.c.day == day)
            .group_by(FILES.c.account_id)
        )
        with self._reading.connect() as connection:
            return {row.account_id: row.files for row in connection.execute(counts)}

    def note_file(self, account: str, name: str, *, at: datetime, day: date) -> None:
        """An account takes a file of this name away; two at one moment are both noted."""
        taken = FILES.c.account_id == account, FILES.c.day == day
        running = select(func.coalesce(func.max(FILES.c.running), 0) + 1).where(*taken).scalar_subquery()
        line = {"account_id": account, "day": day, "at": at, "name": name[:NAME_LONGEST], "running": running}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(FILES).values(line))
        except IntegrityError:
            with self._engine.begin() as connection:
                connection.execute(insert(FILES).values(line))
