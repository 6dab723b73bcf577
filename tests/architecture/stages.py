"""Draws the table of stages: `python -m tests.architecture.stages` writes docs/stages.md."""

from collections.abc import Iterator
from pathlib import Path

from shared.work.matters.stages import ENDED, HANDLING, REGISTER, Stage

PAGE = Path(__file__).parents[2] / "docs" / "stages.md"


def page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_picture(), *_table(), *_register(), ""])


def _head() -> Iterator[str]:
    yield "# The stages of a matter"
    yield ""
    yield "Drawn from `shared/work/matters/stages.py` by `python -m tests.architecture.stages`; a test fails when it is not."
    yield ""
    yield "## At an office that the matter was offered to"
    yield ""


def _picture() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    [*] --> received"
    for line in HANDLING:
        if line.to and line.stages and line.fact != "referral.stopped":
            what = line.order or line.fact
            yield from (f"    {stage.value} --> {line.to.value}: {what}" for stage in line.stages)
    yield from (f"    {stage.value} --> [*]" for stage in Stage if stage in ENDED)
    yield "```"
    yield ""


def _table() -> Iterator[str]:
    yield "| from | order, or a fact of another office | fact | to | limits that start |"
    yield "| --- | --- | --- | --- | --- |"
    for line in HANDLING:
        stages = ", ".join(stage.value for stage in line.stages) or "(begins)"
        when = f" ({line.when[0]}: {line.when[1]})" if line.when else ""
        starts = ", ".join(limit.value for limit in line.starts)
        to = line.to.value if line.to else "(stays)"
        yield f"| {stages} | {line.order or '-'} | {line.fact}{when} | {to} | {starts} |"
    yield ""


def _register() -> Iterator[str]:
    yield "## At the office that registered it, and above"
    yield ""
    yield "| order | while the matter is |"
    yield "| --- | --- |"
    yield from (
        f"| {order} | {', '.join(state.value for state in states)} |" for order, states in REGISTER.items()
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
