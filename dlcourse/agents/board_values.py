"""A small network in NumPy that says what a board of four in a row is worth, and its training.

Self-play asks for the values of a few hundred boards and takes some gradient steps, thousands of
times; for a network of this size the calls of a large library would cost more than the arithmetic.
Its arrays are those of a chain of Keras' `Dense` layers, so either can be handed to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dlcourse.agents.four_in_a_row import COLUMNS, ROWS, planes

__all__ = ["CELLS", "ValueNetwork", "values_of"]

CELLS = 2 * ROWS * COLUMNS
"""Inputs of a network: 30 own cells and 30 of the other's, as `planes` gives them."""

Array = npt.NDArray[np.float32]


def values_of(layers: Sequence[Array], boards: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    """What a chain of dense layers says of boards, worked out in NumPy.

    ReLU follows each layer but the last, and tanh follows that one.

    Args:
        layers: matrix, bias, matrix, bias, ...: (60, h), (h,), ..., (k, 1), (1,).
        boards: (n, 5, 6), as those see them that have just moved.

    Returns:
        Values (n,) for them, between -1 and 1.
    """
    return np.tanh(_forward(layers, _inputs(boards))[-1][:, 0]).astype(float)


def _inputs(boards: npt.NDArray[np.int8]) -> Array:
    return planes(boards).reshape(len(boards), CELLS)


# So many rows are multiplied at a time: few enough that no library starts threads for them, which
# would wait for each other longer than they work.
ROWS_AT_A_TIME = 32


def _blocks(x: Array) -> Array:
    """Rows (n, d) as blocks of 32, filled up with zeros: (n / 32, 32, d)."""
    missing = -len(x) % ROWS_AT_A_TIME
    filled = np.concatenate([x, np.zeros((missing, x.shape[1]), x.dtype)]) if missing else x
    return filled.reshape(-1, ROWS_AT_A_TIME, x.shape[1])


def _product(x: Array, matrix: Array) -> Array:
    """x @ matrix, of (n, d) and (d, h)."""
    return (_blocks(x) @ matrix).reshape(-1, matrix.shape[1])[: len(x)]


def _product_of_columns(x: Array, y: Array) -> Array:
    """x.T @ y, of (n, d) and (n, h)."""
    return np.asarray((_blocks(x).transpose(0, 2, 1) @ _blocks(y)).sum(axis=0))


def _forward(layers: Sequence[Array], x: Array) -> list[Array]:
    """The input and what each layer gives, without the last tanh."""
    found = [x]
    for i in range(0, len(layers), 2):
        x = _product(x, layers[i]) + layers[i + 1]
        x = np.maximum(x, 0) if i + 2 < len(layers) else x
        found.append(x)
    return found


@dataclass
class ValueNetwork:
    """Dense layers with ReLU between them and tanh behind, trained by Adam on the squared error.

    Args:
        hidden: widths of the hidden layers; none for one weighted sum of the cells.
        seed: of the first weights, which are those of He and others (2015).
    """

    hidden: Sequence[int] = (128, 64)
    seed: int = 0
    layers: list[Array] = field(init=False)
    _moments: list[tuple[Array, Array]] = field(init=False, repr=False)
    _steps: int = field(init=False, default=0, repr=False)

    def __post_init__(self) -> None:
        """Draw the first weights."""
        rng, widths = np.random.default_rng(self.seed), [CELLS, *self.hidden, 1]
        self.layers = []
        for inputs, outputs in pairwise(widths):
            scale = np.sqrt((2 if outputs > 1 else 0.1) / inputs)
            self.layers.append((scale * rng.normal(size=(inputs, outputs))).astype(np.float32))
            self.layers.append(np.zeros(outputs, np.float32))
        self._moments = [(np.zeros_like(x), np.zeros_like(x)) for x in self.layers]

    def __call__(self, boards: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
        """Values (n,) of boards (n, 5, 6), for those who have just moved."""
        return values_of(self.layers, boards)

    def step(self, boards: npt.NDArray[np.int8], targets: npt.ArrayLike, rate: float) -> float:
        """One step of Adam on boards (n, 5, 6) and targets (n,).

        Args:
            boards: as those see them that have just moved.
            targets: what they should be worth to them.
            rate: the learning rate.

        Returns:
            The mean squared error before the step.
        """
        outputs = _forward(self.layers, _inputs(boards))
        said = np.tanh(outputs[-1][:, 0])
        error = said - np.asarray(targets, np.float32)
        slope = (2 / len(said) * error * (1 - said**2))[:, None]
        gradients: list[Array] = []
        for i in range(len(self.layers) - 2, -1, -2):
            below = outputs[i // 2]
            gradients[:0] = [_product_of_columns(below, slope), slope.sum(axis=0)]
            if i:
                slope = _product(slope, self.layers[i].T) * (below > 0)
        self._steps += 1
        for array, gradient, (first, second) in zip(
            self.layers, gradients, self._moments, strict=True
        ):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            scale = rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
            array -= np.float32(scale) * first / (np.sqrt(second) + 1e-8)
        return float(np.mean(error**2))
