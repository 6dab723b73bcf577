"""A lost last administrator gets a new first password by a command on the computer: the office above sees that it happened."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.fact import FirstFact, Stream, UnitId, derived_id
from shared.work.common.sentences import N_


class AdministratorReset(FirstFact):
    """Whoever works at the computer of `node` set the password of the administrator `login` anew; no password is in it.

    `by` is the name by which the computer knows whoever gave the command.
    """

    TOPIC = "administrator.reset"
    SAYS = N_("An administrator's password was set anew at the computer")

    node: str
    login: str
    by: str

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        """Made of the node, the login and the moment; a second one at that moment is the same."""
        return said.stream

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """A node tells of its own administrators. Errors: NotTheirs."""
        require(said.data["node"] == said.source, "tells of an administrator of another node")

    def apply(self, aggregate: "Reset") -> None:
        aggregate.unit = self.unit


class Reset(Stream):
    """One such act; a stream of its own, since nothing follows in it."""

    STREAM: ClassVar[str] = "administrator"
    STAYS = True

    @staticmethod
    def id_for(node: str, login: str, at: datetime) -> UUID:
        """One stream for each act."""
        return derived_id("administrator-reset", node, login, at.isoformat())

    @classmethod
    def record_one(cls, *, unit: UnitId, node: str, login: str, by: str, at: datetime) -> "Reset":
        """The act, before it is done: a crash between leaves a fact without an act, and never an act without a fact."""
        identity = cls.id_for(node, login, at)
        return cls._create(
            AdministratorReset, id=identity, unit=unit, node=node, login=login, by=by, timestamp=at
        )
