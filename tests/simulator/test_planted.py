"""The simulator finds bugs: each that is planted shows within the stated number of seeds."""

from collections.abc import Iterator

import pytest

from tests.simulator.county import Template, folder_in_memory
from tests.simulator.planted import PLANTED
from tests.simulator.run import prepare, run


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    """The network that every seed begins with."""
    with folder_in_memory() as folder:
        yield prepare(folder)


@pytest.mark.parametrize("name", PLANTED)
def test_given_a_planted_bug_when_seeds_are_played_then_one_shows_it(name: str, template: Template):
    planted = PLANTED[name]
    with planted.in_the_code():
        shown = (
            seed
            for seed in range(planted.first, planted.first + planted.within)
            if run(seed, template).violations
        )
        assert next(shown, None) is not None, f"not found by {planted.within} seeds"
