"""Offering a node's checkpoints to its witnesses, and keeping what they sign."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, bindparam, select

from shared.database.writes import upsert
from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.event_log.node_keys import b64
from shared.proof.alarms import AlarmKind, raise_alarm
from shared.proof.checkpoint import Checkpoint, LogName, witness_name
from shared.proof.making import Maker, Signer, difference, note_of
from shared.proof.notes import Note
from shared.proof.tables import COSIGNATURES
from shared.proof.tiles import Tree

OFFER_AGAIN = timedelta(minutes=1)
"""Time until a checkpoint that a witness has not signed is offered again. An offer is about 2 KB, and a
township's computer may be off for days."""

SendControl = Callable[[str, str, dict[str, Any]], None]


class Offers:
    """What was offered to whom, and who has signed the last checkpoint."""

    def __init__(
        self, signer: Signer, maker: Maker, witnesses: Callable[[], list[str]], send_control: SendControl
    ) -> None:
        self._signer, self._maker = signer, maker
        self._witnesses, self._send_control = witnesses, send_control
        self._offered: dict[str, datetime] = {}
        self._start: dict[str, int] = {}
        self._signed: set[str] = set()
        self._ready = False
        maker.on_made = self._begin

    def _begin(self) -> None:
        """A new checkpoint was made: nobody has signed it."""
        self._offered.clear()
        self._signed.clear()
        self._ready = True

    def due(self) -> list[str]:
        """The witnesses that have not signed the last checkpoint, and not just been asked; asks nobody."""
        now = self._signer.now()
        return [name for name in self._witnesses() if self._ready and self._is_due(name, now)]

    def send(self, connection: Connection) -> None:
        """Offer the last checkpoint to every witness that is due."""
        due, last = self.due(), self._maker.last
        if last is None or not due:
            return
        note, tree = note_of(connection, last), Tree.stored(connection, str(last.log))
        for witness in due:
            start = self._start.setdefault(witness, last_signed(connection, last.log, [witness])[witness])
            proof = tree.consistency(start, last.size) if start <= last.size else []
            self._send_control(
                "checkpoint", witness, {"note": note, "start": start, "proof": [*map(b64, proof)]}
            )
            self._offered[witness] = self._signer.now()

    def _is_due(self, witness: str, now: datetime) -> bool:
        offered = self._offered.get(witness)
        # The clock may have gone back; the distance counts.
        return witness not in self._signed and (offered is None or abs(now - offered) >= OFFER_AGAIN)

    def take_answer(self, group: Group, source: str, key: str, body: dict[str, Any]) -> None:
        """A witness says what it holds of this log. Errors: ValueError, KeyError."""
        if not body["note"]:
            self._from(source, 0)
            return
        said, note = Checkpoint.read(str(body["note"]), self._signer.keys.public_signing())
        signed = note.cosigned_at(witness_name(self._signer.log.network, source), key)
        if said.log != self._signer.log or signed is None:
            raise ValueError(f"{source} answers about another log")
        tree = Tree.stored(group.connection, str(said.log))
        wrong = AlarmKind(str(body["refused"])) if body["refused"] else difference(tree, said)
        if wrong is None:
            self._keep_signature(group, source, said, note)
        else:
            found = {"witnessed": said.size, "by": source, "at": self._signer.now()}
            raise_alarm(group.connection, wrong, self._maker.last or said, note=str(note), **found)
        # Also a forked log owes the proof from there: that it fails shows the fork to the witness.
        if said != self._maker.last and self._start.get(source) != said.size:
            self._from(source, said.size)

    def _keep_signature(self, group: Group, source: str, said: Checkpoint, note: Note) -> None:
        row = {"log": str(said.log), "made_at": moment_text(said.time), "witness": source, "size": said.size}
        upsert(group.connection, COSIGNATURES, [row | {"note": str(note)}])
        if said == self._maker.last:
            group.on_commit.append(lambda: self._signed.add(source))

    def _from(self, witness: str, size: int) -> None:
        """Offer once more, with a proof from what the witness holds."""
        self._start[witness] = size
        self._offered.pop(witness, None)


def last_signed(connection: Connection, name: LogName, witnesses: Sequence[str]) -> dict[str, int]:
    """How many facts of a log each of these witnesses has signed for; one statement, however many they are."""
    if not witnesses:
        return {}
    asked = {f"witness_{number}": witness for number, witness in enumerate(witnesses)}
    sizes = connection.execute(_last_sizes(len(witnesses)), {"log": str(name), **asked}).one()
    return {witness: size or 0 for witness, size in zip(witnesses, sizes, strict=True)}


@cache
def _last_sizes(count: int) -> Select[Any]:
    return select(*(_last_size(f"witness_{number}").label(f"size_{number}") for number in range(count)))


def _last_size(witness: str) -> ScalarSelect[int]:
    this = (COSIGNATURES.c.log == bindparam("log"), COSIGNATURES.c.witness == bindparam(witness))
    return (
        select(COSIGNATURES.c.size)
        .where(*this)
        .order_by(COSIGNATURES.c.made_at.desc())
        .limit(1)
        .scalar_subquery()
    )
