"""The proof as pages see it: plain texts and numbers, each asked on a connection of its own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from shared.event_log.node_keys import b64
from shared.proof import questions
from shared.proof.alarms import Alarm, alarms
from shared.proof.making import Signer


class Proofs:
    """Answers for one node; nothing that it says is about a person."""

    def __init__(self, signer: Signer, witnesses: Callable[[], list[str]]) -> None:
        self._signer, self._witnesses = signer, witnesses

    def state(self) -> dict[str, Any]:
        """The last checkpoint, how far each witness has signed, and alarms."""
        return self._ask(questions.state, self._signer.log, self._witnesses())

    def alarms(self, connection: Connection) -> list[Alarm]:
        """Logs that are not what was witnessed of them, the newest first."""
        return alarms(connection)

    def checkpoint(self) -> str:
        """The newest checkpoint with every signature, as C2SP writes it; empty before the first."""
        return str(self._ask(questions.newest_note, self._signer.log) or "")

    def inclusion(self, fact: UUID) -> str:
        """The proof of a fact as C2SP writes it; empty while no witness has signed for it."""
        return str(self._ask(questions.inclusion, self._signer.log.network, fact) or "")

    def leaf(self, fact: UUID) -> str:
        """The hash of a fact as it stands in its log's tree and on its receipt, base64; empty for a fact that is not here."""
        found = self._ask(questions.find_fact, fact)
        return b64(found.envelope.digest) if found else ""

    def consistency(self, first: int, second: int) -> list[bytes] | None:
        """The hashes that prove that the log only grew; none for sizes that it never signed."""
        return self._ask(questions.consistency, self._signer.log, first, second)

    def promise(self, fact: UUID) -> str:
        """What this node promises of an own fact, signed; empty for a fact of another node."""
        made = self._ask(questions.promise, self._signer.log.network, fact)
        return str(made.note(self._signer.keys)) if made else ""

    def _ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        with self._signer.engine.connect() as connection:
            return question(connection, *arguments)
