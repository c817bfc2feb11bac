"""The notebook that this session belongs to, as the learner sees it.

On Colab the open notebook is asked for. Elsewhere it is a file, which can be older than what was
run in the session: then the cells that were run last are put in.
"""

from __future__ import annotations

import ast
import copy
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlcourse import session

Cell = dict[str, Any]
Notebook = dict[str, Any]

COLAB_TIMEOUT = 30
"""Seconds to wait for Colab's page; a large notebook takes a while."""


@dataclass(frozen=True)
class Found:
    """A notebook and where it comes from."""

    notebook: Notebook
    origin: str
    """Where it comes from, for a person."""
    path: Path | None = None
    """The file; None where the notebook was asked for or rebuilt."""
    raw: bytes | None = None
    """The file's bytes, as long as they say the same as `notebook`."""
    differences: tuple[str, ...] = ()
    """What was run last but is not in the file, a phrase each; it is in `notebook`."""
    notes: tuple[str, ...] = field(default=())
    """What the learner should know, a sentence each."""


def find(assignment: str, named: Path | None = None) -> Found:
    """Return the notebook of this session, with what was run last in it.

    Args:
        assignment: the assignment's name, which its notebook carries in its metadata.
        named: the notebook's file, if the caller knows it.

    Raises:
        LookupError: if there is neither a notebook nor anything that was run in this session.
        ValueError: if `named` is no notebook.
    """
    history = executed()
    if session.on_colab() and named is None:
        notebook = _from_colab()
        if notebook is not None:
            return Found(notebook, "as it is open in your browser")
    path, notes = (named, ()) if named else _find_file(assignment, history)
    if path is None:
        return _from_history(assignment, history)
    raw = path.read_bytes()
    notebook = parse(raw)
    if notebook is None:
        raise ValueError(f"{path} is not a notebook that can be read.")
    current, differences = with_last_run(notebook, history)
    origin = f"from {path.name}" + (", with what you ran last" if differences else "")
    return Found(current, origin, path, None if differences else raw, tuple(differences), notes)


def executed() -> list[str]:
    """What was run in this session, in order, without the cell that is running now."""
    manager = getattr(session.shell(), "history_manager", None)
    if manager is None:
        return []
    inputs = [str(source) for source in manager.input_hist_raw]
    if inputs and "submit" in inputs[-1]:
        inputs.pop()
    return [source for source in inputs if source.strip()]


def parse(raw: bytes) -> Notebook | None:
    """Read a notebook of format 4; None if it is none."""
    try:
        notebook = json.loads(raw.decode("utf-8-sig"))
    except ValueError:
        return None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return None
    return notebook


def write(notebook: Notebook) -> bytes:
    """The bytes of a notebook file: the same notebook, the same bytes."""
    return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def source_of(cell: Cell) -> str:
    """The text of a cell, which the format keeps as one string or as a list of lines."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def with_last_run(notebook: Notebook, history: Sequence[str]) -> tuple[Notebook, list[str]]:
    """Put the cells that were run last in place of their versions in the file.

    A piece of the history is a version of a cell if it defines everything that the cell defines.
    Locked cells stay, and so do cells that were not run.

    Returns:
        The notebook, a changed copy where there are differences, and a phrase for each difference.
    """
    current = copy.deepcopy(notebook)
    codes = [cell for cell in current["cells"] if cell.get("cell_type") == "code"]
    in_file = {_plain(source_of(cell)) for cell in codes}
    differences = []
    for cell in codes:
        names = defined(source_of(cell))
        if not names or _is_locked(cell):
            continue
        for source in reversed(history):
            if _plain(source) == _plain(source_of(cell)):
                break
            if names <= defined(source) and _plain(source) not in in_file:
                cell.update(source=source, outputs=[], execution_count=None)
                differences.append(f"the cell that defines {_listed(sorted(names))}")
                break
    differences += _add_unsaved(current, history, in_file)
    return current if differences else notebook, differences


def _add_unsaved(notebook: Notebook, history: Sequence[str], in_file: set[str]) -> list[str]:
    """Add what was run and defines something that the notebook uses and does not define.

    What was run and then deleted defines nothing that is used, and stays away.
    """
    cells = notebook["cells"]
    sources = [source_of(cell) for cell in cells if cell.get("cell_type") == "code"]
    missing = _names(sources, used) - _names(sources, provided)
    added: list[str] = []
    for position in range(len(history) - 1, -1, -1):
        source = history[position]
        new = provided(source) & missing
        if not new or _plain(source) in in_file:
            continue
        missing = (missing | used(source)) - provided(source)
        before = {_plain(earlier) for earlier in history[:position]}
        places = [i for i, cell in enumerate(cells) if _plain(source_of(cell)) in before]
        cells.insert(places[-1] + 1 if places else 0, _code_cell(source, len(added)))
        added.append(f"a cell that defines {_listed(sorted(new))}")
    return added[::-1]


def _names(sources: Sequence[str], of: Callable[[str], set[str]]) -> set[str]:
    return set[str]().union(*map(of, sources))


def defined(source: str) -> set[str]:
    """The functions, classes and variables that a cell defines at its top level."""
    names: set[str] = set()
    for node in _tree(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found = (name for target in targets for name in ast.walk(target))
            names |= {n.id for n in found if isinstance(n, ast.Name) and n.id != "_"}
    return names


def provided(source: str) -> set[str]:
    """Every name that a cell binds anywhere in it, by an import too."""
    names = defined(source)
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


def used(source: str) -> set[str]:
    """Every name that a cell reads."""
    nodes = ast.walk(_tree(source))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _tree(source: str) -> ast.Module:
    """The cell's syntax without its magics; empty if it has errors."""
    lines = source.split("\n")
    plain = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines]
    try:
        return ast.parse("\n".join(plain))
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _is_locked(cell: Cell) -> bool:
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("locked"))


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:3]) + (["..."] if len(names) > 3 else [])
    return ", ".join(shown)


def _code_cell(source: str, number: int) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"from-session-{number}",
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def _from_colab() -> Notebook | None:
    """The notebook as it stands in the browser; None if the page does not answer."""
    try:
        from google.colab import _message

        answer = _message.blocking_request("get_ipynb", timeout_sec=COLAB_TIMEOUT)
    except Exception:  # a private interface: whatever goes wrong in it, there is another way
        return None
    notebook = answer.get("ipynb") if isinstance(answer, dict) else None
    return notebook if isinstance(notebook, dict) and notebook.get("cells") else None


def _from_history(assignment: str, history: Sequence[str]) -> Found:
    if not history:
        raise LookupError(
            f"no notebook of {assignment} was found in {Path.cwd()}, and nothing was run in this "
            f'session. Name the file: submit("{assignment}", notebook="NAME.ipynb").'
        )
    last = list(dict.fromkeys(reversed(history)))[::-1]  # of equal cells, where it ran last
    notebook: Notebook = {
        "cells": [_code_cell(source, number) for number, source in enumerate(last)],
        "metadata": {
            "dlcourse": {"assignment": assignment},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    note = (
        "The notebook's file was not found; the cells that were run in this session are packed, "
        "without results and without any text that you wrote, a report for instance. Save the "
        f"notebook as {assignment}.ipynb and run this cell again, or run in a cell of your own "
        f'submit("{assignment}", notebook="NAME.ipynb").'
    )
    return Found(notebook, "from what was run in this session", notes=(note,))


def _find_file(assignment: str, history: Sequence[str]) -> tuple[Path | None, tuple[str, ...]]:
    """The file of this session's notebook, and what the learner should know about the choice."""
    for path in _front_end_says():
        notebook = parse(path.read_bytes()) if path.is_file() else None
        if notebook is not None and assignment_of(notebook) in ("", assignment):
            return path, ()
    found = []
    for path in sorted(Path.cwd().glob("*.ipynb")):
        notebook = parse(path.read_bytes())
        if notebook is not None and assignment_of(notebook) == assignment:
            found.append((_shared_cells(notebook, history), path.stat().st_mtime_ns, path))
    if not found:
        return None, ()
    path = max(found)[-1]
    if len(found) == 1:
        return path, ()
    note = (
        f"{len(found)} notebooks here are {assignment}'s; {path.name} is packed, which fits this "
        f'session best. For another one: submit("{assignment}", notebook="NAME.ipynb").'
    )
    return path, (note,)


def _front_end_says() -> list[Path]:
    """The file that Jupyter or VS Code names; after a renaming it may be gone."""
    user_names = getattr(session.shell(), "user_ns", {})
    named = [user_names.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")]
    return [Path(name) for name in named if isinstance(name, str) and name.endswith(".ipynb")]


def assignment_of(notebook: Notebook) -> str:
    """The assignment that a notebook says it is; empty if it does not say."""
    metadata = notebook.get("metadata")
    course = metadata.get("dlcourse") if isinstance(metadata, dict) else None
    return str(course.get("assignment", "")) if isinstance(course, dict) else ""


def _shared_cells(notebook: Notebook, history: Sequence[str]) -> int:
    ran = {_plain(source) for source in history}
    return sum(_plain(source_of(cell)) in ran for cell in notebook["cells"])
