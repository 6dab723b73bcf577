"""Whether a process's nodes are settled: one question at its address, for whoever waits for all of them."""

from fastapi.testclient import TestClient

from services.network import serve
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.services.network import until


def test_given_a_matter_that_has_not_arrived_when_the_process_is_asked_then_it_is_not_settled(
    tiny_on_files: TinyNetwork,  # noqa: F811
):
    # Given a village's matter that nobody has carried yet
    host = tiny_on_files.open_host()
    host.start_nodes()
    door = TestClient(serve(host.nodes.values()), base_url="http://localhost", client=("127.0.0.1", 50_000))
    tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
    # When its process is asked, then it is not settled, and other nodes' calm does not hide that
    assert door.get("/settledz").json() is False
    assert door.get("/n/county/settledz").json() is True
    # And when the matter is held where it should be, it is
    host.start()
    until(lambda: door.get("/settledz").json() is True)
    host.stop()
