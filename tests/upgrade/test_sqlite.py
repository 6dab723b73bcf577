"""Networks on one machine that earlier releases made: a file a node, and a file as the road."""

from collections.abc import Iterator

import pytest

from tests.upgrade import keeping
from tests.upgrade.kept_network import *  # noqa: F403
from tests.upgrade.kept_network import Kept
from tests.upgrade.network import Network


@pytest.fixture(scope="module", params=keeping.releases())
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The network of a release, unpacked as if its folder had been carried here, in today's hands."""
    archive = keeping.HERE / request.param / keeping.SQLITE
    data = keeping.unpack(archive, tmp_path_factory.mktemp("kept") / "network")
    with Network(data) as network:
        made = Kept(request.param, network, keeping.read_expected(request.param)["sqlite"])
        made.begin()
        yield made
