"""Importing modules of a package without what the package itself imports.

Some libraries import at once all that they can do: ``import nbgrader`` four extensions of Jupyter's
server, nbconvert and a web client, ``import jupytext`` a whole server of notebooks. Each command
would pay half a second of processor time for that, of which it uses nothing.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def package_alone(name: str) -> Iterator[None]:
    """Inside, modules of a package can be imported, and its own code does not run for that.

    The package does not stay: whoever imports it later gets all of it, with the very modules that
    were imported here. They are not its attributes then: ``from package import module`` finds them,
    ``package.module`` does not.

    Raises:
        ModuleNotFoundError: when there is no such package.
    """
    if name in sys.modules:
        yield
        return
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        yield
    finally:
        del sys.modules[name]
