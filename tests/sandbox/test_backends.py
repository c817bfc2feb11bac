"""Keras trains in a fork of a zygote that has imported its backend, whichever it is."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from autograder.sandbox.isolate import Level
from autograder.workers.pool import SandboxError, WorkerPool
from tests.sandbox.conftest import result_of, run

pytestmark = pytest.mark.slow

TRAIN = """
import keras, numpy as np
keras.utils.set_random_seed(3)
x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.05), "mse")
history = model.fit(x, x**2, epochs=20, batch_size=16, verbose=0).history["loss"]
(keras.backend.backend(), history[-1] < history[0] / 3, round(history[-1], 4))
"""


@pytest.fixture(scope="module", params=["tensorflow", "torch", "jax"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="module")
def backend_pool(backend: str, level: Level) -> Iterator[WorkerPool]:
    with WorkerPool(isolation=level, backend=backend) as made:
        yield made


def test_two_forks_of_a_backend_train_alike(backend: str, backend_pool: WorkerPool) -> None:
    found = []
    for _ in range(2):
        with backend_pool.worker() as worker:
            found.append(result_of(run(worker, TRAIN, 120)))
    assert found[0].startswith(f"('{backend}', True, "), found
    assert found[0] == found[1]
    assert backend_pool.respawned == 0


STEP_IN_PYTORCH = """
import keras, tensorflow, torch
w = torch.nn.Parameter(torch.ones(3))
optimizer = torch.optim.SGD([w], lr=0.25)
(w**2).sum().backward()
optimizer.step()
w.tolist()
"""


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_pytorch_optimizes_beside_tensorflow(backend_pool: WorkerPool) -> None:
    """Its optimizers import its compiler, and that Triton, where it is installed."""
    with backend_pool.worker() as worker:
        assert result_of(run(worker, STEP_IN_PYTORCH, 120)) == "[0.5, 0.5, 0.5]"


OPERATION = {
    "tensorflow": "import tensorflow as tf; tf.zeros(1) + 1",
    "torch": "import torch; torch.ones(512, 512) @ torch.ones(512, 512)",
    "jax": "import jax.numpy; jax.numpy.zeros(1) + 1",
}


def test_a_zygote_that_has_run_an_operation_is_not_forked(backend: str, level: Level) -> None:
    """An operation starts the backend's threads, and a fork has none of them: it would hang."""
    with pytest.raises(SandboxError, match=r"threads and had|run an operation"):
        WorkerPool(isolation=level, backend=backend, before_forks=[OPERATION[backend]]).close()
