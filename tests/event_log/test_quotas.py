"""Quotas are reckoned from the record: a restart forgets none, a failed commit counts for nothing, and each can be raised."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.node.node import Node
from shared.settings.network import SettingsMissing, read_network
from shared.work.common.calendar import day_of
from shared.work.common.quota import (
    DayUse,
    FilesReached,
    MattersOfOfficeReached,
    MattersOfPersonReached,
    Quotas,
    TextReached,
    VersionsReached,
)
from shared.work.common.words import (
    CheckedSource,
    CorrectionReason,
    Quota,
    QuotaReason,
    ReportKind,
)
from shared.work.quotas.orders import NoSuchColleague, RaiseQuota
from shared.work.quotas.questions import use_of_the_day
from shared.work.quotas.spending import text_size
from shared.work.reports.orders import CorrectReport, FileReport
from tests.parts.tiny_network import NINE, VILLAGE_1, ClockOfTests, TinyNetwork, change_network, matter

NODE = "villages-100"


def with_quotas(tiny: TinyNetwork, **most: int) -> Node:
    """The village's node, opened with these quotas."""
    change_network(tiny.data, quotas=Quotas(**most))
    (node,) = tiny.open(NODE)
    return node


def opened_again(tiny: TinyNetwork) -> Node:
    tiny.close(NODE)
    (node,) = tiny.open(NODE)
    return node


def raise_quota(tiny: TinyNetwork, node: Node, quota: Quota, more: int, **said: Any) -> None:
    order = RaiseQuota(unit=tiny.units[VILLAGE_1], quota=quota, more=more, reason=QuotaReason.PROGRAM, **said)
    tiny.give(node, VILLAGE_1, order, role="director")


def as_recorded(tiny: TinyNetwork, node: Node, day: date) -> DayUse:
    return node.ask(use_of_the_day, tiny.units[VILLAGE_1], day)


def test_given_as_many_matters_as_a_person_may_when_the_node_starts_again_then_one_more_is_still_refused(
    tiny: TinyNetwork,
):
    node = with_quotas(tiny, matters_of_a_person=2)
    for _ in range(2):
        tiny.register(node, VILLAGE_1)
    with pytest.raises(MattersOfPersonReached):
        tiny.register(node, VILLAGE_1)
    node = opened_again(tiny)
    with pytest.raises(MattersOfPersonReached):
        tiny.register(node, VILLAGE_1)


def test_given_a_repeated_request_when_the_quota_is_reached_then_it_finds_its_first_answer(
    tiny: TinyNetwork,
):
    node = with_quotas(tiny, matters_of_a_person=1)
    first = tiny.register(node, VILLAGE_1, key="one")
    assert tiny.register(node, VILLAGE_1, key="one") == first
    assert opened_again(tiny).ask(use_of_the_day, tiny.units[VILLAGE_1], day_of(NINE)).matters.total() == 1


def test_given_an_office_that_has_registered_all_it_may_then_its_director_gives_more_for_today_alone(
    tiny: TinyNetwork,
):
    clock = tiny.clock = ClockOfTests()
    node = with_quotas(tiny, matters_of_an_office=1)
    tiny.register(node, VILLAGE_1)
    with pytest.raises(MattersOfOfficeReached):
        tiny.register(node, VILLAGE_1)
    raise_quota(tiny, node, Quota.MATTERS, 1)
    tiny.register(node, VILLAGE_1)
    node = opened_again(tiny)
    with pytest.raises(MattersOfOfficeReached):
        tiny.register(node, VILLAGE_1)
    # The next day begins anew, and without the raise
    clock.at = NINE + timedelta(days=1)
    tiny.register(node, VILLAGE_1)
    with pytest.raises(MattersOfOfficeReached):
        tiny.register(node, VILLAGE_1)


def test_given_texts_of_a_day_when_counted_in_passing_and_from_the_record_then_both_agree(tiny: TinyNetwork):
    node = with_quotas(tiny, text_of_a_person=1)
    said = matter(tiny.units[VILLAGE_1], account="田" * 200)
    tiny.give(node, VILLAGE_1, said)
    clerk, typed = tiny.clerk(VILLAGE_1).account, text_size(said)
    # The record also has the query code, which nobody typed
    assert 0 <= as_recorded(tiny, node, day_of(NINE)).text[clerk] - typed <= 20
    with pytest.raises(TextReached):
        tiny.register(node, VILLAGE_1, account="田" * 150)
    node = opened_again(tiny)
    with pytest.raises(TextReached):
        tiny.register(node, VILLAGE_1, account="田" * 150)
    raise_quota(tiny, node, Quota.TEXT, 1)
    tiny.register(node, VILLAGE_1, account="田" * 150)


def test_given_a_report_with_all_its_versions_then_another_one_is_refused_until_that_is_raised(
    tiny: TinyNetwork,
):
    node, day = with_quotas(tiny, versions_of_a_report=2), day_of(NINE)
    said = {
        "unit": tiny.units[VILLAGE_1],
        "day": day,
        "kind": ReportKind.ZERO,
        "checked": [CheckedSource.PHONE],
    }
    again = CorrectReport(reason=CorrectionReason.CHECKS_MISTAKEN, **said)
    tiny.give(node, VILLAGE_1, FileReport(**said))
    tiny.give(node, VILLAGE_1, again)
    with pytest.raises(VersionsReached):
        tiny.give(node, VILLAGE_1, again)
    raise_quota(tiny, node, Quota.VERSIONS, 1)
    tiny.give(node, VILLAGE_1, again)


def test_given_a_name_that_nobody_of_the_office_has_when_a_quota_is_raised_for_it_then_it_is_refused(
    tiny: TinyNetwork,
):
    node = with_quotas(tiny)
    with pytest.raises(NoSuchColleague):
        raise_quota(tiny, node, Quota.MATTERS, 1, login="nobody")


def test_given_as_many_files_as_a_person_may_take_when_the_node_starts_again_then_one_more_is_still_refused(
    tiny: TinyNetwork,
):
    node, clerk = with_quotas(tiny, files_of_a_person=2), tiny.clerk(VILLAGE_1)
    for _ in range(2):
        node.take_file(clerk, "matters", NINE)
    node = opened_again(tiny)
    with pytest.raises(FilesReached):
        node.take_file(clerk, "letters", NINE)
    node.take_file(clerk, "letters", NINE + timedelta(days=1))
    raise_quota(tiny, node, Quota.FILES, 1)
    node.take_file(clerk, "letters", NINE)
    assert node.accounts.files_by_account(day_of(NINE)) == {clerk.account: 3}


def test_a_network_sets_its_own_quotas_and_a_slip_in_them_is_named(tiny: TinyNetwork):
    change_network(tiny.data, quotas=Quotas(files_of_a_person=7))
    assert read_network(tiny.data).quotas == Quotas(files_of_a_person=7)
    path = tiny.data / "network.toml"
    path.write_text(path.read_text().replace("files_of_a_person = 7", "files_of_a_person = 0\nletters = 3"))
    with pytest.raises(SettingsMissing, match=r"quotas\.letters.*quotas\.files_of_a_person"):
        read_network(tiny.data)
