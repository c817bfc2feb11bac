"""Train and compress the networks of week 11's frontier, measure them; write frontier.json.

    python dlcourse/data/datasets/measure_frontier.py students FOLDER [SECONDS]
    python dlcourse/data/datasets/measure_frontier.py networks FOLDER [SECONDS]
    python dlcourse/data/datasets/measure_frontier.py orders FOLDER [SECONDS]
    python dlcourse/data/datasets/measure_frontier.py times FOLDER
    python dlcourse/data/datasets/measure_frontier.py write FOLDER

Run once, the result is shipped. The first three may run side by side and keep what they found in
FOLDER; each leaves out what is there already, begins nothing after SECONDS, and fails if it left
something undone. `times` comes after `networks` and wants a quiet
machine. `write` puts everything together, and the points into the frontier's interactive figure.
Needs no accelerator.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlcourse.compression.frontier import FORMS, NETWORKS, ORDERS, STUDENTS, points
from dlcourse.compression.lite import Interpreted, convert
from dlcourse.compression.reference import SIDE, network, trained, unseen_digits
from dlcourse.compression.students import distorted_copies, fit
from dlcourse.compression.timing import times_in_turn
from dlcourse.data.loaders import digits

ROOT = Path(__file__).parents[3]
FIGURE = ROOT / "book" / "_static" / "interactive" / "frontier.js"
TARGET = Path(__file__).with_name("frontier.json")
EPOCHS, FEW, TEMPERATURE = 12, 200, 4.0
CALIBRATION = 200
SMALL: tuple[tuple[int, int], int] = ((4, 8), 16)


@lru_cache(maxsize=1)
def data() -> tuple[Any, Any]:
    """Training images (3500, 28, 28, 1) and one-hot labels (3500, 10)."""
    kept = digits("cpu")
    return kept.train_images[..., np.newaxis], np.eye(10, dtype=np.float32)[kept.train_labels]


@lru_cache(maxsize=1)
def distorted() -> tuple[Any, Any]:
    """The training images distorted, one copy for each epoch, and their labels."""
    images, labels = data()
    return distorted_copies(images, EPOCHS), np.tile(labels, (EPOCHS, 1))


def few() -> Any:
    """Places of the 20 first training images of each class."""
    labels = data()[1]
    return np.sort(np.concatenate([np.flatnonzero(column)[: FEW // 10] for column in labels.T]))


def with_labels(smoothing: float = 0.0) -> Callable[[Any, Any], Any]:
    """Cross-entropy with one-hot labels, from logits."""
    return lambda labels, logits: keras.losses.categorical_crossentropy(
        labels, logits, from_logits=True, label_smoothing=smoothing
    )


def with_teacher(alpha: float) -> Callable[[Any, Any], Any]:
    """Takes targets (n, 20): one-hot labels, then the teacher's logits."""

    def loss(targets: Any, logits: Any) -> Any:
        soft = keras.ops.softmax(targets[:, 10:] / TEMPERATURE)
        # Its gradient is the divergence's: they differ by the entropy of the soft targets.
        cross = keras.losses.categorical_crossentropy(soft, logits / TEMPERATURE, from_logits=True)
        hard = keras.losses.categorical_crossentropy(targets[:, :10], logits, from_logits=True)
        return alpha * TEMPERATURE**2 * cross + (1 - alpha) * hard

    return loss


def taught(model: Any, images: Any, labels: Any, teacher: Any, alpha: float, **how: Any) -> Any:
    """Train a network with a teacher's logits; alpha is the weight of its soft targets."""
    logits = teacher.predict(images, batch_size=500, verbose=0)
    return fit(model, images, np.c_[labels, logits], with_teacher(alpha), **how)


def seeded(seed: int, size: tuple[tuple[int, int], int] = ((32, 64), 128)) -> Any:
    """A network with initial weights of this seed."""
    keras.utils.set_random_seed(seed)
    return network(*size)


@lru_cache(maxsize=1)
def strong_teacher() -> Any:
    """The reference's architecture, trained on distorted images."""
    return fit(seeded(100), *distorted(), with_labels(), epochs=1, seed=100, rate=1e-3)


@lru_cache(maxsize=1)
def poor_teacher() -> Any:
    """The reference's architecture, trained with 200 labels and as many steps."""
    images, labels = (array[few()] for array in data())
    epochs = EPOCHS * 55 // 4
    return fit(seeded(101), images, labels, with_labels(), epochs=epochs, seed=101, rate=1e-3)


def student(name: str, seed: int, size: tuple[tuple[int, int], int] = SMALL) -> Any:
    """A trained student; those of one seed begin with the same weights."""
    (images, labels), model = data(), seeded(seed, size)
    usual: dict[str, Any] = {"epochs": EPOCHS, "seed": seed}
    long: dict[str, Any] = {"epochs": 2 * EPOCHS, "seed": seed}
    once: dict[str, Any] = {"epochs": 1, "seed": seed}
    if name == "labels":
        return fit(model, images, labels, with_labels(), **usual)
    if name == "labels, twice as long":
        return fit(model, images, labels, with_labels(), **long)
    if name == "label smoothing":
        return fit(model, images, labels, with_labels(0.1), **usual)
    if name == "soft targets":
        return taught(model, images, labels, trained(), 0.9, **usual)
    if name == "soft targets, twice as long":
        return taught(model, images, labels, trained(), 0.9, **long)
    if name == "200 labels":
        some = few()
        return fit(model, images[some], labels[some], with_labels(), epochs=165, seed=seed)
    if name == "200 labels, all images taught":
        return taught(model, images, labels, trained(), 1.0, **usual)
    if name == "200 labels, taught by their own teacher":
        return taught(model, images, labels, poor_teacher(), 1.0, **usual)
    if name == "distorted, labels":
        return fit(model, *distorted(), with_labels(), **once)
    if name == "distorted, soft targets":
        return taught(model, *distorted(), trained(), 0.9, **once)
    if name == "distorted, stronger teacher":
        return taught(model, *distorted(), strong_teacher(), 0.9, **once)
    raise ValueError(f"there is no student {name!r}")


def narrowed(model: Any, filters: tuple[int, int], hidden: int) -> Any:
    """A reference network without its weakest channels and units: those of smallest weights.

    A channel's strength is the sum of the absolute weights that make it (Li et al. 2017).

    Args:
        model: made by `dlcourse.compression.reference.network`.
        filters: channels to keep of the two convolutions.
        hidden: units to keep of the first dense layer.

    Raises:
        ValueError: if more is to be kept than there is.
    """
    kernels = {name: arrays_of(model, name) for name in ("conv_1", "conv_2", "dense_1", "logits")}
    counts = dict(zip(("conv_1", "conv_2", "dense_1"), (*filters, hidden), strict=True))
    if any(count > len(kernels[name][1]) for name, count in counts.items()):
        raise ValueError(f"{filters} and {hidden} are more channels than the network has.")
    one, two, three = (strongest(kernels[name][0], count) for name, count in counts.items())
    # A unit of the first dense layer sees each channel at every place of the pooled image.
    seen = (np.arange((SIDE // 4) ** 2)[:, np.newaxis] * len(kernels["conv_2"][1]) + two).ravel()
    inputs = (np.arange(1), one, seen, three)
    outputs = (one, two, three, np.arange(len(kernels["logits"][1])))
    small = network(filters, hidden)
    for name, rows, columns in zip(kernels, inputs, outputs, strict=True):
        kernel, bias = kernels[name]
        small.get_layer(name).set_weights([kernel[..., rows, :][..., columns], bias[columns]])
    return small


def arrays_of(model: Any, name: str) -> tuple[Any, Any]:
    """Kernel and bias of a layer."""
    kernel, bias = model.get_layer(name).get_weights()
    return kernel, bias


def strongest(kernel: Any, count: int) -> Any:
    """Places of the outputs with the largest sums of absolute weights, in their old order."""
    sums = np.abs(kernel).reshape(-1, kernel.shape[-1]).sum(axis=0)
    return np.sort(np.argsort(-sums, kind="stable")[:count])


def built(name: str, seed: int) -> Any:
    """A network of the frontier, trained or cut down."""
    kind, (filters, hidden) = NETWORKS[name].kind, NETWORKS[name].size
    images, labels = data()
    longer: dict[str, Any] = {"epochs": 4, "seed": seed, "rate": 1e-3}
    if name == "reference":
        return trained()
    if name == "reference, longer":
        return fit(trained(), images, labels, with_labels(), **longer)
    if name == "reference, distorted":
        how: dict[str, Any] = {"epochs": 1, "seed": seed, "rate": 1e-3}
        return fit(seeded(seed), *distorted(), with_labels(), **how)
    if kind == "pruned":
        return fit(narrowed(trained(), filters, hidden), images, labels, with_labels(), **longer)
    how_taught = {
        "from scratch": "labels",
        "distorted": "distorted, labels",
        "distilled": "distorted, stronger teacher",
    }
    return student(how_taught[kind], seed, (filters, hidden))


def hexed(logits: Any) -> str:
    """Which of the unseen digits are classified correctly, a bit each, as hexadecimal digits."""
    right = np.asarray(logits).argmax(axis=1) == unseen_digits()[1]
    return np.packbits(right).tobytes().hex()


def measured_student(name: str, seed: int) -> Any:
    """Which digits a student of this seed classifies correctly."""
    return hexed(student(name, seed).predict(unseen_digits()[0], verbose=0))


def measured_network(name: str, seed: int, folder: Path) -> Any:
    """Bytes and correct digits by form; the files of seed 0 are kept in the folder."""
    model, found = built(name, seed), {}
    for form in FORMS:
        content = convert(model, form, data()[0][:CALIBRATION])
        found[form] = {
            "bytes": len(content),
            "correct": hexed(Interpreted(content)(unseen_digits()[0])),
        }
        if seed == 0:
            (folder / file_name(name, form)).write_bytes(content)
    return found


def file_name(name: str, form: str) -> str:
    """Of a LiteRT file in the folder."""
    return f"{name}, {form}.tflite".replace("/", "-")


def measured_order(name: str, seed: int) -> Any:
    """Which digits are right after three steps in this order, and how many weight values are left.

    F: two epochs of fine-tuning; P: keep a quarter of the channels; Q: round each weight array to
    15 levels, symmetric about 0.
    """
    model = trained()
    for step in name.split():
        if step == "F":
            how: dict[str, Any] = {"epochs": 2, "seed": seed, "rate": 1e-3}
            model = fit(model, *data(), with_labels(), **how)
        elif step == "P":
            model = narrowed(model, (8, 16), 32)
        else:
            model.set_weights([rounded(array) for array in model.get_weights()])
    values = len(np.unique(model.get_layer("dense_1").get_weights()[0]))
    return {"values": values, "correct": hexed(model.predict(unseen_digits()[0], verbose=0))}


def rounded(array: Any) -> Any:
    """An array on 15 levels, symmetric about 0; biases stay as they are."""
    if array.ndim == 1:
        return array
    step = np.abs(array).max() / 7
    return np.round(array / step) * step


def collect(part: str, folder: Path, tasks: Iterator[tuple[str, Callable[[], Any]]]) -> None:
    """Do what is not there yet and keep it in FOLDER/part.json, one task after the other."""
    path = folder / f"{part}.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    end = time.monotonic() + (float(sys.argv[3]) if len(sys.argv) > 3 else np.inf)
    for key, task in tasks:
        if key not in found:
            if time.monotonic() > end:
                sys.exit(f"{part}: not yet done")
            found[key] = task()
            path.write_text(json.dumps(found))
            print(part, key, flush=True)


def kernel_times(folder: Path) -> dict[str, dict[str, float]]:
    """Median seconds with one image and with 256, one thread, all files in turn.

    Only the interpreter's own work is timed. Copying in and out, and for int8 the scaling of the
    input in NumPy, would be charged to the networks otherwise: as much as a small one takes itself.
    """
    images = unseen_digits()[0][:256]
    found: dict[str, dict[str, float]] = {}
    for label, batch, calls in (("seconds", images[:1], 1000), ("seconds_256", images, 30)):
        ready: dict[str, Callable[[], object]] = {}
        for path in sorted(folder.glob("*.tflite")):
            runs = Interpreted(path.read_bytes())
            runs(batch)  # sets the size of the batch
            ready[path.name] = runs._interpreter.invoke
        for name, seconds in times_in_turn(ready, calls, 5).items():
            found.setdefault(name, {})[label] = float(np.median(seconds))
    return found


def keras_times() -> dict[str, float]:
    """Median seconds of Keras' compiled call with one image, by size of the network."""
    import tensorflow as tf

    image = tf.constant(unseen_digits()[0][:1])
    ready: dict[str, Callable[[], object]] = {}
    for size in sorted({kind.size for kind in NETWORKS.values()}):
        call = tf.function(network(*size))
        ready[repr(size)] = partial(call, image)
    return {name: float(np.median(s)) for name, s in times_in_turn(ready, 300, 10).items()}


def multiply_adds(filters: tuple[int, int], hidden: int) -> int:
    """Of one image, by channels of the convolutions and units of the dense layer."""
    first, second = filters
    maps = 9 * (28**2 * first + 14**2 * first * second)
    return maps + 49 * second * hidden + 10 * hidden


def measure_times(folder: Path) -> None:
    """Time the files of seed 0 and Keras' calls on one thread; keep that in the folder."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    found = {"litert": kernel_times(folder), "keras": keras_times()}
    (folder / "times.json").write_text(json.dumps(found))


def write(folder: Path) -> None:
    """Put all parts into one file, and the points into the figure."""
    parts = {
        part: json.loads((folder / f"{part}.json").read_text())
        for part in ("students", "networks", "orders", "times")
    }
    times, of_keras = parts["times"]["litert"], parts["times"]["keras"]
    entries = []
    for name, kind in NETWORKS.items():
        found = [parts["networks"][f"{name}/{seed}"] for seed in kind.seeds]
        for form in FORMS:
            row: dict[str, Any] = {"network": name, "form": form}
            row["bytes"] = int(np.median([one[form]["bytes"] for one in found]))
            row["multiply_adds"] = multiply_adds(*kind.size)
            row |= {key: float(f"{s:.4g}") for key, s in times[file_name(name, form)].items()}
            row["keras_seconds"] = float(f"{of_keras[repr(kind.size)]:.4g}")
            row["correct"] = [one[form]["correct"] for one in found]
            entries.append(row)
    content = {
        "students": by_name(parts["students"], STUDENTS),
        "orders": by_name(parts["orders"], ORDERS),
        "networks": entries,
    }
    TARGET.write_text(json.dumps(content, separators=(",", ":")).replace("},{", "},\n{") + "\n")
    write_figure()


def by_name(found: dict[str, Any], names: dict[str, range]) -> dict[str, Any]:
    """What was found under name/seed, by name, in the order of the seeds."""
    return {name: [found[f"{name}/{seed}"] for seed in seeds] for name, seeds in names.items()}


def write_figure() -> None:
    """Put the points of frontier.json into the interactive figure, between its two marks."""
    rows = []
    for p in points(TARGET):
        quality = (round(p.accuracy, 4), round(p.standard_error, 4))
        costs = (p.bytes, p.multiply_adds, round(p.seconds * 1e6, 1))
        rows.append(f"    {json.dumps([p.network, p.form, p.kind, *costs, *quality])},")
    text = FIGURE.read_text()
    block = "// measured\n" + "\n".join(rows) + "\n    // end"
    FIGURE.write_text(re.sub(r"// measured\n.*?// end", lambda _: block, text, flags=re.DOTALL))


def main() -> None:
    """Do the part that is asked for."""
    part, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if part == "write":
        write(folder)
    elif part == "times":
        measure_times(folder)
    elif part == "students":
        collect(part, folder, (
            (f"{name}/{seed}", partial(measured_student, name, seed))
            for seed in STUDENTS["labels"] for name in STUDENTS
        ))  # fmt: skip
    elif part == "networks":
        collect(part, folder, (
            (f"{name}/{seed}", partial(measured_network, name, seed, folder))
            for seed in range(3) for name, kind in NETWORKS.items() if seed in kind.seeds
        ))  # fmt: skip
    elif part == "orders":
        collect(part, folder, (
            (f"{name}/{seed}", partial(measured_order, name, seed))
            for seed in range(3) for name in ORDERS if seed in ORDERS[name]
        ))  # fmt: skip
    else:
        sys.exit(f"there is no part {part!r}: students, networks, orders, times or write.")


if __name__ == "__main__":
    main()
