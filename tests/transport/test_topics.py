"""Names of topics: nobody reads more than the work needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transport import topics
from shared.work.common.unit_info import NodeInfo

NODES = [
    NodeInfo("county", "county", "370999", "", ""),
    NodeInfo("town-100", "township", "370999100", "", ""),
    NodeInfo("town-101", "township", "370999101", "", ""),
    NodeInfo("villages-100", "village", "370999100", "", ""),
    NodeInfo("villages-101", "village", "370999101", "", ""),
]
AREAS = ["370999100", "370999101"]


def read_by(node: NodeInfo) -> list[str]:
    return topics.topics_read_by("xian", node.name, tier=node.tier, area=node.area, village_areas=AREAS)


def test_each_tier_reports_to_its_own_topic():
    # When nodes of the three tiers report, then each has its topic, a village that of its township
    assert topics.up_topic("xian", "village", "370999100") == "xian.village.370999100"
    assert topics.up_topic("xian", "township", "370999100") == "xian.township"
    assert topics.up_topic("xian", "county", "370999") == "xian.county"


def test_a_route_leads_up_or_to_a_mailbox():
    # When a route is followed, then it leads to the topic above or to the mailbox of its node
    assert topics.topic_of_route("xian", "up", "village", "370999100") == "xian.village.370999100"
    assert topics.topic_of_route("xian", "to:town-101", "village", "370999100") == "xian.to.town-101"
    with pytest.raises(ValueError):
        topics.topic_of_route("xian", "sideways", "village", "370999100")


def test_a_node_reads_its_mailbox_and_the_tiers_below_it():
    # When the nodes of a county are asked what they read, then nobody reads beside or above itself
    assert {node.name: read_by(node) for node in NODES} == {
        "county": ["xian.to.county", "xian.township", "xian.village.370999100", "xian.village.370999101"],
        "town-100": ["xian.to.town-100", "xian.village.370999100"],
        "town-101": ["xian.to.town-101", "xian.village.370999101"],
        "villages-100": ["xian.to.villages-100"],
        "villages-101": ["xian.to.villages-101"],
    }


@pytest.mark.parametrize(
    ("tier", "area"), [("village", "3709991"), ("village", "37099910x"), ("village", ""), ("province", "37")]
)
def test_a_wrong_tier_or_area_has_no_topic(tier: str, area: str):
    # When a topic is asked for a tier or an area that is none, then it is refused
    with pytest.raises(ValueError):
        topics.up_topic("xian", tier, area)


@given(st.text(max_size=300))
def test_only_names_that_the_broker_takes_are_given(node: str):
    # Given any name of a node, when its mailbox is named, then the name is legal or refused
    try:
        name = topics.mailbox("xian", node)
    except ValueError:
        return
    assert len(name) <= 249
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
