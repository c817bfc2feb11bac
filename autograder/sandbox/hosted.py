"""Stand-ins for what hosted notebooks have and a grading machine has not.

Learners write on Colab and Kaggle, and leave there what only those have: a mounted drive, a file
dialogue, secrets, magics, interactive figures. None of it decides a mark, so none of it may end a
cell that holds an answer. A stand-in does nothing, says so on stderr, and returns something
harmless. Whatever is installed here is used instead of its stand-in.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

# Packages that exist on one service only.
SERVICES = ("google.colab", "kaggle_secrets", "kaggle_datasets", "kaggle_web_client")


class _Nothing:
    """A stand-in for any object: it can be called, entered, iterated, and added to text."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Nothing(f"{self._name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        _tell(f"{self._name} does nothing where notebooks are graded")
        return _RESULTS.get(self._name.rpartition(".")[2], self)

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<a stand-in for {self._name}>"


# What a learner's next line can go on with. Files come from nowhere, and secrets are unknown.
_RESULTS: dict[str, Any] = {
    "upload": {},
    "get": "",
    "get_secret": "",
    "eval_js": None,
    "clear": None,
    "download": None,
    "cv2_imshow": None,
}


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _mount(mountpoint: str = "/content/drive", *args: Any, **kwargs: Any) -> None:
    """An empty drive, where the place can be written."""
    _tell("drive.mount gives an empty folder where notebooks are graded")
    with suppress(OSError):
        (Path(mountpoint) / "MyDrive").mkdir(parents=True, exist_ok=True)


class _Service(ModuleType):
    """A module of a service. Whatever is looked up in it is a stand-in."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []  # a package: any module may be looked for inside

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__ == "google.colab.drive" and name == "mount":
            return _mount
        if name in ("load_ipython_extension", "unload_ipython_extension"):
            return lambda shell: None
        if self.__name__ == "google.colab" and not name.startswith("_"):
            with suppress(ImportError):
                return importlib.import_module(f"google.colab.{name}")
        return _Nothing(f"{self.__name__}.{name}")


class _ServiceFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the services' modules, after every real place has been looked into."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not any(name == s or name.startswith(f"{s}.") for s in SERVICES):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Service(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def install(shell: InteractiveShell) -> None:
    """Make the stand-ins available to a notebook's shell."""
    sys.meta_path.append(_ServiceFinder())
    _keep_figures_inline()
    _forgive_missing_extensions(shell)
    if importlib.util.find_spec("google") is None:  # the services' package needs its parent
        sys.modules["google"] = _Service("google")
    register: Any = shell.register_magic_function
    for name, magic in _LINE_MAGICS.items():
        register(magic, "line", name)
    register(_shell_cell(shell), "cell", "shell")


def can_draw(backend: str | None) -> bool:
    """Whether matplotlib's backend needs neither a window nor a browser."""
    return backend is None or backend.lower() in _DRAWING or "inline" in backend


_DRAWING = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "auto")


def _keep_figures_inline() -> None:
    """Pass over a change to a matplotlib backend that shows figures in a window or a browser."""
    changes = {"matplotlib": "use", "matplotlib.pyplot": "switch_backend"}
    for name, function in list(changes.items()):
        if name in sys.modules:
            _keep_inline(sys.modules[name], function)
            del changes[name]
    if changes:
        sys.meta_path.insert(0, _KeepInlineOnceImported(changes))


def _keep_inline(module: ModuleType, function: str) -> None:
    """Let a module's function of a backend's name pass over those that cannot draw here."""
    original = getattr(module, function)

    def if_possible(*args: Any, **options: Any) -> None:
        backend = args[0] if args else options.get("backend", options.get("newbackend"))
        if isinstance(backend, str) and not can_draw(backend):
            passed_over(backend)
        else:
            original(*args, **options)

    setattr(module, function, if_possible)


class _KeepInlineOnceImported(importlib.abc.MetaPathFinder):
    """Finds modules where they are, and has a function of each changed when it is imported.

    Args:
        changes: the function by the module's name.
    """

    def __init__(self, changes: Mapping[str, str]) -> None:
        self._changes = changes

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._changes:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_change(module: ModuleType) -> None:
            run(module)
            _keep_inline(module, self._changes[name])

        spec.loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


def passed_over(backend: str) -> None:
    """Say that figures stay in the notebook."""
    _tell(f"matplotlib's {backend} needs a window or a browser; figures are drawn inline")


def _tensorflow_version(line: str) -> None:
    """Colab's choice between two versions that are history."""


def _conda(line: str) -> None:
    _tell("%conda does nothing where notebooks are graded: packages cannot be installed")


def _shell_line(line: str) -> None:
    os.system(line)


_LINE_MAGICS = {"tensorflow_version": _tensorflow_version, "conda": _conda, "shell": _shell_line}


def _shell_cell(shell: InteractiveShell) -> Any:
    def run(line: str, cell: str) -> Any:
        return shell.run_cell_magic("sh", line, cell)

    return run


def unknown_magic(shell: InteractiveShell, kind: str, name: str) -> Callable[..., Any] | None:
    """What runs in place of a magic of an extension that is not installed.

    Args:
        shell: the notebook's.
        kind: ``line`` or ``cell``.
        name: the magic's, without its percent signs.

    Returns:
        A function of the rest of the line, or of that and the cell; None where IPython has
        something better to say, since the name is a magic of the other kind.
    """
    if kind == "line":
        return None if shell.find_cell_magic(name) else partial(_pass_over, name)
    return None if shell.find_line_magic(name) else partial(_run_as_python, shell, name)


def _pass_over(name: str, line: str) -> None:
    _tell(f"%{name} is not known where notebooks are graded; the line was passed over")


def _run_as_python(shell: InteractiveShell, name: str, line: str, cell: str) -> Any:
    """Run what stands below an unknown cell magic; UsageError where that is not Python."""
    try:
        ast.parse(shell.transform_cell(cell))
    except (SyntaxError, ValueError):
        raise UsageError(
            f"%%{name} is not known where notebooks are graded, and its cell is no Python"
        ) from None
    _tell(f"%%{name} is not known where notebooks are graded; the cell ran as Python")
    result = shell.run_cell(cell, store_history=False)
    result.raise_error()
    return result.result


def _forgive_missing_extensions(shell: InteractiveShell) -> None:
    """Let ``%load_ext`` pass over what is not installed."""
    manager: Any = shell.extension_manager

    def forgiving(load: Callable[[str], Any]) -> Callable[[str], Any]:
        def load_if_there(name: str) -> Any:
            try:
                return load(name)
            except ModuleNotFoundError:
                _tell(f"the extension {name} is not installed where notebooks are graded")
                return None

        return load_if_there

    manager.load_extension = forgiving(manager.load_extension)
    manager.reload_extension = forgiving(manager.reload_extension)
