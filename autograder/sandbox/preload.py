"""What a zygote imports before it forks: the libraries that an assignment's notebooks will ask for.

Imported once, they cost no submission time; but each fork pays for the memory that they take:
``python -m benchmarks.worker`` measures it with TensorFlow and without.
"""

from __future__ import annotations

import sys
from collections.abc import Collection

# What every worker needs itself.
NEEDED = ("numpy", "dlcourse.check.answer")

# pyplot, and where its figures go in a notebook.
DRAWING = ("matplotlib.pyplot", "matplotlib_inline.backend_inline")

# What the course's notebooks use besides Keras; those that are not installed are left out.
LIBRARIES = (
    *DRAWING,
    "scipy.special",
    "pandas",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.preprocessing",
    "PIL.Image",
    "h5py",
    "tqdm.auto",
    "mlxtend.data",
    "dlcourse.check",
    "dlcourse.data",
    "dlcourse.plots",
    "dlcourse.train",
    "dlcourse.submit",
)

# Of these it is known that they import no deep-learning library.
_LIGHT = frozenset({"IPython", "PIL", "h5py", "matplotlib", "numpy", "pandas", "scipy", "sklearn"})
_LIGHT_HERE = (
    "dlcourse.check",
    "dlcourse.data",
    "dlcourse.detection",
    "dlcourse.expect",
    "dlcourse.models.detection",
    "dlcourse.plots",
    "dlcourse.scenes",
)
# Of the course's own, what draws.
_DRAWS_HERE = frozenset({"dlcourse.detection", "dlcourse.plots", "dlcourse.scenes"})


def preload(backend: str, imports: Collection[str] | None = None) -> tuple[str, ...]:
    """The modules to import beforehand, in order, the backend and Keras first.

    Args:
        backend: Keras's backend: tensorflow, torch or jax.
        imports: the modules that the notebooks are expected to import, by their dotted names. Where
            none of them can lead to Keras or its backend, those are left out, and so is every
            library that is not named; a notebook that uses one all the same imports it itself. None
            where nothing is known of the notebooks.
    """
    if imports is None or not all(map(_is_light, imports)):
        return tuple(dict.fromkeys((backend, "keras", "tensorflow", *LIBRARIES)))
    packages = {name.partition(".")[0] for name in imports} - {"dlcourse"}
    named = tuple(n for n in LIBRARIES if n in imports or n.partition(".")[0] in packages)
    draws = "matplotlib" in packages or not _DRAWS_HERE.isdisjoint(imports)
    return tuple(dict.fromkeys((*DRAWING, *named))) if draws else named


def _is_light(name: str) -> bool:
    package = name.partition(".")[0]
    if package == "dlcourse":
        inside = any(name == light or name.startswith(f"{light}.") for light in _LIGHT_HERE)
        return inside or name in ("dlcourse", "dlcourse.models")
    return package in _LIGHT or package in sys.stdlib_module_names
