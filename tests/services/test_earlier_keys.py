"""What a node signed before its keys were replaced is checked with the key of those days, and that is said."""

import json
from pathlib import Path

import pytest

from services.known_keys import keys_of
from shared.event_log.node_keys import NodeKeys
from shared.proof.promise import Promise
from tests.parts.terminal import Said, huiyin
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.postman import hand_round, letters
from tests.transport.test_rekeying import rekey


class Promised:
    """A promise of a village whose keys were replaced afterwards; `new` are its keys of today."""

    def __init__(self, network: TinyNetwork) -> None:
        network.open_all()
        self.data, self.new = network.data, NodeKeys.make()
        village, county = network.nodes[ALONE], network.nodes["county"]
        case = network.register(village, VILLAGE_2)
        with village.engine.connect() as connection:
            fact = next(one for one in village.log.since(connection) if one.envelope.stream == case).envelope
        made = Promise(village.log_name, fact.id, fact.digest, fact.recorded)
        self.earlier = village.keys.public_signing()
        self.by_earlier, self.by_new = (str(made.note(keys)) for keys in (village.keys, self.new))
        self.by_nobody = str(made.note(NodeKeys.make()))
        rekey(network, county, self.new)
        hand_round([*network.nodes.values()], letters(county))
        network.close()

    def check(self, promise: str) -> Said:
        return huiyin("check-promise", promise, "--data", self.data, "--json")


@pytest.fixture
def promised(tiny_on_files: TinyNetwork) -> Promised:  # noqa: F811
    return Promised(tiny_on_files)


def test_a_promise_of_before_holds_and_names_the_key_of_its_days(promised: Promised):
    said = promised.check(promised.by_earlier)
    assert said.code == 0, said.err
    key = json.loads(said.out)["signed_with"]
    assert key["key"] == promised.earlier and key["since"] < key["until"]
    words = huiyin("check-promise", promised.by_earlier, "--data", promised.data).out
    assert "which was replaced then" in words


def test_a_promise_of_today_names_the_present_key(promised: Promised):
    key = json.loads(promised.check(promised.by_new).out)["signed_with"]
    assert key["key"] == promised.new.public_signing() and key["until"] is None


def test_a_promise_that_no_key_of_the_node_signed_does_not_hold(promised: Promised):
    said = promised.check(promised.by_nobody)
    assert said.code == 1 and "did not sign this promise" in said.err


def test_the_keys_of_a_node_are_known_from_the_county(promised: Promised):
    known = [one.key for one in keys_of(Path(promised.data), ALONE)]
    assert known == [promised.new.public_signing(), promised.earlier]
