"""Checking what was signed: checkpoints, cosignatures and a tree's rows against trees grown from the facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from shared.audit.check import AuditContext, Finding
from shared.envelope import Envelope, UnreadableEnvelope, moment_text
from shared.event_log.journal import own_facts
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL
from shared.node.node import Node
from shared.proof.alarms import alarms
from shared.proof.checkpoint import Checkpoint, LogName, witness_name
from shared.proof.merkle import HASH_BYTES
from shared.proof.notes import NotANote, Note
from shared.proof.tables import CHECKPOINTS, COSIGNATURES, TILES, TREES, WITNESSED
from shared.proof.tiles import WIDTH, Tree
from shared.proof.witness import NOT_HELD, SAME, Witnessed


@dataclass(frozen=True)
class Signature:
    """Who must have signed a note: a log, or a witness; each with one of its keys, those of before included."""

    log_keys: tuple[str, ...]
    witness: str = ""
    witness_keys: tuple[str, ...] = ()

    def wrong_with(self, checkpoint: Checkpoint, note: Note) -> str:
        """What is wrong with the signatures; empty when they are right."""
        if not any(note.is_signed(str(checkpoint.log), key) for key in self.log_keys):
            return "its log did not sign it"
        if self.witness and not any(note.cosigned_at(self.witness, key) for key in self.witness_keys):
            return f"{self.witness} did not sign it"
        return ""


def own_checkpoints(check: AuditContext) -> Iterator[Finding]:
    """This node's checkpoints are signed and say what its facts say; so does what its witnesses hold."""
    node = check.node
    for table in (CHECKPOINTS, COSIGNATURES):
        good = 0
        for row in check.rows(select(table).order_by(table.c.log, table.c.size, table.c.made_at)):
            by = row.witness if table is COSIGNATURES else ""
            signature = _signature(check, node.name, by)
            wrong = _wrong_with(check, row, signature)
            if wrong:
                where = f"leaf {good} to {row.size - 1} of {row.log}"
                yield check.found(node.name, f"{_called(row)}: {wrong}", where)
                break
            good = row.size


def witnessed_here(check: AuditContext) -> Iterator[Finding]:
    """What this node witnessed of others is signed, and is what it holds of their facts."""
    for row in check.rows(select(WITNESSED).order_by(WITNESSED.c.log, WITNESSED.c.size)):
        wrong = _wrong_with(check, row, _signature(check, row.source, check.node.name))
        if wrong:
            yield check.found(row.source, f"witnessed {_called(row)}: {wrong}", f"leaf {row.size - 1}")


def witnessed_of(check: AuditContext, witnessed: Iterable[Witnessed]) -> Iterator[Finding]:
    """What other nodes witnessed of this node's log is what its facts say."""
    name = check.node.log_name
    held = [one.checkpoint for one in witnessed if one.checkpoint.log == name]
    for made in sorted(held, key=lambda one: one.size):
        wrong = _difference(check.tree(name), made)
        if wrong:
            what = f"a witness holds a checkpoint of {made.size} facts: {wrong}"
            yield check.found(name.node, what, f"made at {made.time:%Y-%m-%d %H:%M} UTC")
            break


def tree_rows(check: AuditContext) -> Iterator[Finding]:
    """The stored tree of each log is that of its facts; the first other hash names its fact."""
    for stored in check.connection.execute(select(TREES)).all():
        log = LogName.read(stored.log)
        tree = check.tree(log)
        if stored.size > tree.size:
            yield check.found(log.node, "facts of its tree are gone", f"leaf {tree.size} of {stored.size}")
            continue
        bad = _first_other(check, tree, stored.size)
        if bad is not None:
            what = f"not the fact that its tree was made of: {_fact(check, log, bad)}"
            yield check.found(log.node, what, f"leaf {bad}")


def alarms_here(check: AuditContext) -> Iterator[Finding]:
    """Logs that were found to be other than what was witnessed of them."""
    for alarm in alarms(check.connection):
        what = f"{alarm.kind}, found by {alarm.found_by} at {alarm.found_at:%Y-%m-%d %H:%M} UTC"
        yield check.found(alarm.source, what, f"{alarm.size} facts of {alarm.witnessed_size} witnessed")


def _wrong_with(check: AuditContext, row: Row[Any], signature: Signature) -> str:
    try:
        note = Note.read(row.note)
        made = Checkpoint.of(note)
    except NotANote as error:
        return f"unreadable: {error}"
    if (str(made.log), made.size, moment_text(made.time)) != (row.log, row.size, row.made_at):
        return "it is about something else"
    wrong = signature.wrong_with(made, note)
    compared = row._mapping.get("compared", SAME)
    return wrong or ("" if compared == NOT_HELD else _difference(check.tree(made.log), made, compared))


def _difference(tree: Tree, made: Checkpoint, compared: str = SAME) -> str:
    """How a log of facts differs from a checkpoint of it."""
    if made.size > tree.size:
        # A witness may have signed before the facts arrived here.
        return f"only {tree.size} of {made.size} facts are here" if compared == SAME else ""
    return "" if tree.root(made.size) == made.root else "the facts are not those that were signed"


def _signature(check: AuditContext, log: str, witness: str) -> Signature:
    name = witness_name(check.node.settings.network.name, witness) if witness else ""
    return Signature(_keys_of(check.node, log), name, _keys_of(check.node, witness))


def _keys_of(node: Node, name: str) -> tuple[str, ...]:
    """Every key that a node signs or signed with; this node's own first as it has it, which is before it hears of it."""
    mine = (node.keys.public_signing(),) if name == node.name else ()
    return (*mine, *node.admission.keys_of(name))


def _first_other(check: AuditContext, tree: Tree, size: int) -> int | None:
    """The first leaf of which the stored tree differs from the facts'."""
    query = select(TILES).where(TILES.c.log == tree.log).order_by(TILES.c.level, TILES.c.place)
    stored = {(row.level, row.place): bytes(row.hashes) for row in check.rows(query)}
    for (level, place), tile in tree.tiles():
        span = WIDTH**level
        count = min(WIDTH, size // span - place * WIDTH)
        mine, kept = bytes(tile.hashes[: max(count, 0) * HASH_BYTES]), stored.pop((level, place), b"")
        if mine != kept:
            return (place * WIDTH + _first_difference(mine, kept)) * span
    return min((place * WIDTH ** (level + 1) for level, place in stored), default=None)


def _first_difference(mine: bytes, kept: bytes) -> int:
    pairs = zip(mine, kept, strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(mine), len(kept)))
    return same // HASH_BYTES


def _fact(check: AuditContext, log: LogName, leaf: int) -> str:
    """What stands at a leaf of this node's own log now."""
    if log != check.node.log_name:
        return f"number {leaf + 1} on its way up"
    query = own_facts(STORED_EVENTS.c.state)
    body = check.connection.scalar(
        query.where(JOURNAL.c.own).order_by(JOURNAL.c.position).offset(leaf).limit(1)
    )
    try:
        envelope = Envelope.read(bytes(body or b""))
    except UnreadableEnvelope:
        return "unreadable"
    return f"{envelope.type} {envelope.stream} version {envelope.stream_version}"


def _called(row: Row[Any]) -> str:
    return f"the checkpoint of {row.size} facts made at {row.made_at}"
