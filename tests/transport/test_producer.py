"""Every message says which release sent it, beside what is signed; and no receiver goes by it."""

from shared import __version__
from shared.transport.messages import is_control, read_fact
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.postman import changed, hand, known_from, letters

PRODUCER = f"huiyin/{__version__}"


def test_every_message_says_which_release_sent_it_beside_what_is_signed(tiny_on_files: TinyNetwork) -> None:
    # Given a matter that departs from a village
    village, town = tiny_on_files.open(ALONE, "town-100")
    tiny_on_files.register(village, VILLAGE_2)
    sent = letters(village)
    facts = [message for message in sent if not is_control(message.headers)]
    # Then every message names the release, and no fact holds it
    assert facts
    assert {message.headers["ce_producer"] for message in sent} == {PRODUCER}
    assert all(b"producer" not in read_fact(message).envelope.body for message in facts)
    # And a receiver takes the facts of any release, also of one that says nothing, and with headers it does not know
    others = (None, "huiyin/0.1.0", "huiyin/9.0.0")
    told = [changed(m, producer=others[n % 3], weather="rain") for n, m in enumerate(facts)]
    assert [read_fact(message) for message in told] == [read_fact(message) for message in facts]
    hand(town, told)
    assert "case.registered.v2" in known_from(town, ALONE)
