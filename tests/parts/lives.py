"""How many made-up lives a state machine tries, and of how many steps."""

from hypothesis import settings

from tests.parts.sizes import SIZE, sized


def lives(examples: int, steps: int) -> settings:
    """Settings of a state machine: the same lives at every change, ten times as many others in the long set."""
    return settings(
        max_examples=sized(examples, examples * 10),
        stateful_step_count=steps,
        deadline=None,
        derandomize=not SIZE,
        database=None,
    )
