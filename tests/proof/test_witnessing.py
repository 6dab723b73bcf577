"""Witnesses sign what continues, and a log that was rolled back or forked is found by them."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from shared.database.engines import engine_for
from shared.event_log.group import Group
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL, NODE_STATE
from shared.node.node import Node
from shared.proof import questions
from shared.proof.tables import ALARMS, CHECKPOINTS, COSIGNATURES, WITNESSED
from shared.proof.witness import SAME
from shared.transport import topics
from shared.transport.messages import control_message
from shared.transport.wire import Arrived, Place
from tests.parts.counted import counted
from tests.parts.tiny_network import ALONE, TOWN_A, VILLAGE_2, TinyNetwork
from tests.proof.exchange import LATER, carry, look, said, send, witness
from tests.transport.postman import hand
from tests.volume.county import VILLAGES, record

Nodes = tuple[Node, Node, Node]


@pytest.fixture
def nodes(tiny: TinyNetwork) -> Iterator[Nodes]:
    """A village's, its township's and the county's node; the village has four witnessed facts."""
    village, town, county = tiny.open(ALONE, "town-100", "county")
    for _ in range(4):
        tiny.register(village, VILLAGE_2)
    send(village, town, county)
    witness(village, town, county)
    return village, town, county


@pytest.fixture
def on_files(tiny_on_files: TinyNetwork) -> Nodes:
    """The same on files, which can be rolled back by copying them."""
    village, town, county = tiny_on_files.open(ALONE, "town-100", "county")
    for _ in range(4):
        tiny_on_files.register(village, VILLAGE_2)
    send(village, town, county)
    witness(village, town, county)
    return village, town, county


def test_given_many_witnesses_when_a_node_says_how_far_each_has_signed_then_it_asks_as_often_as_for_two(
    nodes: Nodes,
):
    village, signer = nodes[0], nodes[0].proofs._signer  # pyright: ignore[reportPrivateUsage]
    two, more = ["town-100", "county"], ["town-100", "county", *(f"town-{number}" for number in range(20))]
    with village.engine.connect() as connection:
        with counted(connection) as asked:
            first = questions.state(connection, signer.log, two)
        with counted(connection) as asked_of_more:
            second = questions.state(connection, signer.log, more)
    assert len(asked_of_more) == len(asked)
    assert first["witnessed"] == {"town-100": 4, "county": 4}
    assert second["witnessed"] == dict.fromkeys(more, 0) | first["witnessed"]


def alarms(node: Node) -> list[tuple[str, str, str]]:
    """What a node says of logs: whose, what, and who found it."""
    return [(alarm["source"], alarm["kind"], alarm["found_by"]) for alarm in node.proofs.state()["alarms"]]


def facts_of(node: Node) -> list[UUID]:
    with node.engine.connect() as connection:
        return list(
            connection.scalars(select(JOURNAL.c.fact).where(JOURNAL.c.own).order_by(JOURNAL.c.position))
        )


def more(tiny: TinyNetwork, nodes: Nodes, count: int = 2) -> None:
    """Facts that are recorded, sent and witnessed some minutes later."""
    for _ in range(count):
        tiny.register(nodes[0], VILLAGE_2)
    tiny.clock.at += LATER
    send(nodes[0], *nodes[1:])
    witness(*nodes)


def test_given_facts_when_the_checkpoint_has_travelled_then_both_offices_above_have_signed_it(nodes: Nodes):
    village, town, county = nodes
    assert village.proofs.state()["witnessed"] == {"county": 4, "town-100": 4}
    assert [alarms(node) for node in nodes] == [[], [], []]


def test_given_a_log_longer_than_a_tile_when_it_grows_then_its_witnesses_still_compare_it(
    tiny: TinyNetwork, nodes: Nodes
):
    # Given a copy of 304 facts at both offices above, of which the first 256 are a full tile
    village, town, county = nodes
    record(village, [uuid4() for _ in range(VILLAGES)], day=0)
    more(tiny, nodes, 0)
    # When two more come, whose root needs that tile although they do not touch it
    more(tiny, nodes, 2)
    # Then both have found their own copy to be the same
    compared = select(WITNESSED.c.size, WITNESSED.c.compared).where(WITNESSED.c.log == str(village.log_name))
    for node in (town, county):
        with node.engine.connect() as connection:
            found = {tuple(row) for row in connection.execute(compared)}
        assert found == {(4, SAME), (304, SAME), (306, SAME)}


def test_given_very_many_new_facts_when_the_tree_takes_them_in_turns_then_a_checkpoint_follows(
    tiny_on_files: TinyNetwork, on_files: Nodes, monkeypatch: pytest.MonkeyPatch
):
    # Given 600 facts since the last checkpoint, of which a look takes 100
    monkeypatch.setattr("shared.proof.tree_sources.AT_ONCE", 100)
    village, units = on_files[0], [uuid4() for _ in range(VILLAGES)]
    for day in range(2):
        record(village, units, day)
    tiny_on_files.clock.at += LATER
    # When there were as many looks as that takes
    for _ in range(7):
        look(village)
    # Then a checkpoint of all of them continues the last, whose tile was read long before
    assert village.proofs.state()["size"] == 604


def test_the_county_is_witnessed_by_its_townships(nodes: Nodes):
    county = nodes[2].proofs.state()
    assert county["witnessed"]["town-100"] == county["size"] > 0


def test_given_a_witnessed_fact_when_asked_then_its_own_node_and_both_above_prove_it(
    tiny: TinyNetwork, nodes: Nodes
):
    more(tiny, nodes)
    network = nodes[0].settings.network.name
    for index, fact in enumerate(facts_of(nodes[0])):
        for node in nodes:
            proof, found = node.ask(questions.inclusion, network, fact), node.ask(questions.find_fact, fact)
            assert proof and found and proof.index == index
            assert proof.holds(found.envelope.digest)
            assert proof.note.is_signed(str(nodes[0].log_name), nodes[0].keys.public_signing())


def test_given_a_fact_since_the_last_checkpoint_when_asked_then_there_is_no_proof_yet(
    tiny: TinyNetwork, nodes: Nodes
):
    tiny.register(nodes[0], VILLAGE_2)
    send(nodes[0], *nodes[1:])
    witness(*nodes)
    fact = facts_of(nodes[0])[-1]
    assert [node.ask(questions.inclusion, node.settings.network.name, fact) for node in nodes] == [None] * 3


def test_given_a_lost_offer_when_a_minute_has_passed_then_it_is_made_again(tiny: TinyNetwork, nodes: Nodes):
    village, town, county = nodes
    tiny.register(village, VILLAGE_2)
    tiny.clock.at += LATER
    look(village)
    look(village)
    assert {to for to, _ in said(village)} == {"town-100", "county"}  # and lost
    look(village)
    assert said(village) == []
    tiny.clock.at += timedelta(minutes=1)
    send(village, town, county)
    witness(*nodes)
    assert village.proofs.state()["witnessed"] == {"county": 5, "town-100": 5}


def test_given_a_witness_that_lost_everything_when_offered_then_it_begins_anew(
    tiny: TinyNetwork, nodes: Nodes
):
    with nodes[1].engine.begin() as connection:
        connection.execute(delete(WITNESSED))
    more(tiny, nodes)
    assert nodes[0].proofs.state()["witnessed"]["town-100"] == 6
    assert alarms(nodes[1]) == []


def test_given_a_node_that_forgot_what_was_signed_when_it_offers_then_it_learns_it_from_the_witness(
    tiny: TinyNetwork, nodes: Nodes
):
    with nodes[0].engine.begin() as connection:
        connection.execute(delete(COSIGNATURES))
    tiny.close(ALONE)
    (village,) = tiny.open(ALONE)
    more(tiny, (village, *nodes[1:]))
    assert village.proofs.state()["witnessed"] == {"county": 6, "town-100": 6}
    assert alarms(nodes[1]) == []


def test_given_old_offers_that_come_again_when_taken_then_nothing_is_said_against_the_log(
    tiny: TinyNetwork, nodes: Nodes
):
    village, town, county = nodes
    tiny.register(village, VILLAGE_2)
    tiny.clock.at += LATER
    look(village)
    look(village)
    old = [message for to, message in said(village) if to == "town-100"]
    hand(town, old)
    more(tiny, nodes)
    hand(town, old + old)
    carry(nodes)
    assert alarms(town) == alarms(village) == []
    assert village.proofs.state()["witnessed"]["town-100"] == 7


def roll_back(tiny: TinyNetwork, nodes: Nodes) -> Nodes:
    """The village's file as it was before its last two facts, on another day."""
    file = tiny.data / "nodes" / ALONE / "log.sqlite"
    tiny.close(ALONE)
    shutil.copy(file, file.with_suffix(".old"))
    (village,) = tiny.open(ALONE)
    more(tiny, (village, *nodes[1:]))
    assert village.proofs.state()["size"] == 6
    tiny.close(ALONE)
    shutil.copy(file.with_suffix(".old"), file)
    tiny.clock.at += LATER
    (village,) = tiny.open(ALONE)
    return village, *nodes[1:]


def test_given_a_file_that_was_rolled_back_when_the_node_starts_then_its_witnesses_find_it(
    tiny_on_files: TinyNetwork, on_files: Nodes
):
    nodes = roll_back(tiny_on_files, on_files)
    witness(*nodes)
    assert alarms(nodes[1]) == [(ALONE, "rolled-back", "town-100")]
    assert alarms(nodes[2]) == [(ALONE, "rolled-back", "county")]
    assert {found for _, _, found in alarms(nodes[0])} == {"town-100", "county"}


def test_given_a_rolled_back_log_that_grew_again_when_it_is_offered_then_the_fork_is_found(
    tiny_on_files: TinyNetwork, on_files: Nodes
):
    nodes = roll_back(tiny_on_files, on_files)
    for _ in range(5):
        tiny_on_files.register(nodes[0], VILLAGE_2)
    witness(*nodes)
    assert (ALONE, "forked", "town-100") in alarms(nodes[1])
    assert (ALONE, "forked", "county") in alarms(nodes[2])
    assert "forked" in {kind for _, kind, _ in alarms(nodes[0])}


def test_given_an_alarm_when_looked_for_then_the_note_is_there_as_evidence(
    tiny_on_files: TinyNetwork, on_files: Nodes
):
    nodes = roll_back(tiny_on_files, on_files)
    witness(*nodes)
    with nodes[1].engine.connect() as connection:
        (row,) = connection.execute(select(ALARMS)).all()
    assert (row.size, row.witnessed_size) == (4, 6)
    assert row.note.startswith(f"{nodes[0].log_name}\n4\n")


def test_given_a_node_that_shows_its_witness_other_facts_than_it_sent_when_compared_then_it_is_found(
    tiny: TinyNetwork, nodes: Nodes
):
    village, town, county = nodes
    tiny.register(village, VILLAGE_2)
    send(village, town, county)
    with village.engine.begin() as connection:
        rows = connection.execute(select(STORED_EVENTS).order_by(STORED_EVENTS.c.id.desc())).all()
        change = STORED_EVENTS.update().where(STORED_EVENTS.c.id == rows[0].id)
        connection.execute(change.values(state=bytes(rows[0].state).replace(b'"persons":1', b'"persons":2')))
    tiny.clock.at += LATER
    witness(*nodes)
    assert alarms(town) == [(ALONE, "other-facts", "town-100")]
    assert alarms(county) == [(ALONE, "other-facts", "county")]


def test_given_facts_still_on_their_way_when_a_checkpoint_comes_then_it_is_compared_when_they_are_here(
    tiny: TinyNetwork, nodes: Nodes
):
    village, town, county = nodes
    tiny.register(village, VILLAGE_2)
    tiny.clock.at += LATER
    witness(*nodes)
    assert compared(town) == ["same", "waiting"]
    send(village, town, county)
    look(town)
    assert compared(town) == ["same", "same"]


def test_given_a_look_while_a_checkpoint_is_being_taken_when_it_is_committed_then_it_is_compared(
    tiny: TinyNetwork,
):
    # Given the first checkpoint of a village under way to its township
    village, town = tiny.open(ALONE, "town-100")
    tiny.register(village, VILLAGE_2)
    send(village, town)
    for _ in range(2):
        look(village)
    offers = [Arrived(message, Place("by hand", 10_000)) for to, message in said(village) if to == town.name]
    look(town)

    # When the township looks after it took it and before its commit
    def taken(group: Group) -> None:
        town.inbox.take(group, offers)
        town.checkpoint_service.look()

    town.log.write(taken).result()
    # Then the next look compares it
    look(town)
    assert compared(town) == ["same"]


def compared(node: Node) -> list[str]:
    with node.engine.connect() as connection:
        query = select(WITNESSED.c.compared).where(WITNESSED.c.source == ALONE, WITNESSED.c.size > 0)
        return list(connection.scalars(query.order_by(WITNESSED.c.size)))


@pytest.mark.parametrize(
    "changed",
    [{"note": "nothing"}, {"note": 7}, {"start": "x"}, {"proof": ["?"]}, {"proof": 5}, {}],
    ids=["no note", "a number", "no start", "no hash", "no list", "another's"],
)
def test_an_offer_that_makes_no_sense_or_is_anothers_is_left_alone(nodes: Nodes, changed: dict[str, Any]):
    village, town, county = nodes
    with village.engine.connect() as connection:
        note = connection.scalar(select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.made_at.desc()).limit(1))
    body = {"note": note, "start": 4, "proof": []} | changed
    # The county's signature is right, the checkpoint is the village's.
    sender = village if changed else county
    topic = topics.mailbox(town.settings.network.name, town.name)
    before = town.proofs.state(), count(town)
    hand(town, [control_message(topic, "checkpoint", sender.name, sender.now(), sender.keys, body)])
    assert (town.proofs.state(), count(town)) == before


def count(node: Node) -> int:
    with node.engine.connect() as connection:
        return len(connection.execute(select(WITNESSED)).all())


def test_given_a_new_life_of_the_node_when_witnessed_then_the_old_alarm_is_history(
    tiny_on_files: TinyNetwork, on_files: Nodes
):
    nodes = roll_back(tiny_on_files, on_files)
    witness(*nodes)
    assert alarms(nodes[1])
    tiny_on_files.close(ALONE)
    new_life(tiny_on_files)
    (village,) = tiny_on_files.open(ALONE)
    tiny_on_files.register(village, VILLAGE_2)
    send(village, *nodes[1:])
    witness(village, *nodes[1:])
    assert [alarms(node) for node in (village, *nodes[1:])] == [[], [], []]
    assert village.proofs.state()["witnessed"] == {"county": 1, "town-100": 1}


def new_life(tiny: TinyNetwork) -> None:
    """What a restore does first: the node's next incarnation begins."""
    engine = engine_for(f"sqlite:///{tiny.data}/nodes/{ALONE}/log.sqlite", None)
    with engine.begin() as connection:
        connection.execute(NODE_STATE.insert().values(name="incarnation", value="2"))
    engine.dispose()


def test_a_township_is_witnessed_by_the_county_alone(tiny: TinyNetwork, nodes: Nodes):
    _, town, county = nodes
    tiny.register(town, TOWN_A)
    send(town, county)
    tiny.clock.at += LATER
    witness(*nodes)
    assert town.proofs.state()["witnessed"] == {"county": 1}
