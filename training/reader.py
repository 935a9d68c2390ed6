"""Train the reader: `python -m training.reader --data DATA --e5 FOLDER --model FOLDER --out FOLDER`.

`--data` is the data folder (with `reading/` and `train/`), `--e5` the source model (folder or name), `--model` the
contextual model folder with the trimmed tokenizer and embeddings. The schedule follows the clock: the learning rate
falls to zero when `--minutes` are over, however quick the machine is. Checkpoints hold everything that is needed to
go on; the same command resumes.
"""

import argparse
import logging
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed
from tokenizers import Tokenizer
from torch import nn
from torch.multiprocessing.spawn import spawn

from training.reader_batches import batches, collate
from training.reader_changes import Example
from training.reader_development import development_examples, measured
from training.reader_examples import ExampleMaker
from training.reader_model import LAYERS, Reader, loss_of, reader_from_source, word_vectors
from training.reader_rows import is_held_out, read_rows
from training.reader_words import read_dictionaries, read_places

_LOG = logging.getLogger("training.reader")
BODY_RATE, HEAD_RATE = 1.5e-4, 1.0e-3
WARM_UP = 0.04
TOGETHER = 8
"""Steps after which the processes average their weights. Threads of one process would wait for each other at every
product, which on a shared machine takes most of the time."""
AVERAGE = 0.96
"""How slowly the averaged weights, which are the result, follow the trained ones, each time the processes meet."""
CHECKPOINT_MINUTES, MEASURE_MINUTES = 8.0, 12.0


@dataclass
class State:
    """What a run is made of: the trained reader, its average, the optimiser, and how far it is."""

    reader: Reader
    average: dict[str, torch.Tensor]
    optimiser: torch.optim.Optimizer
    seconds: float = 0.0
    steps: int = 0

    def follow(self) -> None:
        """Move the averaged weights towards the trained ones."""
        keep = min(AVERAGE, self.steps / (10 * TOGETHER + self.steps))
        for name, value in self.reader.state_dict().items():
            self.average[name].lerp_(value, 1 - keep)

    def save(self, path: Path) -> None:
        """Write a checkpoint so that a kill leaves either the old or the new one."""
        whole = {
            "reader": self.reader.state_dict(), "average": self.average, "optimiser": self.optimiser.state_dict(),
            "seconds": self.seconds, "steps": self.steps,
        }  # fmt: skip
        torch.save(whole, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path, device: str) -> None:
        """Go on from a checkpoint."""
        whole = torch.load(path, map_location=device, weights_only=True)
        self.reader.load_state_dict(whole["reader"])
        self.optimiser.load_state_dict(whole["optimiser"])
        self.average = whole["average"]
        self.seconds, self.steps = whole["seconds"], whole["steps"]


def new_state(reader: Reader) -> State:
    """Return a run that has not begun: Adam, a higher rate for the heads, no decay of biases and norms."""
    heads = {id(p) for part in (reader.spans, reader.judge) for p in part.parameters()}
    trained = [p for p in reader.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if id(p) in heads], "peak": HEAD_RATE, "weight_decay": 0.0},
        {"params": [p for p in trained if id(p) not in heads and p.dim() > 1], "peak": BODY_RATE, "weight_decay": 0.01},
        {"params": [p for p in trained if id(p) not in heads and p.dim() < 2], "peak": BODY_RATE, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=BODY_RATE, betas=(0.9, 0.98), eps=1e-7)
    return State(reader, {name: p.detach().clone() for name, p in reader.state_dict().items()}, optimiser)


def rate_share(done: float) -> float:
    """Return the share of the peak rate when `done` (0 to 1) of the time is over: a short rise, a straight fall."""
    return min(done / WARM_UP + 0.02, 1.0) if done < WARM_UP else max(0.0, (1 - done) / (1 - WARM_UP)) + 0.01


def main() -> None:
    """Train until the time is over."""
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--e5", required=True, help="source model: a folder or a name")
    parser.add_argument(
        "--model", type=Path, required=True, help="folder with tokenizer.json and embeddings.safetensors"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the trained weights")
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--processes", type=int, default=2, help="on the processor, each with one thread")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="averaged weights to begin with instead of the source model")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.device != "cpu":
        arguments.processes = 1
    if arguments.processes == 1:
        _train(0, arguments)
        return
    (arguments.out / "meeting").unlink(missing_ok=True)
    spawn(_train, (arguments,), nprocs=arguments.processes)  # type: ignore[no-untyped-call]


def _train(rank: int, arguments: argparse.Namespace) -> None:
    """Train in one of several processes, which average their weights every `TOGETHER` steps."""
    logging.basicConfig(
        level=logging.INFO if rank == 0 else logging.ERROR, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    device, processes = arguments.device, arguments.processes
    if device == "cpu":
        torch.set_num_threads(1)
    if processes > 1:
        meeting = f"file://{(arguments.out / 'meeting').absolute()}"
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=processes)
    torch.manual_seed(arguments.seed)

    rows = read_rows(arguments.data / "reading")
    training = [row for row in rows if not is_held_out(row)]
    places, dictionaries = read_places(arguments.data / "train"), read_dictionaries(arguments.data / "train")
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    words = torch.from_numpy(word_vectors(arguments.model)).to(device)
    held_out = development_examples([row for row in rows if is_held_out(row)], places, dictionaries)
    _LOG.info("%d rows to train on, %d development examples", len(training), len(held_out))

    state = new_state(reader_from_source(arguments.e5, layers=arguments.layers).to(device))
    checkpoint = arguments.out / f"checkpoint{rank}.pt"
    if checkpoint.exists():
        state.load(checkpoint, device)
        _LOG.info("going on after %d steps", state.steps)
    elif arguments.start:
        state.reader.load_state_dict(torch.load(arguments.start, weights_only=True))
        state.average = {name: p.detach().clone() for name, p in state.reader.state_dict().items()}
    draw = random.Random(f"{arguments.seed}/{rank}/{state.steps}")
    source = batches(training, ExampleMaker(training, places, dictionaries), tokenizer, draw)
    limit = arguments.minutes * 60
    began, before = time.monotonic(), state.seconds
    saved = measured_at = state.seconds
    losses: list[tuple[float, float]] = []
    tokens = examples = 0
    while state.seconds < limit:
        ids, mask, segments, starts, ends, answers = collate(next(source))
        share = rate_share((before + time.monotonic() - began) / limit)
        for group in state.optimiser.param_groups:
            group["lr"] = group["peak"] * share
        mask, segments, starts, ends, answers = (t.to(device) for t in (mask, segments, starts, ends, answers))
        vectors = words[torch.from_numpy(ids).to(device)]
        with torch.autocast(device.split(":")[0], torch.bfloat16):
            outputs = state.reader(vectors, mask, segments)
        span, judged = loss_of(outputs, segments, starts, ends, answers)
        torch.autograd.backward(span + judged)
        nn.utils.clip_grad_norm_(state.reader.parameters(), 1.0)
        state.optimiser.step()
        state.optimiser.zero_grad(set_to_none=True)
        state.steps += 1
        losses.append((span.item(), judged.item()))
        tokens, examples = tokens + int(mask.sum()), examples + len(answers)
        if state.steps % TOGETHER:
            continue
        state.seconds = before + _meet(state.reader, time.monotonic() - began, processes)
        state.follow()
        if state.steps % 48 == 0:
            _LOG.info(
                "step %d, %.1f min, span %.3f judge %.3f, %d x %d examples, %.0f tokens/s",
                state.steps, state.seconds / 60, *np.mean(losses[-96:], axis=0), processes, examples,
                processes * tokens / (state.seconds - before),
            )  # fmt: skip
        if state.seconds - saved > CHECKPOINT_MINUTES * 60:
            saved = state.seconds
            state.save(checkpoint)
        if state.seconds - measured_at > MEASURE_MINUTES * 60:
            measured_at = state.seconds
            if rank == 0:
                _measure(state, tokenizer, words, held_out)
    if rank == 0:
        torch.save(state.average, arguments.out / "reader.pt")
        _measure(state, tokenizer, words, held_out)
    state.save(checkpoint)


def _meet(reader: Reader, seconds: float, processes: int) -> float:
    """Average the trained weights and the clock of all processes; return the clock."""
    if processes == 1:
        return seconds
    trained = [p.data for p in reader.parameters() if p.requires_grad]
    flat = torch.cat([p.flatten() for p in trained] + [torch.tensor([seconds])]) / processes
    torch.distributed.all_reduce(flat)
    at = 0
    for p in trained:
        p.copy_(flat[at : at + p.numel()].view_as(p))
        at += p.numel()
    return float(flat[-1])


def _measure(state: State, tokenizer: Tokenizer, words: torch.Tensor, held_out: list[tuple[str, Example]]) -> None:
    current = {name: value.clone() for name, value in state.reader.state_dict().items()}
    state.reader.load_state_dict(state.average)
    for name, value in measured(state.reader, tokenizer, words, held_out).items():
        _LOG.info("  development %s %.3f", name, value)
    state.reader.load_state_dict(current)


if __name__ == "__main__":
    main()
