"""The way of an order stays one that a newcomer can follow."""

from tests.architecture.map import passing_on, ways

PASSING_ON, ENTERED = 40, 80
"""Files that pass an order on to another one, and all that are entered before its answer. Whoever needs more has put
another layer between the door and the log. A writer's second thread counts as passed on to by whatever file was entered
last before it, which makes one more now and then. Since this was first counted (26 and 57) came: two before the door, for
patience with slow senders and for who asks behind a proxy, one for a rehearsal's clock, one for what is kept of a repeated
order, where all input is folded, what a petition is as it is entered, the place in a register, where an arriving fact
is judged, by what is known here, and what moves with an office."""


def test_an_order_and_an_arriving_fact_pass_through_few_files():
    order, fact = ways()
    assert (passing_on(order) <= PASSING_ON, len(order) <= ENTERED) == (True, True), sorted(order)
    assert (passing_on(fact) <= PASSING_ON, len(fact) <= ENTERED) == (True, True), sorted(fact)


def test_the_map_leads_from_the_door_through_the_log_to_the_projections():
    order, fact = ways()
    on_the_way = ("shared/web/api.py", "shared/orders/giving.py", "shared/event_log/writer.py")
    assert [path for path in order if path in on_the_way] == list(on_the_way)
    assert {
        "shared/event_log/transaction.py",
        "shared/projections/projections.py",
    } <= order.keys() & fact.keys()
