"""What a feature costs: an order and a register, each from one file, are served by every door that is derived."""

import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest
from fastapi import FastAPI

from services.network import MAKERS
from services.opening import open_host
from services.running import running
from shared.accounts import rights
from shared.event_log import names
from shared.orders.example import example_of
from shared.settings.network import node_names
from shared.web.languages import labels
from shared.work.catalogue import SUBJECTS, orders_of, work_of
from shared.work.common.words import Tier
from shared.work.matters import stages
from shared.work.subject import Subject, register_subject, subject
from tests.services.network import COUNTY, TOWN, VILLAGE, Stage, found_small, petition

ORDER = "/api/orders/mark-matter"


@pytest.fixture(scope="module")
def subjects() -> Iterator[tuple[Subject, ...]]:
    """The house's subjects and two specimens; what the whole process knows by name is as before afterwards."""
    with (
        patch.dict(names._FACTS),  # pyright: ignore[reportPrivateUsage]
        patch.dict(names._STREAMS),  # pyright: ignore[reportPrivateUsage]
        patch.dict(rights.RIGHTS),
        patch.dict(rights.SAYS),
        patch.dict(labels.LABELS),
        patch.dict(stages.REGISTER),
    ):
        from tests.architecture import specimen_order, specimen_register

        stages.REGISTER["mark-matter"] = specimen_order.STATES
        yield (*SUBJECTS, subject("specimen", specimen_order), register_subject(specimen_register.TRAININGS))


@pytest.fixture(scope="module")
def stage(subjects: tuple[Subject, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A small county whose offices have the specimens."""
    data = found_small(tmp_path_factory.mktemp("specimens") / "network")

    @cache
    def app_of(tier: str) -> FastAPI:
        return MAKERS[tier](subjects)

    opening = partial(open_host, work=work_of(subjects))
    with running(data, node_names(data), port=0, opening=opening, app_of=app_of) as (host, web):
        yield Stage(host, f"http://127.0.0.1:{web.port}")


@pytest.fixture(scope="module")
def case(stage: Stage) -> str:
    """A matter of the village."""
    unit = str(stage.unit(VILLAGE))
    return stage.person(VILLAGE).done("register-matter", petition(unit=unit))["case"]


def test_given_an_order_in_one_file_when_it_is_given_as_json_then_its_fact_is_on_the_time_line_above(
    stage, case
):
    clerk = stage.person(VILLAGE)
    clerk.done("mark-matter", {"case": case, "note": "已电话告知"})
    stage.settle()
    above = stage.person(COUNTY)
    assert [entry["name"] for entry in above.get(f"/api/matters/{case}/timeline").json()][-1] == "case.marked"
    assert "Noted on the file" in above.get(f"/matters/{case}").text


def test_the_page_of_the_matter_offers_its_form_and_the_form_gives_it(stage, case):
    clerk = stage.person(VILLAGE)
    assert f"/matters/{case}/mark" in clerk.get(f"/matters/{case}").text
    form = clerk.get(f"/matters/{case}/mark").text
    assert "Note on the file" in form and 'name="note"' in form
    assert clerk.submit(f"/matters/{case}/mark", {"note": "已回访"}).status_code == 303
    assert "已回访" in clerk.get(f"/matters/{case}").text


def test_given_its_form_when_it_was_sent_and_looked_at_again_then_the_next_step_is_on_the_present_state(
    stage, case
):
    clerk = stage.person(VILLAGE)
    for note in ("第一次", "第二次"):
        form = clerk.get(f"/matters/{case}/mark").text
        (version,) = re.findall(r'name="version" value="(\d+)"', form)
        sent = clerk.submit(f"/matters/{case}/mark", {"note": note, "version": version})
        assert sent.status_code == 303, note


def test_its_right_is_asked_and_its_description_has_an_example(stage, case):
    refused = stage.person(VILLAGE, "supervisor").order("mark-matter", {"case": case, "note": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    body = stage.person(VILLAGE).get("/api/openapi.json").json()["paths"][ORDER]["post"]["requestBody"]
    assert body["content"]["application/json"]["example"]["note"] == "已电话告知"


def test_given_a_register_in_one_file_when_a_record_is_kept_then_list_page_and_json_show_it(stage, subjects):
    clerk, enter = stage.person(VILLAGE), subjects[-1].orders[0]
    made = clerk.submit(
        "/specimens-of-training/new",
        {k: str(v) for k, v in enter.DECLARED.sample.items()} | {"is_public": "false"},
    )
    assert made.status_code == 303
    (listed,) = clerk.get("/api/specimens-of-training").json()
    assert (listed["topic"], listed["seats"], listed["is_public"], listed["state"]) == (
        "law",
        30,
        False,
        "open",
    )
    page = clerk.get("/specimens-of-training").text
    assert "The law" in page and "Planned" in page and f"/specimens-of-training/{listed['record']}" in page
    record = clerk.get(f"/specimens-of-training/{listed['record']}").text
    assert "条例讲解" in record and "/hold-training" in record and "/cancel-training" in record


def test_its_records_end_are_corrected_and_are_read_by_the_office_above(stage, subjects):
    clerk, (enter, change, correct, hold, _) = stage.person(VILLAGE), subjects[-1].orders
    record = clerk.done(enter.DECLARED.name, example_of(enter, ids={"unit": str(stage.unit(VILLAGE))}))[
        "record"
    ]
    for order in (change, hold, correct):
        clerk.done(order.DECLARED.name, example_of(order, ids={"record": record}))
    stage.settle()
    above = stage.person(TOWN).get(f"/specimens-of-training/{record}").text
    for word in ("Held", "条例第二十三条", "Entry corrected", "Training held"):
        assert word in above, word
    again = clerk.order(hold.DECLARED.name, example_of(hold, ids={"record": record}))
    assert (again.status_code, again.json()["code"]) == (409, "record-has-ended")


def test_given_trainings_planned_held_and_cancelled_when_counted_then_each_figure_opens_its_list(
    stage, subjects
):
    clerk, (enter, _, _, hold, cancel) = stage.person(VILLAGE), subjects[-1].orders
    ids = {"unit": str(stage.unit(VILLAGE))}
    far = example_of(enter, ids=ids) | {"day": "2025-05-06", "held_by": str(stage.unit(TOWN))}
    made = [clerk.done(enter.DECLARED.name, far)["record"] for _ in range(4)]
    for record, order in zip(made, (hold, hold, cancel), strict=False):
        clerk.done(order.DECLARED.name, example_of(order, ids={"record": record}))
    states = {one["record"]: one["state"] for one in clerk.get("/api/specimens-of-training").json()}
    assert [states[record] for record in made] == ["held", "held", "cancelled", "open"]
    (line,) = clerk.get("/api/specimens-of-training/figures?first=2025-05-01&last=2025-05-31").json()["lines"]
    counts = {figure["counter"]: figure["count"] for figure in line["figures"]}
    assert counts == {"planned": 1, "law": 4, "elsewhere": 4, "people": 24}
    for figure in line["figures"]:
        listed = clerk.get(figure["list"].removeprefix(clerk.base)).json()
        made_of = sum(one["present"] for one in listed) if figure["counter"] == "people" else len(listed)
        assert made_of == figure["count"], figure


def test_its_figures_and_its_paper_have_the_words_that_it_declares(stage, subjects):
    clerk, register = stage.person(VILLAGE), subjects[-1].records.register
    assert register.counters and register.papers
    figures, record = (
        clerk.get("/specimens-of-training/figures").text,
        clerk.get("/api/specimens-of-training").json()[0]["record"],
    )
    for counter in register.counters:
        assert counter.title in figures, counter.name
    for paper in register.papers:
        page = clerk.get(f"/specimens-of-training/{record}/{paper.name}").text
        for word in (paper.title, *paper.signatures, "条例讲解"):
            assert word in page, word
        assert (
            f"/specimens-of-training/{record}/{paper.name}"
            in clerk.get(f"/specimens-of-training/{record}").text
        )
    assert clerk.get("/specimens-of-training/figures?format=csv").text.count("Still planned") == 1
    assert stage.person(VILLAGE, "administrator").get("/specimens-of-training/figures").status_code == 403


def test_its_list_is_a_file_and_a_menu_entry_for_whoever_may_read_it(stage):
    clerk = stage.person(VILLAGE)
    csv = clerk.get("/specimens-of-training?format=csv").content.decode("utf-8-sig").splitlines()
    assert csv[0].split(",")[:4] == ["Office", "Day", "Subject", "Place"] and len(csv) > 1
    assert '/specimens-of-training"' in clerk.get("/").text
    assert '/specimens-of-training"' not in stage.person(VILLAGE, "administrator").get("/").text
    assert stage.person(VILLAGE, "administrator").get("/specimens-of-training").status_code == 403


def test_what_both_record_is_replayed_and_checked_like_everything_else(stage):
    from shared.audit.verify import verify_node

    stage.settle()
    for node in stage.host.nodes.values():
        assert verify_node(node).findings == ()


def gaps(of: Subject, module: ModuleType | None = None) -> list[str]:
    """What a feature leaves unsaid: facts without words, orders without an example, forms without a title."""
    unsaid = [
        f"{fact.TOPIC} has no SAYS"
        for fact in of.facts
        if fact.SAYS == "" and not fact.TOPIC.startswith(("unit.", "node."))
    ]
    for order in of.orders:
        step = order.DECLARED.step
        if step and not (step.title and step.button):
            unsaid.append(f"{order.DECLARED.name} has no title or no button")
        asked = {name for name, info in order.model_fields.items() if info.title and info.is_required()}
        picked = {name for name in asked if name in example_of(order)}
        if missing := asked - picked:
            unsaid.append(f"{order.DECLARED.name} has no example for {sorted(missing)}")
    return unsaid


@pytest.mark.parametrize("of", SUBJECTS, ids=lambda of: of.name)
def test_every_feature_of_the_house_says_what_its_doors_need(of):
    assert gaps(of) == []


def test_given_a_specimen_whose_words_are_missing_when_looked_at_then_each_gap_is_named(subjects):
    marked = subjects[-2]
    (fact,), (order,) = marked.facts, marked.orders
    bare = type(fact)("Bare", (fact,), {"SAYS": "", "TOPIC": "case.bare", "__annotations__": {}})
    unasked = type(order)(
        "Unasked",
        (order,),
        {
            "DECLARED": order.DECLARED.__class__("bare", order.DECLARED.rights),
            "__annotations__": {},
            "__module__": __name__,
        },
    )
    assert gaps(Subject("bare", facts=(bare,), orders=(unasked,))) == [
        "case.bare has no SAYS",
        "bare has no example for ['note']",
    ]


def test_each_tier_takes_the_order_that_declares_it(subjects):
    assert all("mark-matter" in {o.DECLARED.name for o in orders_of(tier, subjects)} for tier in Tier)


def test_a_feature_is_one_file_and_a_line_where_it_is_listed():
    here = Path(__file__).parent
    for specimen in ("specimen_order.py", "specimen_register.py"):
        assert len((here / specimen).read_text().splitlines()) < 80, specimen
