"""A node that was restored as it should be begins another log; nobody raises an alarm, and old proofs stand."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from shared.audit.verify import verify_node
from shared.event_log.tables import JOURNAL
from shared.process.host import Host
from shared.proof import questions
from shared.proof.tables import ALARMS
from shared.settings.network import read_node
from tests.parts.backups import Backup
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.proof.exchange import LATER
from tests.transport.test_restored import impatient, restore, settled  # noqa: F401
from tests.transport.wire_tools import until


@pytest.fixture
def lost(tiny: TinyNetwork) -> Iterator[tuple[TinyNetwork, UUID]]:
    """A village whose database is put back to an older backup, and the last fact that was witnessed of it."""
    with tiny.host() as host:
        tiny.register(host.nodes[ALONE], VILLAGE_2)
        witnessed(tiny, host, 1)
    kept = Backup(read_node(tiny.data, ALONE), tiny.data.parent)
    with tiny.host() as host:
        tiny.register(host.nodes[ALONE], VILLAGE_2)
        witnessed(tiny, host, 2)
        fact = host.nodes[ALONE].ask(last_own)
    kept.put_back()
    tiny.clock.at += LATER
    yield tiny, fact


def witnessed(tiny: TinyNetwork, host: Host, size: int) -> None:
    """Wait until the offices above have all facts, and have signed for them."""
    settled(host)
    tiny.clock.at += LATER
    until(lambda: host.nodes[ALONE].proofs.state()["witnessed"] == {"county": size, "town-100": size})
    network = tiny.network().name
    own = host.nodes[ALONE].ask(last_own)
    until(lambda: host.nodes["county"].ask(questions.inclusion, network, own))


def last_own(connection: Connection) -> UUID:
    """The last fact that a node recorded."""
    query = select(JOURNAL.c.fact).where(JOURNAL.c.own).order_by(JOURNAL.c.position.desc())
    return connection.scalars(query.limit(1)).one()


def test_given_a_restored_node_when_it_works_again_then_its_new_log_is_witnessed_without_an_alarm(
    lost: tuple[TinyNetwork, UUID],
):
    tiny, fact = lost
    # When it takes back what others hold and goes on in a new life
    restore(tiny, ALONE)
    with tiny.host() as host:
        village = host.nodes[ALONE]
        tiny.register(village, VILLAGE_2)
        witnessed(tiny, host, 1)
        # Then nobody ever said anything against it, and all of it is right
        for node in host.nodes.values():
            with node.engine.connect() as connection:
                assert connection.execute(select(ALARMS)).all() == []
            assert verify_node(node).findings == ()
        assert village.proofs.state()["log"].endswith("/2")
        # And what had been witnessed of the old log is still proved by the county
        proof = host.nodes["county"].ask(questions.inclusion, tiny.network().name, fact)
        assert proof and proof.checkpoint.log.incarnation == 1
