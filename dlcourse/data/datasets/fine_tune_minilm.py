"""Fine-tune MiniLM on the sentences of film reviews in several ways; run once, results shipped.

    python dlcourse/data/datasets/fine_tune_minilm.py frozen upper-1000-0 rates-upper-1e-3 ...
    python dlcourse/data/datasets/fine_tune_minilm.py collect

The first form runs what is named (`RUNS` has the names) and keeps each result in a folder of the
temporary files; the second writes what is there to minilm_runs.npz here. A run's result: logits,
processor seconds, and how well the fine-tuned encoder still tells words of one kind.

The learning rates were set beforehand, with one exception: LoRA had 1e-3 at first, too little for
two epochs as the validation part showed. The runs called "rates" show what other rates do; they
train on 1,000 texts and are judged on the last 500 texts of the training part, all others on the
validation part. `fine_tuning_runs()` says which runs are shipped.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops
from sklearn.linear_model import LogisticRegression

from dlcourse.data.reviews import reviews
from dlcourse.data.vectors import GROUPS
from dlcourse.models.minilm import UNITS, by_length, minilm_encoder, minilm_tokens
from dlcourse.train.seeds import trained_from

LENGTH, BATCH, EPOCHS = 48, 32, 2
RANK, ALPHA = 8, 16.0
LOWER = 4
TUNING = slice(7000, 7500)
FILE = Path(__file__).with_name("minilm_runs.npz")
FOLDER = Path(tempfile.gettempdir()) / "minilm_runs"
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Run:
    """One training."""

    method: str
    """full, LoRA (on queries and values of all blocks), upper (the two upper blocks), upper-LoRA
    (the same matrices of these two) or new (full, from fresh weights)."""
    examples: int
    rate: float
    seed: int = 0
    tuning: bool = False
    """Judge on the tuning texts, and not on the validation part."""


RATES = {"full": 1e-4, "LoRA": 5e-3, "upper": 1e-4, "upper-LoRA": 5e-3, "new": 1e-4}
SWEEPS = {
    "full": "1e-5 1e-4 1e-3",
    "upper": "1e-5 1e-4 1e-3 1e-2",
    "upper-LoRA": "1e-3 5e-3 2e-2",
}
RUNS = {
    f"rates-{method}-{rate}": Run(method, 1000, float(rate), tuning=True)
    for method, rates in SWEEPS.items()
    for rate in rates.split()
} | {
    f"{method}-{examples}-{seed}": Run(method, examples, RATES[method], seed)
    for method in RATES
    for examples in (1000, 7500)
    for seed in range(3)
}


class LoRA(layers.Layer):  # type: ignore[misc]
    """A Dense layer that stays as it is, plus a trained product of two narrow matrices."""

    def __init__(self, dense: Any) -> None:
        super().__init__(name=f"{dense.name}_lora")
        self.dense = dense

    def build(self, shape: Any) -> None:
        """Make the two matrices; the second is zero, so that training begins where it was."""
        self.dense.trainable = False
        self.down = self.add_weight(shape=(shape[-1], RANK), initializer="he_uniform", name="down")
        self.up = self.add_weight(shape=(RANK, self.dense.units), initializer="zeros", name="up")

    def call(self, x: Any) -> Any:
        """(..., inputs) to (..., units)."""
        return self.dense(x) + (x @ self.down) @ self.up * (ALPHA / RANK)


def wrap(dense: Any) -> Any:
    """LoRA on queries and values, as its authors have it."""
    return LoRA(dense) if dense.name.endswith(("query", "value")) else dense


def pooled(states: Any, mask: Any) -> Any:
    """(n, t, d) to the mean over the tokens, (n, d)."""
    known = ops.cast(mask, "float32")[..., None]
    return ops.sum(states * known, axis=1) / ops.sum(known, axis=1)


def classifier(method: str) -> Any:
    """Encoder, mean over tokens, one logit, ready for training by the method.

    Of the upper blocks alone it begins with the states that the lower ones end with.
    """
    upper, lora = method.startswith("upper"), method.endswith("LoRA")
    encoder = minilm_encoder(first=LOWER if upper else 0, dropout=0.1, wrap=wrap if lora else None)
    for layer in encoder.layers:
        layer.trainable = isinstance(layer, LoRA) or not lora
    if method == "new":
        for weight in encoder.trainable_weights:
            if len(weight.shape) == 2:
                weight.assign(keras.random.normal(weight.shape, stddev=0.02))
    mean = pooled(encoder.output, encoder.inputs[1])
    return keras.Model(encoder.inputs, layers.Dense(1, name="head")(layers.Dropout(0.1)(mean)))


def inputs(method: str, name: str, texts: Sequence[str]) -> tuple[Array, Array]:
    """Token ids, or for the upper blocks the states below them, computed once, and the mask."""
    ids, mask = minilm_tokens(texts, LENGTH)
    if not method.startswith("upper"):
        return ids, mask
    path = FOLDER / f"states-{name}-{len(texts)}.npy"
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        lower = minilm_encoder(last=LOWER)
        states = np.zeros((*ids.shape, UNITS), np.float16)
        for rows, some, known in by_length(ids, mask, BATCH):
            states[rows, : some.shape[1]] = np.asarray(lower([some, known]))
        np.save(path, states)
    return np.load(path), mask


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Texts of similar length together, in random order, cut to the longest of the batch."""

    def __init__(self, ids: Array, mask: Array, y: Array, seed: int) -> None:
        super().__init__()
        self.rng = np.random.default_rng(seed)
        self.ids, self.mask, self.y = ids, mask, y
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Group anew: lengths with a little noise, so that no two epochs have the same batches."""
        noisy = self.mask.sum(axis=1) + self.rng.uniform(0, 4, len(self.y))
        order = np.argsort(noisy)
        parts = np.array_split(order, -(-len(order) // BATCH))
        self.parts = [parts[place] for place in self.rng.permutation(len(parts))]

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, place: int) -> tuple[tuple[Array, Array], Array]:
        rows = self.parts[place]
        longest = int(self.mask[rows].sum(axis=1).max())
        return (self.ids[rows, :longest], self.mask[rows, :longest]), self.y[rows]


def apply(model: Any, ids: Array, mask: Array) -> Array:
    """A model's outputs, one row a text."""
    found = np.zeros((len(mask), model.output_shape[-1]), np.float32)
    for rows, some, known in by_length(ids, mask, BATCH):
        found[rows] = np.asarray(model([some, known], training=False))
    return found


def remembered(method: str, model: Any) -> list[bool]:
    """What the encoder was good at before: whether the word nearest to a word is of its kind."""
    encoder = keras.Model(model.inputs, model.get_layer("head").input)

    words = [word for group in GROUPS.values() for word in group]
    kinds = np.repeat(np.arange(len(GROUPS)), [len(group) for group in GROUPS.values()])
    found = apply(encoder, *inputs(method, "words", words))
    found = found / np.linalg.norm(found, axis=1, keepdims=True)
    similar = found @ found.T - 2 * np.eye(len(words))
    return [bool(same) for same in kinds[similar.argmax(axis=1)] == kinds]


def train(name: str) -> None:
    """Train one network and keep what was measured."""
    run, data = RUNS[name], reviews("cpu")
    keras.utils.set_random_seed(run.seed)
    model = classifier(run.method)
    x, mask = inputs(run.method, "train", data.train.texts[: run.examples])
    batches = Batches(x, mask, data.train.labels[: run.examples], run.seed)
    steps = EPOCHS * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - steps // 10, warmup_target=run.rate, warmup_steps=steps // 10
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.01)
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    start = time.process_time()
    losses = model.fit(batches, epochs=EPOCHS, verbose=0).history["loss"]
    seconds = time.process_time() - start
    texts = data.train.texts[TUNING] if run.tuning else data.validation.texts
    labels = data.train.labels[TUNING] if run.tuning else data.validation.labels
    where = "tuning" if run.tuning else "validation"
    logits = apply(model, *inputs(run.method, where, texts))[:, 0]
    found: dict[str, Any] = {"logits": logits.tolist(), "seconds": seconds, "losses": losses}
    found["words"] = remembered(run.method, model)
    found["trainable"] = int(sum(np.prod(w.shape) for w in model.trainable_weights))
    found["optimizer bytes"] = int(sum(4 * np.prod(v.shape) for v in optimizer.variables))
    keep(name, found)
    right = np.mean((logits > 0) == labels)
    print(name, f"{right:.4f}", f"{seconds:.0f} s", losses, np.mean(found["words"]), flush=True)


def frozen() -> None:
    """Logistic regression on the mean and on [CLS] of the encoder as it came, with 1,000 texts."""
    data = reviews("cpu")
    upper = minilm_encoder(first=LOWER)
    states = upper.output
    both = keras.Model(
        upper.inputs, ops.concatenate([pooled(states, upper.inputs[1]), states[:, 0]], axis=-1)
    )
    X = apply(both, *inputs("upper", "train", data.train.texts[:1000]))
    X_held_out = apply(both, *inputs("upper", "validation", data.validation.texts))
    for place, pooling in enumerate(("mean", "CLS")):
        columns = slice(UNITS * place, UNITS * (place + 1))
        start = time.process_time()
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit(X[:, columns], data.train.labels[:1000])
        logits = model.decision_function(X_held_out[:, columns])
        found = {"logits": logits.tolist(), "seconds": time.process_time() - start}
        keep(f"frozen-{pooling}-1000", found | {"trainable": UNITS + 1})
        right = np.mean((logits > 0) == data.validation.labels)
        print("frozen", pooling, f"{right:.4f}", flush=True)


def recurrent(seed: int) -> None:
    """Week 6's kind of network, a GRU on trained vectors of words, with all 7,500 texts."""
    data = reviews("cpu")

    def words(text: str) -> list[str]:
        return re.findall(r"[a-z]+|[!?]", text.lower().replace("n't", " not"))

    counts = Counter(word for text in data.train.texts for word in set(words(text)))
    place = {word: i for i, word in enumerate(sorted(w for w in counts if counts[w] > 1), start=2)}

    def ids(texts: Sequence[str]) -> Array:
        rows = np.zeros((len(texts), 40), np.int32)
        for row, text in zip(rows, texts, strict=True):
            found = [place.get(word, 1) for word in words(text)[:40]]
            row[: len(found)] = found
        return rows

    def network() -> Any:
        tokens = keras.Input((40,), dtype="int32")
        h = layers.Embedding(len(place) + 2, 32, mask_zero=True)(tokens)
        h = layers.GRU(16)(layers.Dropout(0.5)(h))
        return keras.Model(tokens, layers.Dense(1)(layers.Dropout(0.5)(h)))

    start = time.process_time()
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    (model,) = trained_from([seed], network, ids(data.train.texts), data.train.labels, loss=loss)
    seconds = time.process_time() - start
    logits = model.predict(ids(data.validation.texts), batch_size=512, verbose=0)[:, 0]
    memory = int(sum(4 * np.prod(v.shape) for v in model.optimizer.variables))
    found = {
        "logits": logits.tolist(),
        "seconds": seconds,
        "trainable": model.count_params(),
        "optimizer bytes": memory,
    }
    keep(f"GRU-7500-{seed}", found)
    print("GRU", seed, np.mean((logits > 0) == data.validation.labels), f"{seconds:.0f} s")


def pretrained() -> None:
    """Measure the encoder as it came."""
    found = remembered("upper", classifier("upper"))
    keep("pretrained", {"words": found})
    print("pretrained", np.mean(found), flush=True)


def keep(name: str, found: dict[str, Any]) -> None:
    """Write a result where `collect` finds it."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(found))


def collect() -> None:
    """Write all results to one file: logits as float16, numbers as JSON."""
    arrays: dict[str, Any] = {}
    numbers = {}
    for path in sorted(FOLDER.glob("*.json")):
        name, found = path.stem, json.loads(path.read_text())
        for part, dtype in [("logits", np.float16), ("words", np.bool_)]:
            if part in found:
                arrays[f"{name} {part}"] = np.array(found.pop(part), dtype)
        numbers[name] = found
    rest = np.frombuffer(json.dumps(numbers).encode(), np.uint8)
    np.savez_compressed(FILE, **arrays, rest=rest)
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    for given in sys.argv[1:]:
        steps = {"collect": collect, "frozen": frozen, "pretrained": pretrained}
        if given in steps:
            steps[given]()
        elif given.startswith("GRU-7500-"):
            recurrent(int(given.rpartition("-")[2]))
        else:
            train(given)
