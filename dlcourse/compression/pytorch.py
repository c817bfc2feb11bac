"""Week 11's network in PyTorch: the weights of its Keras copy, and what a training keeps of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

__all__ = ["copy_weights", "kept_for_backward"]


def copy_weights(model: Any, net: Any) -> None:
    """Give a PyTorch network the weights of a Keras one with the same layers in the same order.

    PyTorch's channels come before height and width, also where an image is flattened; so the
    inputs of the first dense layer after a convolution change their order.

    Args:
        model: a built Keras network of convolutions (channels last), dense layers and layers
            without weights.
        net: the same in PyTorch.

    Raises:
        ValueError: if the two have other numbers of arrays, or an array has another shape.
    """
    import torch

    arrays, shape = [], None
    for layer in model.layers:
        for weight in layer.get_weights():
            tensor = torch.tensor(weight)
            if tensor.ndim == 4:  # (height, width, in, out)
                tensor, shape = tensor.permute(3, 2, 0, 1), None
            elif tensor.ndim == 2:  # (in, out)
                if shape is not None:
                    tensor = tensor.reshape(*shape, -1).permute(2, 0, 1, 3).flatten(0, 2)
                tensor, shape = tensor.T, None
            arrays.append(tensor)
        if len(layer.output.shape) == 4:
            shape = layer.output.shape[1:]
    parameters = list(net.parameters())
    if [p.shape for p in parameters] != [a.shape for a in arrays]:
        raise ValueError(
            "The networks differ: the Keras network's arrays are, in PyTorch's order, "
            f"{[tuple(a.shape) for a in arrays]}, the PyTorch network's "
            f"{[tuple(p.shape) for p in parameters]}."
        )
    with torch.no_grad():
        for parameter, array in zip(parameters, arrays, strict=True):
            parameter.copy_(array)


def kept_for_backward(net: Any, compute: Callable[[], Any]) -> dict[str, int]:
    """The bytes that PyTorch keeps for the backward pass of a call, by dtype.

    The network's parameters do not count, and an array that is kept twice counts once.

    Args:
        net: whose parameters do not count.
        compute: the forward pass, without an argument; gradients must be on.
    """
    import torch

    own = {parameter.data_ptr() for parameter in net.parameters()}
    kept: dict[int, Any] = {}

    def keep(tensor: Any) -> Any:
        if tensor.data_ptr() not in own:
            kept[tensor.data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = compute()  # kept while we count: an array must not take the place of another
    found: Counter[str] = Counter()
    for tensor in kept.values():
        found[str(tensor.dtype).removeprefix("torch.")] += tensor.nbytes
    del result
    return dict(found)
