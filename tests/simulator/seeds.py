"""Many seeds, side by side in processes of their own."""

from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context

from tests.simulator.county import Template, folder_in_memory
from tests.simulator.planted import PLANTED
from tests.simulator.run import STEPS, Result, prepare, run


def play_seeds(
    seeds: Iterable[int],
    *,
    steps: int = STEPS,
    processes: int | None = None,
    planted: str | None = None,
    with_liar: bool = False,
) -> Generator[Result, None, None]:
    """The results of seeds in their order, each as soon as it and those before it are there.

    Closing it leaves out the seeds that have not begun.
    """
    lies = with_liar or (planted is not None and PLANTED[planted].with_liar)
    with folder_in_memory() as folder:
        play = partial(_play, template=prepare(folder, with_liar=lies), steps=steps, planted=planted)
        if processes == 1:
            yield from map(play, seeds)
            return
        # Started anew: a copy of this process would share open databases with it.
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            yield from pool.map(play, seeds)


def _play(seed: int, *, template: Template, steps: int, planted: str | None) -> Result:
    with ExitStack() as held:
        if planted:
            held.enter_context(PLANTED[planted].in_the_code())
        return run(seed, template, steps)
