"""Tensors that a call keeps at one time, and its matrix products."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.utils.checkpoint import checkpoint_sequential

from dlcourse.compression.live_tensors import counted

in_segments: Callable[..., torch.Tensor] = checkpoint_sequential
KILO = 1000 * 4  # bytes of a thousand float32


def test_tensors_that_live_together_add_up() -> None:
    def both() -> torch.Tensor:
        a, b = torch.ones(1000), torch.ones(2000)
        return a[:1] + b[:1]

    assert counted(both).peak_bytes == 3 * KILO + 4


def test_tensors_one_after_the_other_do_not() -> None:
    def one_by_one() -> None:
        for _ in range(5):
            torch.ones(1000)

    assert counted(one_by_one).peak_bytes <= 2 * KILO


def test_views_and_what_was_there_before_are_free() -> None:
    x = torch.ones(1000)
    assert counted(lambda: x[::2].reshape(10, 50).T).peak_bytes == 0
    assert counted(lambda: x.add_(1)).peak_bytes == 0


def test_products_of_forward_and_backward_are_counted() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh(), torch.nn.Linear(4, 4))
    x = torch.ones(3, 4)
    assert counted(lambda: net(x)).products == 2
    # Backward: two gradients of kernels, and one of an activation.
    assert counted(lambda: net(x).sum().backward()).products == 2 + 3


def test_recomputed_products_are_counted_and_memory_falls() -> None:
    net = torch.nn.Sequential(
        *(torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Tanh()) for _ in range(16))
    )
    x = torch.ones(1000, 8, requires_grad=True)

    def step(segments: int) -> None:
        h = in_segments(net, segments, x, use_reentrant=False) if segments else net(x)
        h.sum().backward()

    plain, saved = counted(lambda: step(0)), counted(lambda: step(4))
    assert plain.products < saved.products <= plain.products + 16
    assert saved.peak_bytes < 0.7 * plain.peak_bytes


def test_an_error_passes() -> None:
    with pytest.raises(RuntimeError):
        counted(lambda: torch.ones(2, 3) @ torch.ones(2, 3))
