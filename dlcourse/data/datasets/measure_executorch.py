"""Lower week 12's network to ExecuTorch, run it, and store what was found; from the repository:

    python -m venv executorch-environment
    executorch-environment/bin/pip install executorch==1.5.1 torch==2.13.0
    PYTHONPATH=. executorch-environment/bin/python dlcourse/data/datasets/measure_executorch.py

ExecuTorch asks for versions of its own, so it has an environment of its own, without Keras: the
weights are read from the course's file. Writes dlcourse/data/datasets/executorch.json; under a
minute of one core. Latencies are medians of single pictures, the forms asked in turn.
"""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
    XNNPACKQuantizer,
    get_symmetric_quantization_config,
)
from executorch.exir import to_edge_transform_and_lower
from executorch.runtime import Runtime
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

from dlcourse.data import files, manifest
from dlcourse.serving import reference

OUT = Path(__file__).with_name("executorch.json")
CHANNELS = (3, 32, 48, 64, 64)
ROUNDS = 200
CALIBRATION = 64

Answer = Callable[[torch.Tensor], torch.Tensor]


def network() -> torch.nn.Module:
    """Week 12's network in PyTorch, with the weights that Keras trained, ready for inference."""
    parts: list[torch.nn.Module] = []
    for c, d in pairwise(CHANNELS):
        parts += [
            torch.nn.Conv2d(c, d, 3, padding=1, bias=False),
            torch.nn.BatchNorm2d(d, eps=1e-3),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
        ]
    dense = [torch.nn.Linear(256, 64), torch.nn.ReLU(), torch.nn.Linear(64, 9)]
    made = torch.nn.Sequential(*parts, torch.nn.Flatten(), *dense)
    with np.load(files.locate(manifest.SERVING_REFERENCE), allow_pickle=False) as stored:
        arrays = [stored[key].astype(np.float32) for key in sorted(stored)]
    arrays = [a.transpose(3, 2, 0, 1) if a.ndim == 4 else a for a in arrays]
    # Flatten takes rows, columns, channels in Keras and channels, rows, columns here.
    arrays[-4] = arrays[-4].reshape(2, 2, 64, 64).transpose(3, 2, 0, 1).reshape(64, 256)
    arrays[-2] = arrays[-2].T
    names = [name for name in made.state_dict() if "num_batches" not in name]
    weights = {n: torch.tensor(np.ascontiguousarray(a)) for n, a in zip(names, arrays, strict=True)}
    made.load_state_dict(weights, strict=False)
    return made.eval()


def quantized(model: torch.nn.Module, pictures: torch.Tensor) -> torch.nn.Module:
    """The network in int8, weights per channel, ranges of activations from some pictures."""
    quantizer = XNNPACKQuantizer()
    quantizer.set_global(get_symmetric_quantization_config(is_per_channel=True))
    prepared = prepare_pt2e(torch.export.export(model, (pictures[:1],)).module(), quantizer)
    for picture in pictures:
        prepared(picture[None])
    return convert_pt2e(prepared)  # type: ignore[no-any-return]


def lowered(model: torch.nn.Module, example: torch.Tensor, partitioner: list[Any]) -> bytes:
    """The `.pte` file of a network for batches of one."""
    program = torch.export.export(model, (example,))
    edge = to_edge_transform_and_lower(program, partitioner=partitioner)
    return bytes(edge.to_executorch().buffer)


def runner(content: bytes) -> Answer:
    """What a `.pte` file answers in ExecuTorch's runtime."""
    method = Runtime.get().load_program(content).load_method("forward")

    def ask(picture: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = method.execute([picture.contiguous()])[0]
        return found.clone()  # the runtime uses its memory again

    return ask


def answers(ask: Answer, pictures: torch.Tensor) -> npt.NDArray[np.float32]:
    """Logits (n, 9), asked picture by picture."""
    with torch.no_grad():
        return np.concatenate([ask(picture[None]).numpy() for picture in pictures])


def latencies(forms: dict[str, Answer], picture: torch.Tensor) -> dict[str, float]:
    """Median milliseconds of one picture for each form, asked in turn."""
    taken: dict[str, list[float]] = {name: [] for name in forms}
    with torch.no_grad():
        for _ in range(ROUNDS):
            for name, ask in forms.items():
                start = time.perf_counter()
                ask(picture)
                taken[name].append(1000 * (time.perf_counter() - start))
    return {name: round(statistics.median(times[20:]), 4) for name, times in taken.items()}


def measured() -> dict[str, Any]:
    """Sizes, differences, changed decisions, accuracies and latencies of each form."""
    images, labels = reference.unseen()
    seen = torch.tensor(reference.seen()[0][:CALIBRATION].transpose(0, 3, 1, 2).copy())
    pictures = torch.tensor(images.transpose(0, 3, 1, 2).copy())
    model = network()
    programs = {
        "XNNPACK": lowered(model, pictures[:1], [XnnpackPartitioner()]),
        "XNNPACK, int8": lowered(quantized(model, seen), pictures[:1], [XnnpackPartitioner()]),
        "portable kernels": lowered(model, pictures[:1], []),
    }
    forms: dict[str, Answer] = {"PyTorch": model}
    for name, content in programs.items():
        forms[name] = runner(content)
    expected = answers(model, pictures)
    times = latencies(forms, pictures[:1])
    table = {}
    for name, ask in forms.items():
        found = answers(ask, pictures)
        table[name] = {
            "bytes": len(programs.get(name, b"")),
            "largest_difference": float(np.abs(found - expected).max()),
            "changed_decisions": int(np.sum(found.argmax(1) != expected.argmax(1))),
            "accuracy": round(reference.accuracy(found, labels), 4),
            "milliseconds": times[name],
        }
    return table


def main() -> None:
    """Measure, and store it with the date, the machine and the versions."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, one thread",
        "versions": {name: version(name) for name in ("executorch", "torch", "torchao")},
        "pictures": len(reference.unseen()[1]),
        "forms": measured(),
    }
    OUT.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
