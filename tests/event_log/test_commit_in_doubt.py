"""A commit whose answer gets lost on the way is neither done twice nor called lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from shared.audit.verify import verify_node
from shared.settings.network import read_network
from shared.work.common.order_refusals import CommitInDoubt
from tests.parts.proxy import BreakingLink
from tests.parts.tiny_network import VILLAGE_2, TinyNetwork, change_network

VILLAGE = "village-100-202"
COMMIT = b"COMMIT\x00"
"""The whole statement as it stands on the link; a transaction begins with READ COMMITTED."""


@pytest.fixture
def link(tiny_on_server: TinyNetwork) -> Iterator[BreakingLink]:
    """The link between the small county's nodes and their database."""
    url = make_url(read_network(tiny_on_server.data).postgres or "")
    (socket,) = Path(str(url.query["host"])).glob(".s.PGSQL.*[0-9]")
    link = BreakingLink(socket)
    through = url.set(host="127.0.0.1", port=link.port, query={}).render_as_string(hide_password=False)
    change_network(tiny_on_server.data, postgres=through)
    yield link
    tiny_on_server.close()
    link.close()


def test_given_a_commit_that_was_kept_when_its_answer_is_lost_then_the_order_is_answered_once(
    tiny_on_server: TinyNetwork, link: BreakingLink
) -> None:
    (village,) = tiny_on_server.open(VILLAGE)
    tiny_on_server.register(village, VILLAGE_2)
    link.break_after(COMMIT)
    case = tiny_on_server.register(village, VILLAGE_2)
    assert link.broken.is_set()
    assert village.log.count("case.registered") == 2
    assert tiny_on_server.register(village, VILLAGE_2) != case
    assert verify_node(village).findings == ()


def test_given_a_database_that_is_gone_after_a_commit_when_the_form_is_sent_again_then_it_is_not_done_twice(
    tiny_on_server: TinyNetwork, link: BreakingLink
) -> None:
    (village,) = tiny_on_server.open(VILLAGE)
    tiny_on_server.register(village, VILLAGE_2)
    link.break_after(COMMIT, stays_down=True)
    with pytest.raises(CommitInDoubt):
        tiny_on_server.register(village, VILLAGE_2, key="form-1")
    link.mend()
    tiny_on_server.register(village, VILLAGE_2, key="form-1")
    assert village.log.count("case.registered") == 2
    assert verify_node(village).findings == ()
