"""What a PyTorch computation keeps in memory and computes, counted and not timed."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Counted", "counted"]

_PRODUCTS = ("mm", "addmm", "bmm", "baddbmm", "convolution")


@dataclass(frozen=True)
class Counted:
    """What a call did.

    Attributes:
        peak_bytes: the most bytes that tensors made by the call occupied at one time.
        products: how many matrix products and convolutions it computed.
    """

    peak_bytes: int
    products: int


def counted(function: Callable[[], object]) -> Counted:
    """Call a function of PyTorch on the CPU, and count its tensors and matrix products.

    Tensors that were there before, such as parameters, do not count; gradients do. Backward passes
    inside of the function are seen. Views count once, as the memory that they show.

    Args:
        function: takes no argument.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.live = self.peak = self.products = 0
            self.known: dict[weakref.ref[Any], int] = {}

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            for tensor in tree_leaves((args, kwargs)):
                self.note(tensor, counts=False)
            result = func(*args, **(kwargs or {}))
            for tensor in tree_leaves(result):
                self.note(tensor, counts=True)
            self.products += func.overloadpacket.__name__ in _PRODUCTS
            return result

        def note(self, value: object, *, counts: bool) -> None:
            if not isinstance(value, torch.Tensor):
                return
            storage = value.untyped_storage()
            reference = weakref.ref(storage, self.forget)
            if reference not in self.known:
                self.known[reference] = storage.nbytes() if counts else 0
                self.live += self.known[reference]
                self.peak = max(self.peak, self.live)

        def forget(self, reference: weakref.ref[Any]) -> None:
            self.live -= self.known.pop(reference, 0)

    with Watch() as watch:
        function()
    return Counted(watch.peak, watch.products)
