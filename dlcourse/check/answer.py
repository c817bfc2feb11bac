"""What a check sees of a learner's work.

A check never touches the learner's objects: it speaks to an ``answer``. Here ``answer`` stands
for a namespace in this process (a notebook, nbgrader, otter-grader); in the course's own grader it
stands for a sandboxed process at the other end of a channel. Both give the same plain values, so
one check function means the same everywhere.
"""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import textwrap
import threading
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

MAX_DEPTH = 16
MAX_ITEMS = 1_000_000
NUMERIC_KINDS = "biufc"
REFERENCE = "the reference solution's "
"""Begins the subject of an error that the reference solution raised."""
# Types of PyTorch's for which it makes no NumPy array.
_TORCH_ONLY = {"torch.bfloat16", "torch.float8_e4m3fn", "torch.float8_e5m2"}

_PARSING = threading.RLock()


class Status(StrEnum):
    """How far the learner has come with one name."""

    MISSING = "missing"
    UNTOUCHED = "untouched"
    PARTIAL = "partial"
    DEFINED = "defined"


class NotAttempted(Exception):
    """The learner has not answered yet: the name is missing or still holds the placeholder."""

    def __init__(self, name: str, status: Status = Status.UNTOUCHED) -> None:
        self.name = name
        self.status = status
        what = {
            Status.MISSING: f"`{name}` is not defined yet. Run the cell that defines it.",
            Status.UNTOUCHED: f"`{name}` still holds the placeholder `...`. Write your answer.",
            Status.PARTIAL: f"`{name}` still has a placeholder `...` in it. Replace it.",
        }
        super().__init__(what.get(status, f"`{name}` is not attempted yet."))


@dataclass
class AnswerError(Exception):
    """The learner's code raised. ``where`` quotes the learner's own line, when it is known."""

    kind: str
    message: str
    where: str = ""
    subject: str = ""

    @property
    def of_reference(self) -> bool:
        """Whether it was the reference solution that raised, and no learner's code."""
        return self.subject.startswith(REFERENCE)

    def __str__(self) -> str:
        text = f"{self.subject or 'Your code'} raised {self.kind}"
        if self.message:
            text += f": {self.message}"
        return f"{text} ({self.where})" if self.where else text


def status_of(namespace: Mapping[str, Any], name: str) -> Status:
    """Tell whether ``name`` is missing, untouched, partly or wholly written in ``namespace``."""
    if name not in namespace:
        return Status.MISSING
    value = namespace[name]
    if value is Ellipsis:
        return Status.UNTOUCHED
    functions = _functions_of(value)
    if functions and all(_is_stub(f) for f in functions):
        return Status.UNTOUCHED
    if any(_has_placeholder(f) for f in functions):
        return Status.PARTIAL
    return Status.DEFINED


def _functions_of(value: object) -> list[types.FunctionType]:
    """The functions that the learner wrote: the function itself, or a class's own methods."""
    if inspect.isclass(value):
        return [f for f in vars(value).values() if isinstance(f, types.FunctionType)]
    unwrapped = inspect.unwrap(value) if callable(value) else value
    return [unwrapped] if isinstance(unwrapped, types.FunctionType) else []


def parse(source: str) -> ast.Module:
    """``ast.parse`` for a program of several threads.

    Until 3.11.8 and 3.12.2, Python counts the depth of a syntax tree in one place for all threads,
    and two that parse at once raise SystemError or RecursionError (python/cpython#106905).
    """
    with _PARSING:
        return ast.parse(source)


def _definition(function: types.FunctionType) -> ast.FunctionDef | None:
    try:
        source = textwrap.dedent(inspect.getsource(function))
        node = parse(source).body[0]
    except (OSError, TypeError, SyntaxError, IndexError, ValueError):
        return None
    return node if isinstance(node, ast.FunctionDef) else None


def _is_ellipsis(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _is_stub(function: types.FunctionType) -> bool:
    """Whether a function does nothing: only a docstring, ``...`` or ``pass``.

    Read from the bytecode, so that it also works where the source is not at hand.
    """
    working = [
        i
        for i in dis.get_instructions(function)
        if i.opname not in {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    ]
    returned = [i.argval for i in dis.get_instructions(function) if "CONST" in i.opname]
    return not working and returned == [None]


@lru_cache(maxsize=1024)  # asked at every access to a name, and reading source is slow
def _has_placeholder(function: types.FunctionType) -> bool:
    """Whether a ``...`` statement or an assignment of ``...`` is left in the function."""
    node = _definition(function)
    if node is None:
        return False
    return any(
        isinstance(n, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return) and _is_ellipsis(n.value)
        for n in ast.walk(node)
    )


def to_plain(value: object, wrap: Callable[[object], object]) -> object:
    """Turn a learner's value into plain data.

    Args:
        value: anything.
        wrap: makes a handle of an object that is not plain data.

    Returns:
        None, bool, int, float, complex, str, list, tuple, dict (with plain keys) or a C-contiguous
        base ``numpy.ndarray`` of a numeric dtype; bfloat16 and the other small types that NumPy
        does not have become float32 or int8, longdouble becomes float64. Tensors become arrays
        and numpy scalars become Python's; a subclass with its own equality becomes the base type.
        The rest goes to ``wrap``.

    Raises:
        ValueError: when the value nests deeper than 16 levels or holds over a million items.
    """
    return _Converter(wrap).convert(value, 0)


class _Converter:
    def __init__(self, wrap: Callable[[object], object]) -> None:
        self.wrap = wrap
        self.items = 0

    def convert(self, value: object, depth: int) -> object:
        self.items += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"the value nests deeper than {MAX_DEPTH} levels")
        if self.items > MAX_ITEMS:
            raise ValueError(f"the value holds more than {MAX_ITEMS:,} items")
        if value is None or type(value) in (bool, int, float, complex, str):
            return value
        if isinstance(value, np.generic | np.ndarray) or _is_tensor(value):
            return self._array(value)
        if isinstance(value, list | tuple | dict):
            return self._container(value, depth)
        return _base_scalar(value, self.wrap)

    def _container(self, value: list[Any] | tuple[Any, ...] | dict[Any, Any], depth: int) -> object:
        if isinstance(value, dict):
            return {
                self.convert(k, depth + 1): self.convert(v, depth + 1)
                for k, v in dict.items(value)
                if isinstance(k, str | int | float | bool | tuple) or k is None
            }
        if isinstance(value, list):
            return [self.convert(v, depth + 1) for v in list.__iter__(value)]
        return tuple(self.convert(v, depth + 1) for v in tuple.__iter__(value))

    def _array(self, value: object) -> object:
        array = _as_array(value)
        if array is None:
            return self.wrap(value)
        if array.dtype.kind == "U":
            return array.tolist()
        if array.dtype.kind not in NUMERIC_KINDS:
            return self.wrap(value)
        if isinstance(value, np.generic):
            return array.item()
        return np.array(array, order="C", subok=False, copy=True)


def _base_scalar(value: object, wrap: Callable[[object], object]) -> object:
    """A subclass of a scalar type as that type, by the base's own method: the subclass may lie."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__add__(value, 0)
    if isinstance(value, float):
        return float.__add__(value, 0.0)
    if isinstance(value, complex):
        return complex.__add__(value, 0j)
    return wrap(value)


def _is_tensor(value: object) -> bool:
    return hasattr(type(value), "__array__") and not inspect.isclass(value)


def _as_array(value: object) -> np.ndarray[Any, Any] | None:
    """The value as a base array, or None where it has none (a symbolic tensor, say)."""
    if isinstance(value, np.generic | np.ndarray):
        return _in_numpys_types(np.asarray(value).view(np.ndarray))
    try:
        if hasattr(value, "detach"):  # a torch tensor may need gradients or lie on a GPU
            tensor: Any = value.detach().cpu()
            value = tensor.float() if str(tensor.dtype) in _TORCH_ONLY else tensor
        array = np.asarray(value)
    except Exception:  # whatever a foreign __array__ raises, the value is not an array for us
        return None
    return _in_numpys_types(array.view(np.ndarray)) if array.dtype != object else None


def _in_numpys_types(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array of a type that TensorFlow and JAX add to NumPy's (ml_dtypes), in a wider one of
    NumPy's own; of NumPy's types that differ from machine to machine (``longdouble``), in the
    widest that does not; any other array as it is."""
    if array.dtype.char in "gG":
        return array.astype(np.float64 if array.dtype.char == "g" else np.complex128)
    if array.dtype.type.__module__ != "ml_dtypes":
        return array
    name = array.dtype.name
    wider = np.uint8 if name.startswith("uint") else np.int8 if name.startswith("int") else None
    return array.astype(wider or np.float32)


def where_raised(error: BaseException) -> str:
    """Quote the learner's line that raised, from the deepest notebook frame of the traceback."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if "ipykernel_" in filename or filename.startswith(("<ipython-input", "<cell")):
            line = linecache.getline(filename, trace.tb_lineno).strip()
            found = f"line {trace.tb_lineno} of its cell" + (f": `{line[:120]}`" if line else "")
        trace = trace.tb_next
    return found


def call_learner(function: Callable[..., Any], args: Any, kwargs: Any, subject: str) -> Any:
    """Call the learner's code; whatever it raises becomes an :class:`AnswerError`."""
    try:
        return function(*args, **kwargs)
    except (Exception, SystemExit) as error:
        raise AnswerError(
            type(error).__name__, str(error)[:500], where_raised(error), subject
        ) from error


class LocalHandle:
    """An object of the learner's that is not plain data, in this process."""

    __slots__ = ("_object", "_path")

    def __init__(self, obj: object, path: str) -> None:
        self._object = obj
        self._path = path

    @property
    def _type(self) -> str:
        return type(self._object).__name__

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}"
        return _handed_out(call_learner(getattr, (self._object, name), {}, path), path)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the learner's function returns for these arguments."""
        path = f"{self._path}(...)"
        given = [_handed_in(a) for a in args]
        named = {k: _handed_in(v) for k, v in kwargs.items()}
        function: Any = self._object
        return _handed_out(call_learner(function, given, named, path), path)

    def __repr__(self) -> str:
        return f"<{type(self._object).__name__} {self._path}>"


def _handed_out(value: object, path: str) -> Any:
    try:
        return to_plain(value, lambda obj: LocalHandle(obj, path))
    except ValueError as error:
        raise AnswerError("ValueError", str(error), subject=path) from None


def _handed_in(value: Any) -> Any:
    """Arguments are copied, as they are when they cross a channel."""
    if isinstance(value, LocalHandle):
        return value._object
    return to_plain(value, lambda obj: obj)


class LocalAnswer:
    """The learner's namespace in this process, as a check sees it.

    ``answer.softmax(z)`` calls the learner's function with a copy of ``z`` and returns plain data;
    ``answer.digits_model`` is a handle whose methods can be called.

    Raises:
        NotAttempted: on access to a name that is missing or still holds its placeholder.
        AnswerError: when the learner's code raises.
    """

    def __init__(self, namespace: Mapping[str, Any], whose: str = "") -> None:
        self._namespace = namespace
        self._whose = whose  # stands before a name in what is said of it
        self._touched: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._touched.add(name)
        status = status_of(self._namespace, name)
        if status in (Status.MISSING, Status.UNTOUCHED):
            raise NotAttempted(name, status)
        return _handed_out(self._namespace[name], self._whose + name)

    def _unfinished(self) -> NotAttempted | None:
        """A name that a check used and that still has a placeholder in it, if there is one."""
        for name in sorted(self._touched):
            if status_of(self._namespace, name) is Status.PARTIAL:
                return NotAttempted(name, Status.PARTIAL)
        return None
