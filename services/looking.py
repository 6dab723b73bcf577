"""Commands that look at the nodes of a folder: what they hold, whether all of it is right, their lists made anew."""

import sys
from contextlib import suppress
from functools import partial
from threading import Event
from typing import Annotated, Any

import typer

from services.terminal import Data, Json, each_node, line, say, stopping, telling
from shared.audit.check import Verdict
from shared.audit.verify import judge_again, verify_node
from shared.database.progress import Progress
from shared.proof.witness import all_witnessed
from shared.settings.network import node_names
from shared.work.catalogue import PROJECTIONS

STOPPED = 130
"""Exit code of a check that somebody ended: that of a program ended by Ctrl-C in a shell."""


class _Stopped(BaseException):
    """Somebody ended the check; no `except Exception` takes it for a fault of what is checked."""


Only = Annotated[str | None, typer.Option("--name", help="only this node")]


def status(
    data: Data,
    name: Only = None,
    dump: Annotated[bool, typer.Option(help="the canonical dump of every projection of every node")] = False,
    as_json: Json = False,
) -> None:
    """What each node of this folder holds, whether or not it runs; nothing is changed."""
    states: list[dict[str, Any]] = []
    for one in each_node(data, name, upgrading=False):
        if dump:
            sys.stdout.write(
                "".join(f"{one.name} {line}\n" for line in one.ask(PROJECTIONS.dump).splitlines())
            )
        else:
            states.append(one.state())
    if not dump:
        say(as_json, states, "\n".join(_state_line(state) for state in states))


def verify(data: Data, name: Only = None, as_json: Json = False) -> None:
    """Check chains, trees, checkpoints, signatures and projections; exit code 1 names the first bad fact.

    Ctrl-C ends it and says what was looked at. Nodes may be running: of each, one moment is looked at, and nothing is held up. Of a whole network, what each node witnessed of the others is compared with their logs.
    """
    # A check changes nothing, so it also leaves to the next start what a release is to bring up to date.
    looked_at = partial(each_node, data, name, upgrading=False)
    verdicts: list[Verdict] = []
    wanted = len([name] if name else node_names(data))
    with stopping() as stop, suppress(_Stopped):
        witnessed = [made for one in looked_at() for made in one.ask(all_witnessed)]
        for one in looked_at():
            with telling() as progress:
                verdicts.append(verify_node(one, _until(stop, progress), witnessed))
    is_whole = len(verdicts) == wanted
    notes = [f"{verdict.node}: {note}" for verdict in verdicts for note in verdict.notes]
    findings = [vars(finding) for verdict in verdicts for finding in verdict.findings]
    facts = sum(verdict.facts for verdict in verdicts)
    said = "\n".join(f"{f['node']}: {f['what']} ({f['whose']}, {f['where']})" for f in findings)
    say(
        as_json,
        {"nodes": len(verdicts), "facts": facts, "findings": findings, "notes": notes, "whole": is_whole},
        "\n".join([*notes, *_how_far(verdicts, wanted), said or _all_right(len(verdicts), facts, notes)]),
    )
    if findings or not is_whole:
        raise typer.Exit(1 if findings else STOPPED)


def rebuild(data: Data, name: Only = None, as_json: Json = False) -> None:
    """Empty the projections and replay the log; a release that would write them otherwise does so by itself.

    What would not be taken today, or is not what its sender signed, is named; it keeps its place.
    """
    counts = {}
    for one in each_node(data, name):
        one.log.start()
        counts[one.name] = one.rebuild()
        line(f"{one.name}: {counts[one.name]} facts replayed")
        for warning in judge_again(one):
            line(f"{one.name}: {warning}")
    say(as_json, counts, f"{sum(counts.values())} facts replayed on {len(counts)} nodes")


def _until(stop: Event, progress: Progress) -> Progress:
    """The same progress until somebody ends the command."""

    def step(what: str, done: int, of: int) -> None:
        if stop.is_set():
            raise _Stopped
        progress(what, done, of)

    return step


def _how_far(verdicts: list[Verdict], wanted: int) -> list[str]:
    """What was looked at, where somebody ended the check before it was through."""
    if len(verdicts) == wanted:
        return []
    names = ", ".join(verdict.node for verdict in verdicts) or "none"
    return [f"stopped: {len(verdicts)} of {wanted} nodes were looked at ({names})"]


COMMANDS = (status, verify, rebuild)


def _all_right(nodes: int, facts: int, notes: list[str]) -> str:
    checked = (
        "every chain, tree and signature is right"
        if notes
        else "every chain, tree, signature and projection is right"
    )
    return f"{nodes} nodes, {facts} facts: {checked}"


def _state_line(state: dict[str, Any]) -> str:
    routes = ", ".join(f"{route['route']} {route['last']}" for route in state["routes"])
    return f"{state['node']}: {state['facts']} facts known, {state['parked']} parked; departed: {routes or 'nothing'}"
