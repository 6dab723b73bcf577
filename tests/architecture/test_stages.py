"""The table of stages is whole, its orders exist, and its picture in the documentation is the present one."""

from shared.work.catalogue import ORDERS
from shared.work.matters import handling_facts
from shared.work.matters.stages import ENDED, HANDLING, REGISTER, Stage, stage_after
from tests.architecture.stages import PAGE, page


def test_the_picture_in_the_documentation_is_the_present_one():
    """If this fails: `python -m tests.architecture.stages`, and look at what it wrote."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_order_of_the_tables_exists():
    named = {line.order for line in HANDLING if line.order} | set(REGISTER)
    assert named <= set(ORDERS)


def test_every_fact_of_a_handling_has_its_line():
    facts = {
        kind.TOPIC
        for kind in vars(handling_facts).values()
        if getattr(kind, "TOPIC", "").startswith("referral.")
    }
    assert facts == {line.fact for line in HANDLING}


def test_no_line_leads_out_of_an_end_and_every_stage_is_reached():
    assert not [line for line in HANDLING if ENDED & set(line.stages)]
    assert {line.to for line in HANDLING if line.to} == set(Stage)


def test_a_fact_with_two_outcomes_is_told_apart_by_its_field():
    answered = [{"agreed": agreed}.__getitem__ for agreed in (True, False)]
    assert [stage_after("referral.objection_answered", of) for of in answered] == [
        Stage.RETURNED,
        Stage.RECEIVED,
    ]
