"""The simulator finds bugs: each that is planted shows within the stated number of seeds."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.simulator.county import Template, folder_in_memory
from tests.simulator.planted import PLANTED
from tests.simulator.run import prepare, run


@pytest.fixture(scope="module")
def templates() -> Iterator[dict[bool, Template]]:
    """The networks that every seed begins with: among honest nodes, and with one that lies."""
    with ExitStack() as held:
        yield {
            with_liar: prepare(held.enter_context(folder_in_memory()), with_liar=with_liar)
            for with_liar in (False, True)
        }


@pytest.mark.parametrize("name", PLANTED)
def test_given_a_planted_bug_when_seeds_are_played_then_one_shows_it(
    name: str, templates: dict[bool, Template]
):
    planted = PLANTED[name]
    template = templates[planted.with_liar]
    with planted.in_the_code():
        shown = (
            seed
            for seed in range(planted.first, planted.first + planted.within)
            if run(seed, template).violations
        )
        assert next(shown, None) is not None, f"not found by {planted.within} seeds"
