"""Commands about the proof: what strangers may ask of a log, and checks that need nothing but a key.

They read a node's database beside a running node, and write nothing.
"""

import base64
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from services.known_keys import KnownKey, keys_of
from services.terminal import Data, Json, say
from shared.database.engines import engine_for
from shared.event_log.journal import incarnation_of
from shared.event_log.node_keys import NodeKeys
from shared.orders.folding import matter_number_of
from shared.proof import questions
from shared.proof.checkpoint import Checkpoint, LogName, witness_name
from shared.proof.inclusion import Inclusion
from shared.proof.notes import COSIGNS, SIGNS, NotANote, Note, public_of, verifier_key
from shared.proof.promise import Promise
from shared.proof.refusals import NoProofYet, NoSuchSizes
from shared.settings.network import NodeSettings, SettingsMissing, node_names, read_network, read_node
from shared.work.directory import questions as units
from shared.work.matters.questions import timeline
from shared.work.matters.questions.matter import numbered

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Name = Annotated[str, typer.Option("--name", help="name of the node that is asked")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="public key of the log, base64 or as `huiyin proof keys` prints it"),
]
Folder = Annotated[
    Path | None, typer.Option("--data", help="folder of the network, whose directory knows the key")
]


@app.command("checkpoint")
def checkpoint(data: Data, name: Name, as_json: Json = False) -> None:
    """The newest checkpoint of a node's log, with every signature that has come."""
    settings = read_node(data, name)
    note = _asked(settings, lambda connection: questions.newest_note(connection, _log(settings, connection)))
    say(as_json, {"note": str(note or "")}, str(note or ""))


@app.command("fact")
def fact(
    data: Data,
    name: Name,
    fact: Annotated[UUID | None, typer.Argument(help="id of the fact, as the promise names it")] = None,
    number: Annotated[str, typer.Option(help="number of a matter, whose registration is proved")] = "",
    as_json: Json = False,
) -> None:
    """The proof that a fact is in a witnessed log, as one text that anybody can check offline."""
    settings = read_node(data, name)
    wanted = fact or _asked(settings, lambda connection: _registration(connection, number))
    network = settings.network.name
    proof = wanted and _asked(settings, lambda connection: questions.inclusion(connection, network, wanted))
    if not proof:
        raise NoProofYet()
    say(as_json, {"fact": str(wanted), "proof": str(proof)}, str(proof))


@app.command("consistency")
def consistency(
    data: Data,
    name: Name,
    first: Annotated[int, typer.Option("--from", help="facts in the earlier checkpoint")],
    second: Annotated[int, typer.Option("--to", help="facts in the later checkpoint")],
    as_json: Json = False,
) -> None:
    """The hashes that prove that a node's log only grew between two sizes."""
    settings = read_node(data, name)
    hashes = _asked(
        settings,
        lambda connection: questions.consistency(connection, _log(settings, connection), first, second),
    )
    if hashes is None:
        raise NoSuchSizes(size=_asked(settings, lambda connection: _size(settings, connection)))
    lines = [base64.b64encode(one).decode() for one in hashes]
    say(as_json, {"first": first, "second": second, "proof": lines}, "\n".join(lines))


@app.command("keys")
def keys(data: Data, as_json: Json = False) -> None:
    """The public keys of all logs and witnesses, as other people's tools take them."""
    network, nodes = read_network(data).name, _nodes(data)
    made = {
        node: {
            "log": verifier_key(str(LogName(network, node, 1)), SIGNS, key),
            "witness": verifier_key(witness_name(network, node), COSIGNS, key),
        }
        for node, key in sorted(nodes.items())
    }
    say(as_json, made, "\n".join(line for pair in made.values() for line in pair.values()))


@app.command("check")
def check(
    proof: Annotated[str, typer.Argument(help="file with the proof, or - for standard input")],
    promise: Annotated[str, typer.Option(help="file or text of the promise that it is to keep")] = "",
    leaf: Annotated[str, typer.Option(help="hash of the fact, base64, when there is no promise")] = "",
    data: Folder = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Check a proof offline: its log's signature, its witnesses, and the way from the fact to the root."""
    with _telling_what_is_wrong():
        found = Inclusion.read(_text(proof))
        log = found.checkpoint.log
        by_key = _key_of(log, found.note, data, key)
        Checkpoint.read(str(found.note), by_key.key)
        if not found.holds(_leaf(promise, leaf, data, key)):
            raise NotANote("the fact is not in the log of this checkpoint")
    witnesses = _witnesses(found.note, data)
    said = {"log": str(log), "index": found.index, "size": found.checkpoint.size, "witnesses": witnesses}
    said |= {"signed_with": by_key.as_json()}
    by = ", ".join(witnesses) or "nobody whose key is known here"
    where = f"{log}: fact {found.index + 1} of {found.checkpoint.size}, signed with {by_key.words}"
    say(as_json, said, f"{where}; witnessed by {by}")


def check_promise(
    promise: Annotated[str, typer.Argument(help="file with the promise, its text, or - for standard input")],
    data: Folder = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Check the signed promise on a receipt, offline: who gave it, about which fact, and until when."""
    with _telling_what_is_wrong():
        note = Note.read(_text(promise))
        by_key = _key_of(Promise.of(note).log, note, data, key)
        made = Promise.read(str(note), by_key.key)
    due = made.time + made.within
    said = {
        "log": str(made.log),
        "fact": str(made.fact),
        "leaf": base64.b64encode(made.leaf).decode(),
        "time": made.time.isoformat(),
        "witnessed_by": due.isoformat(),
        "signed_with": by_key.as_json(),
    }
    say(
        as_json,
        said,
        f"{made.log} promised on {made.time:%Y-%m-%d %H:%M} UTC to have fact {made.fact} in its log, "
        f"and to have it witnessed by {due:%Y-%m-%d %H:%M} UTC; signed with {by_key.words}",
    )


@contextmanager
def _telling_what_is_wrong() -> Iterator[None]:
    """What does not hold is said in one line, with exit code 1."""
    try:
        yield
    except NotANote as wrong:
        typer.echo(f"This does not hold: {wrong}", err=True)
        raise typer.Exit(1) from None


def _asked(settings: NodeSettings, question: Callable[[Any], Any]) -> Any:
    engine = engine_for(settings.database, settings.schema)
    with engine.connect() as connection:
        return question(connection)


def _log(settings: NodeSettings, connection: Any) -> LogName:
    return LogName(settings.network.name, settings.name, incarnation_of(connection))


def _size(settings: NodeSettings, connection: Any) -> int:
    return questions.state(connection, _log(settings, connection), [])["size"]


def _registration(connection: Any, number: str) -> UUID | None:
    found = numbered(connection, matter_number_of(number))
    return timeline.registration(connection, found[0][0]) if found else None


def _nodes(data: Path) -> dict[str, str]:
    """Every node's public key: from the directory that most is known of, and this folder's own keys."""
    network = read_network(data)
    known = {network.county_node: network.county_signing_key}
    for name in node_names(data):
        settings = read_node(data, name)
        known |= {node.name: node.signing_key for node in _asked(settings, units.directory).nodes.values()}
        known[name] = NodeKeys.load(settings.folder / "keys.json").public_signing()
    return known


def _key_of(log: LogName, note: Note, data: Path | None, key: str | None) -> KnownKey:
    """The key of a log with which a note was signed; its present one where none fits. Errors: SettingsMissing, NotANote."""
    if key:
        return KnownKey(public_of(key))
    if data is None:
        raise SettingsMissing("give the log's public key with --key, or the network's folder with --data")
    known = keys_of(data, log.node) if read_network(data).name == log.network else []
    if not known:
        raise SettingsMissing(f"{data}: nobody here knows the key of {log}; give it with --key")
    return next((one for one in known if note.is_signed(str(log), one.key)), known[0])


def _witnesses(note: Note, data: Path | None) -> list[str]:
    if data is None:
        return []
    network, names = read_network(data).name, {name for name, _ in note.lines}
    return [
        node
        for node in sorted(_nodes(data))
        if witness_name(network, node) in names
        and any(note.cosigned_at(witness_name(network, node), one.key) for one in keys_of(data, node))
    ]


def _leaf(promise: str, leaf: str, data: Path | None, key: str | None) -> bytes:
    if promise:
        note = Note.read(_text(promise))
        return Promise.read(str(note), _key_of(Promise.of(note).log, note, data, key).key).leaf
    try:
        return base64.b64decode(leaf, validate=True)
    except ValueError as error:
        raise NotANote(f"not a hash: {error}") from error


def _text(said: str) -> str:
    """What was given: standard input, a file, or the text itself."""
    if said == "-":
        return sys.stdin.read()
    # A promise is longer than the name of a file may be, and has lines.
    if "\n" in said:
        return said
    try:
        return Path(said).read_text(encoding="utf-8")
    except ValueError as error:  # no text, or no name of a file
        raise NotANote(f"{said!r} is no file with text: {error}") from error
