"""Everything of the proof that a node does by itself, joined: called about once a second beside the relay."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from shared.event_log.group import Group
from shared.proof.checkpoint_exchange import Offers, SendControl
from shared.proof.copy_check import Comparer
from shared.proof.making import Maker, Signer, Work
from shared.proof.witness import Offer, Witness
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)
Write = Callable[[Work], "Future[Any]"]


class CheckpointService:
    """Makes, offers and witnesses checkpoints; `witness` signs what other nodes offer."""

    def __init__(
        self,
        signer: Signer,
        witness: Witness,
        *,
        position: Callable[[], int],
        witnesses: Callable[[], list[str]],
        write: Write,
        send_control: SendControl,
    ) -> None:
        self._engine, self._write, self._send_control, self._witness = (
            signer.engine,
            write,
            send_control,
            witness,
        )
        self._position = position
        self._maker = Maker(signer)
        self._offers = Offers(signer, self._maker, witnesses, send_control)
        self._comparer = Comparer(signer)
        self._writing: Future[Any] | None = None

    def look(self) -> "Future[Any] | None":
        """Do what is due. Gives what is being written, none when nothing is; never waits for it."""
        if self._writing is not None and not self._writing.done():
            return self._writing
        self._writing = None
        if self._rests():
            return None
        try:
            work = self._due()
        except (LookupError, ValueError) as error:
            # A damaged row must not keep the relay from its work; `huiyin verify` names it.
            log.warning("no checkpoint: %s: %s", type(error).__name__, error)
            return None
        return self._hand_over(work) if work else None

    def _rests(self) -> bool:
        """Whether there is nothing to do, as far as is known without asking the database."""
        return (
            self._maker.rests(self._position()) and not self._comparer.is_waiting and not self._offers.due()
        )

    def _hand_over(self, work: list[Work]) -> "Future[Any] | None":
        try:
            self._writing = self._write(lambda group: _do(group, work))
        except Refusal as refusal:
            log.info("the checkpoint waits: %s", refusal.code)
        return self._writing

    def take_offer(self, group: Group, source: str, key: str, body: dict[str, Any]) -> None:
        """A checkpoint of another log came: sign or refuse it. Errors: ValueError, KeyError."""
        answer = self._witness.take(group.connection, source, Offer.read(body, key))
        group.on_commit += [lambda: self._send_control("witnessed", source, answer), self._comparer.wake]

    def take_answer(self, group: Group, source: str, key: str, body: dict[str, Any]) -> None:
        """A witness says what it holds of this node's log. Errors: ValueError, LookupError."""
        self._offers.take_answer(group, source, key, body)

    def _due(self) -> list[Work]:
        with self._engine.connect() as connection:
            made = self._maker.work(connection)
            compared = list(self._comparer.work(connection))
            self._offers.send(connection)
        return [*([made] if made else []), *compared]


def _do(group: Group, work: list[Work]) -> None:
    for one in work:
        one(group)
