"""Measure the approaches that the page of the project shows; run from the root of the repository.

    python solutions/project02/measure_writers.py

Adds runs to dlcourse/data/datasets/writer_runs.json; a run that is there is not repeated. The
programs are those of the assignment: the solution and two of the weak ones. Three seeds each; about
two minutes of one core. Each network writes behind the first 64 characters of the first eight
validation windows, at the temperature at which the mean entropy of its predictions on windows of
its training text is 80 % of its bits there.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from autograder.assignment.source import read_assignment, without_markers
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse import train
from dlcourse.data import plays
from dlcourse.models.mini_gpt import drawn
from dlcourse.models.ngrams import NGrams
from dlcourse.models.sampling import chooser
from dlcourse.models.stored_runs import keep, read
from dlcourse.models.writer_runs import CONTEXT, WriterRun, validation_windows

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/writer_runs.json"
ASSIGNMENT = read_assignment(HERE / "project02.md")
PROGRAMS = {
    **next(t.programs for t in targets(ASSIGNMENT) if t.threshold == "saved_third"),
    **{wrong.name: wrong.source for wrong in ASSIGNMENT.question("play_writer").wrong_answers},
}
APPROACHES = {
    "small RNN": "a-small-network-without-gates",
    "reference": SOLUTION,
    "3,000 characters": "reads-three-thousand-characters-again-and-again",
}
LITTLE = 3_000
SEEDS = range(3)
SAMPLES, PROMPT, WRITTEN, PIECE = 8, 64, 193, 16
LOOKED_AT = 1_000_000
ENTROPY = 0.8

TEXT = plays.plays("cpu").train
NUMBERS = plays.encode(TEXT)

Numbers = npt.NDArray[np.int32]
Logits = npt.NDArray[np.float64]


def tools() -> dict[str, Any]:
    """The functions that the solution writes for the short questions, and `pair_table`."""
    scope: dict[str, Any] = {"np": np, "plays": plays}
    for name in ("matching_temperature", "longest_copy"):
        answer = ASSIGNMENT.question(name).answer
        assert answer is not None
        exec(without_markers(answer.solution), scope)
    counts = np.ones((65, 65))
    np.add.at(counts, (NUMBERS[:-1], NUMBERS[1:]), 1)
    scope["table"] = np.log(counts / counts.sum(axis=1, keepdims=True))
    return scope


TOOLS = tools()


def trained(approach: str, seed: int) -> tuple[Any, float]:
    """The network of an approach, and the seconds of its training."""
    scope = {"np": np, "keras": keras, "layers": layers, "train": train,
             "train_numbers": NUMBERS, "pair_table": lambda: TOOLS["table"]}  # fmt: skip
    source = PROGRAMS[APPROACHES[approach]]
    source = re.sub(r"set_random_seed\(\d+\)", f"set_random_seed({100 + seed})", source)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        begun = time.process_time()
        exec(source, scope)
        seconds = time.process_time() - begun
    return scope["play_writer"], seconds


def bits(logits: Logits, windows: Numbers) -> float:
    """Mean bits per character of windows, the first ones not counted."""
    log_p = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    chosen = np.take_along_axis(log_p, windows[:, 1:, None], axis=-1)[:, CONTEXT:]
    return float(-chosen.mean() / np.log(2))


def written(model: Any, prompts: Numbers, temperature: float, seed: int) -> list[str]:
    """Go on with each prompt; the network reads the last characters anew for each new one."""
    rng, text = np.random.default_rng(seed), prompts
    choose = chooser(temperature)
    for _ in range(WRITTEN):
        logits = model.predict_on_batch(text[:, -PROMPT:])[:, -1]
        text = np.column_stack([text, drawn(choose(logits), rng)]).astype(np.int32)
    return [plays.decode(row) for row in text[:, PROMPT:]]


def windows_of_training(length: int) -> Numbers:
    """150 windows from the beginning of the training text, or as many as it has."""
    every = np.lib.stride_tricks.sliding_window_view(NUMBERS[:length], 257)
    return every[np.random.default_rng(0).integers(len(every), size=150)]


def measured(approach: str, seed: int, parameters: int, seconds: float, numbers: tuple[float, ...],
             samples: list[str]) -> WriterRun:  # fmt: skip
    """A run with what its samples have from the text that was trained on, or its first million."""
    source = TEXT[: LITTLE if approach == "3,000 characters" else LOOKED_AT]
    longest = tuple(int(TOOLS["longest_copy"](text, source)[1]) for text in samples)
    copied = tuple(round(float(TOOLS["copied_share"](t, source, PIECE)), 4) for t in samples)
    on_training, on_validation, temperature = (round(float(x), 4) for x in numbers)
    return WriterRun(approach, seed, parameters, round(seconds, 1), on_training, on_validation,
                     temperature, tuple(samples), longest, copied)  # fmt: skip


def network_run(approach: str, seed: int) -> WriterRun:
    """Train, measure, write."""
    model, seconds = trained(approach, seed)
    windows = validation_windows()
    seen = windows_of_training(LITTLE if approach == "3,000 characters" else len(NUMBERS))
    logits, own = (model.predict(w[:, :-1], verbose=0).astype(float) for w in (windows, seen))
    need = bits(logits, windows)
    rows = own[:, CONTEXT:].reshape(-1, 65)
    temperature = TOOLS["matching_temperature"](rows[::8], ENTROPY * bits(own, seen))
    samples = written(model, windows[:SAMPLES, :PROMPT], temperature, seed)
    return measured(approach, seed, int(model.count_params()), seconds,
                    (bits(own, seen), need, temperature), samples)  # fmt: skip


def counted_bits(model: NGrams, windows: Numbers, n: int) -> float:
    """Mean bits per character of windows, by strings of n."""
    strings = np.lib.stride_tricks.sliding_window_view(windows, n, axis=1)[:, CONTEXT + 2 - n :]
    return float(-np.log2(model(strings, n)).mean())


def counted_run(n: int) -> WriterRun:
    """Count strings of n characters, measure, write."""
    begun = time.process_time()
    model = NGrams(NUMBERS, n)
    seconds = time.process_time() - begun
    windows = validation_windows()
    samples = model.write(windows[:SAMPLES, :PROMPT], n, WRITTEN, seed=0)
    seen = windows_of_training(len(NUMBERS))
    numbers = (counted_bits(model, seen, n), counted_bits(model, windows, n), 1.0)
    return measured(f"strings of {n}", 0, int(model.sizes[n - 1]), seconds, numbers,
                    [plays.decode(row) for row in samples])  # fmt: skip


def shakespeare() -> WriterRun:
    """What Shakespeare wrote behind the same beginnings: the control of copying."""
    rows = validation_windows()[:SAMPLES, PROMPT:]
    samples = [plays.decode(row) for row in rows]
    return measured("Shakespeare", 0, 0, 0.0, (0.0, 0.0, 1.0), samples)


def main() -> None:
    """Measure what is not yet there."""
    known = {(run.approach, run.seed) for run in read(RUNS, WriterRun)}
    for n in (3, 4):
        if (f"strings of {n}", 0) not in known:
            keep(counted_run(n), RUNS)
    if ("Shakespeare", 0) not in known:
        keep(shakespeare(), RUNS)
    for seed in SEEDS:
        for approach in APPROACHES:
            if (approach, seed) not in known:
                keep(network_run(approach, seed), RUNS)
        print(f"seed {seed}: done", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
