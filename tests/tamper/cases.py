"""One case: a copy of the network, a damage by its number, and who finds it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from shared.audit.verify import verify_node
from shared.database.engines import dispose_all, engine_for
from shared.proof.witness import Witnessed, all_witnessed
from shared.settings.network import read_node
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.proof.exchange import witness
from tests.tamper import careful, damage
from tests.tamper.damage import Deed
from tests.tamper.ground import EARLIER, Ground

PARENTS = ("town-100", "county")


@dataclass(frozen=True)
class Outcome:
    """What was done, what the check of the node said first, and what its parents found."""

    seed: int
    kind: str
    table: str
    detail: str
    node: str
    first: str
    whose: str
    alarms: tuple[str, ...]
    found: bool


def play(ground: Ground, seed: int, folder: Path) -> Outcome:
    """Play one case in a folder of its own."""
    random = Random(seed)
    network = ground.copy(folder)
    try:
        return random.choice(DEEDS)(network, ground, seed, random)
    finally:
        network.close()
        dispose_all()


def _scratched(network: TinyNetwork, ground: Ground, seed: int, random: Random) -> Outcome:
    """A file is damaged where its facts, places or signatures stand."""
    at = random.choice((ALONE, *PARENTS))
    part, deed = damage.choose(damage.OWN if at == ALONE else damage.RECEIVED, random)
    db = damage.open_file(network.data, at)
    done = deed(db, part, random)
    db.commit()
    db.close()
    return _outcome(network, seed, done, at, ())


def _rewritten(network: TinyNetwork, ground: Ground, seed: int, random: Random) -> Outcome:
    """The whole log is made right in itself; only what others hold tells."""
    done = careful.rewrite(network, random)
    return _outcome(network, seed, done, ALONE, _meet(network))


def _rolled_back(network: TinyNetwork, ground: Ground, seed: int, random: Random) -> Outcome:
    """The village's folder is put back to an earlier day."""
    to = random.randrange(EARLIER)
    ground.roll_back(network.data, to)
    done = Deed("roll back", "the whole file", f"to state {to}")
    return _outcome(network, seed, done, ALONE, _meet(network))


def _forked(network: TinyNetwork, ground: Ground, seed: int, random: Random) -> Outcome:
    """The village's folder is put back to an earlier day, and the work goes on from there."""
    to, more = random.randrange(EARLIER), random.randint(1, 20)
    ground.roll_back(network.data, to)
    (village,) = network.open(ALONE)
    for _ in range(more):
        network.register(village, VILLAGE_2)
    network.close(ALONE)
    done = Deed("fork", "the whole file", f"to state {to}, then {more} more matters")
    return _outcome(network, seed, done, ALONE, _meet(network))


DEEDS: tuple[Callable[[TinyNetwork, Ground, int, Random], Outcome], ...] = (
    *[_scratched] * 5,
    _rewritten,
    _rolled_back,
    _forked,
)
"""Five of eight cases are one of flip, delete, swap, insert and truncate."""


def _meet(network: TinyNetwork) -> tuple[str, ...]:
    """The village starts and speaks with its parents: what they say of its log then."""
    village, *parents = network.open(ALONE, *PARENTS)
    witness(village, *parents)
    found = tuple(kind for parent in parents for kind in careful.parent_alarms(network, parent))
    network.close()
    return found


def _outcome(network: TinyNetwork, seed: int, done: Deed, at: str, alarms: tuple[str, ...]) -> Outcome:
    """Check the node with what the others witnessed; of what parents must find both must say so."""
    held = [made for parent in PARENTS if parent != at for made in _witnessed(network, parent)]
    (node,) = network.open(at)
    findings = verify_node(node, witnessed=held).findings
    first = findings[0] if findings else None
    needed = done.table == "the whole file" or done.kind.startswith("careful")
    named = first is not None and first.node == at and first.whose == ALONE
    found = named and (len(alarms) >= len(PARENTS) or not needed)
    said = f"{first.what} ({first.where})" if first else ""
    whose = first.whose if first else ""
    return Outcome(seed, done.kind, done.table, done.detail, at, said, whose, alarms, found)


def _witnessed(network: TinyNetwork, name: str) -> list[Witnessed]:
    settings = read_node(network.data, name)
    engine = engine_for(settings.database, settings.schema)
    with engine.connect() as connection:
        return all_witnessed(connection)
