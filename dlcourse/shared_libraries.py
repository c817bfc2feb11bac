"""Keeps TensorFlow's shared libraries from breaking those that a process loads after them.

TensorFlow 2.20 and 2.21 load theirs with ``RTLD_GLOBAL``, so that every library loaded later binds
to TensorFlow's copy of LLVM. Triton 3.7, which comes with PyTorch's build for CUDA, has another
LLVM: its import, and so that of PyTorch's compiler, ends the process with a segmentation fault.
TensorFlow's developers mended it by leaving one module out of the package
(https://github.com/tensorflow/tensorflow/pull/124230). :func:`keep_apart` does the same for the
versions that have it.
"""

from __future__ import annotations

import sys

GLOBAL_FLAGS = "tensorflow.python.pywrap_dlopen_global_flags"
"""Where this module can be imported, TensorFlow loads its libraries with ``RTLD_GLOBAL``."""

_FIRST_TRITON_WITH_GLOBAL_LLVM = (3, 7)


def keep_apart() -> None:
    """Let TensorFlow and Triton live in one process, whichever is imported first.

    Before TensorFlow is imported, this makes it load its libraries with their symbols kept to
    themselves. Where it was imported already, with symbols that a Triton not yet imported would
    bind to, Triton is taken for missing: PyTorch then does without it, as its build for CPUs does,
    and only ``torch.compile`` on a GPU says that it needs it.
    """
    if "tensorflow" not in sys.modules:
        sys.modules[GLOBAL_FLAGS] = None  # type: ignore[assignment]  # its import raises ImportError
    elif sys.modules.get(GLOBAL_FLAGS) and "triton" not in sys.modules and _triton_would_crash():
        sys.modules["triton"] = None  # type: ignore[assignment]


def _triton_would_crash() -> bool:
    from importlib import metadata  # slow to import, and rarely needed

    try:
        major, minor = metadata.version("triton").split(".")[:2]
    except metadata.PackageNotFoundError:
        return False
    return (int(major), int(minor)) >= _FIRST_TRITON_WITH_GLOBAL_LLVM
