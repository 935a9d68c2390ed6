"""Draw the batches of a stage, in this process or ahead of it in others."""

import multiprocessing
from collections.abc import Generator
from multiprocessing.process import BaseProcess
from queue import Empty

from training.sampling import Batch, Mix, Sampler
from training.tokens import TokenStore

_AHEAD = 8  # batches that wait in each process
_PATIENCE = 2.0  # seconds after which a process is looked at that has drawn nothing


def draw_ahead(store: TokenStore, mix: Mix, *, size: int, steps: int, seed: int, workers: int = 0) -> Generator[Batch]:
    """Yield `steps` batches of `size` pairs; the same seed and workers give the same batches.

    Args:
        store: Training pairs; the processes share it.
        mix: How batches are drawn.
        size: Pairs of a batch.
        steps: Batches.
        seed: Of the draw; each process has its own, made from it.
        workers: Processes that draw, in turn; none: the one that asks.

    Raises:
        RuntimeError: A process ended before its batches were drawn; what it said stands above.
    """
    if not workers:
        sampler = Sampler(store, mix, seed=seed)
        yield from (sampler.draw(size) for _ in range(steps))
        return
    context = multiprocessing.get_context("fork")  # shares the store without a copy
    queues = [context.Queue(_AHEAD) for _ in range(workers)]
    processes = [
        context.Process(
            target=_draw,
            args=(queue, store, mix, size, len(range(worker, steps, workers)), [seed, worker]),
            daemon=True,
        )
        for worker, queue in enumerate(queues)
    ]
    for process in processes:
        process.start()
    try:
        for step in range(steps):
            yield _next(queues[step % workers], processes[step % workers])
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _next(queue: "multiprocessing.Queue[Batch]", process: BaseProcess) -> Batch:
    while True:
        alive = process.is_alive()  # asked first: what it drew before it ended is in the queue by then
        try:
            return queue.get(timeout=_PATIENCE)
        except Empty:
            if not alive:
                raise RuntimeError("a process that draws batches ended early; see what it said above") from None


def _draw(
    queue: "multiprocessing.Queue[Batch]", store: TokenStore, mix: Mix, size: int, count: int, seed: list[int]
) -> None:
    sampler = Sampler(store, mix, seed=seed)
    for _ in range(count):
        queue.put(sampler.draw(size))
