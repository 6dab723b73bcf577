"""One small network for the tests of this folder; each test brings its own people and matters."""

from collections.abc import Iterator

import pytest

from services.running import running
from shared.settings.network import node_names
from tests.services.network import Stage, found_small


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A rehearsal network at nine o'clock, all nodes in one process."""
    data = found_small(tmp_path_factory.mktemp("doors") / "network")
    with running(data, node_names(data), port=0) as (host, web):
        yield Stage(host, f"http://127.0.0.1:{web.port}")
