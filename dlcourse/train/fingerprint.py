"""Short digests that tell whether a training is still the same one.

A fingerprint has four parts: the network, its settings, the data, and the weights at the start.
Names that Keras gives by counting ("dense_3") do not matter. Code that the network's own classes,
its loss or its metrics do not contain is not seen.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

import numpy as np

Fingerprint = dict[str, str]

PARTS = {
    "network": "the network",
    "settings": "the optimizer, the loss or another setting",
    "data": "the data",
    "start": "the weights at the start",
}
"""The parts, and what a person calls them."""


def fingerprint(model: Any, data: object, settings: Mapping[str, object]) -> Fingerprint:
    """Tell a training by digests of its parts.

    Args:
        model: a built and compiled Keras model.
        data: arrays in any nesting of tuples, lists and dictionaries. Of a data set that is read
            by iterating over it only the shapes and the length are seen.
        settings: further settings, plain values.
    """
    return {
        "network": _digest([_architecture(model), *_own_code(model)]),
        "settings": _digest([_compiled(model), json.dumps(settings, sort_keys=True, default=str)]),
        "data": _digest(_content(data)),
        "start": _digest(_content(model.get_weights())),
    }


def changes(old: Fingerprint, new: Fingerprint) -> list[str]:
    """The names of the parts in which two fingerprints differ."""
    return [part for part in PARTS if old.get(part) != new[part]]


def _digest(pieces: Any) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        content = piece if isinstance(piece, bytes | memoryview) else str(piece).encode()
        digest.update(f"{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def _architecture(model: Any) -> str:
    shapes = [(weight.name, tuple(weight.shape), str(weight.dtype)) for weight in model.weights]
    try:
        config = json.dumps(model.get_config(), sort_keys=True, default=_plain)
    except NotImplementedError:  # a subclass without a configuration: its code tells instead
        config = type(model).__qualname__
    text = f"{config} {shapes}"
    found = dict.fromkeys(re.findall(r'"name": "([^"]+)"', text))
    names = {name: f"name {index}" for index, name in enumerate(found)}
    # Only whole strings are names: "dense" must not be replaced inside other words.
    return re.sub(r'"([^"]+)"', lambda match: f'"{names.get(match[1], match[1])}"', text)


def _layers(model: Any) -> Iterator[Any]:
    """The model and all layers in it, in a fixed order."""
    yield model
    for layer in getattr(model, "layers", []):
        yield from _layers(layer)


def _compiled(model: Any) -> str:
    from keras.saving import serialize_keras_object

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of lambdas; here they are only compared
        config = dict(model.get_compile_config() or {})
        config["optimizer"] = serialize_keras_object(model.optimizer)
    return re.sub(r'"name": "\w+"', "", json.dumps(config, sort_keys=True, default=_plain))


def _plain(value: object) -> str:
    # The address in the default text of an object differs from run to run.
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def _own_code(model: Any) -> Iterator[bytes | str]:
    """The code of the classes and functions that are the learner's own, not Keras'."""
    compiled = getattr(model, "_compile_config", None)
    settings = getattr(compiled, "config", {})
    flat = [model, *_layers(model), model.optimizer, *_flat(settings)]
    seen = set()
    for item in flat:
        kind = item if isinstance(item, FunctionType) else type(item)
        if kind in seen or str(kind.__module__).split(".")[0] in ("keras", "builtins", "numpy"):
            continue
        seen.add(kind)
        if isinstance(kind, FunctionType):
            yield from _code(kind.__code__)
            continue
        for base in kind.__mro__:
            if not base.__module__.startswith(("keras.", "builtins", "tensorflow.", "abc")):
                for member in vars(base).values():
                    function = getattr(member, "__func__", getattr(member, "fget", member))
                    if isinstance(function, FunctionType):
                        yield from _code(function.__code__)


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _flat(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _code(code: CodeType) -> Iterator[bytes | str]:
    yield code.co_name
    yield code.co_code
    yield str((code.co_names, code.co_varnames, code.co_freevars))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        elif isinstance(constant, frozenset):
            yield str(sorted(map(repr, constant)))  # their order differs from run to run
        else:
            yield repr(constant)


def _content(data: object) -> Iterator[bytes | memoryview | str]:
    if isinstance(data, Mapping):
        for key in sorted(data):
            yield str(key)
            yield from _content(data[key])
    elif isinstance(data, list | tuple):
        yield type(data).__name__
        for item in data:
            yield from _content(item)
    elif data is None or hasattr(data, "__array__"):
        array = np.ascontiguousarray(np.asarray(data))
        yield f"{array.dtype}{array.shape}"
        if array.dtype != object:
            yield array.reshape(-1).view(np.uint8).data
    else:
        length = len(data) if hasattr(data, "__len__") else None
        yield f"{type(data).__qualname__} {getattr(data, 'element_spec', '')} {length}"
