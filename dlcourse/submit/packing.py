"""Pack one file to hand in: the notebook and the weights of its trained networks."""

from __future__ import annotations

import copy
import io
import os
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from dlcourse import session
from dlcourse.submit import notebook as notebooks
from dlcourse.submit.notebook import Found, Notebook
from dlcourse.train import weights

__all__ = ["Packed", "pack", "submit"]

MIB = 2**20
MAX_NOTEBOOK = 10 * MIB
"""A larger notebook is packed without its results: graders make them anew."""
MAX_WEIGHTS = 100 * MIB
"""More weights are left out: graders train anew. Course platforms refuse larger uploads."""

PLACE_FOR_TEXT = "*Write your answer here, in place of this line.*"
"""What stands in a learner's notebook where a person marks what is written."""
MARKED_BY_A_PERSON = re.compile(r"\*\*(.+?)\*\*, marked by a person: (\d[\d.]* points?)")
"""How the rubric above such a place begins."""
END_OF_QUESTION = "<!-- END QUESTION -->"
"""What stands below such a place."""


@dataclass(frozen=True)
class Packed:
    """What was packed and what the learner should know about it."""

    path: Path
    size: int
    """Bytes."""
    contents: tuple[str, ...]
    """A line for each file inside."""
    notes: tuple[str, ...]
    """A sentence or two each."""


def submit(assignment: str, notebook: str | Path | None = None) -> None:
    """Pack ASSIGNMENT.zip and say what is in it and what to do with it.

    The zip holds the notebook with what was run last, and the weights that `dlcourse.train` kept
    for the networks that the notebook names. On Colab the open notebook is taken, and the download
    starts. Elsewhere the notebook's file is found even if it was renamed.

    Nothing is raised: what keeps the file from being packed is printed. While nbgrader grades
    nothing is packed: there the notebook's file holds the hidden checks.

    Args:
        assignment: such as "week01".
        notebook: the notebook's file, where it is not found by itself.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        print("Nothing is packed while nbgrader grades.")
        return
    try:
        packed = pack(assignment, notebook)
    except (OSError, LookupError, ValueError) as error:
        print(f"Nothing was packed: {error}")
        return
    print(f"Packed {packed.path.name} ({_size(packed.size)}), which holds")
    for line in packed.contents:
        print(f"  {line}")
    for note in packed.notes:
        print(f"Note: {note}")
    print(_offer(packed.path))


def pack(assignment: str, notebook: str | Path | None = None) -> Packed:
    """Write ASSIGNMENT.zip in the current folder. The same contents give the same bytes.

    Args:
        assignment: such as "week01".
        notebook: the notebook's file, where it is not found by itself.

    Raises:
        LookupError: if there is no notebook and nothing was run.
        OSError: if a file cannot be read or written.
        ValueError: if `assignment` is no name, or `notebook` is no notebook.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", assignment):
        raise ValueError(f'an assignment\'s name is like "week01", got {assignment!r}.')
    found = notebooks.find(assignment, Path(notebook) if notebook else None)
    found = _named(found, assignment)
    content, notes = _notebook_bytes(found)
    folder = found.path.parent if found.path else Path.cwd()
    files, left_out = _weight_files(content.decode(errors="replace"), folder)
    members = {f"{assignment}.ipynb": content}
    members |= {file.name: file.read_bytes() for file in files}
    path = Path.cwd() / f"{assignment}.zip"
    size = _write_zip(path, members)
    lines = [_describe(found, assignment, content)]
    lines += [f"{file.name} ({_size(len(members[file.name]))})" for file in files]
    told = (*_unsaved(found), *found.notes, *_unwritten(found.notebook), *notes, *left_out)
    return Packed(path, size, tuple(lines), told)


def _named(found: Found, assignment: str) -> Found:
    """Make the notebook say whose it is: front ends may drop metadata that they do not know."""
    says = notebooks.assignment_of(found.notebook)
    if says == assignment:
        return found
    if says:
        raise ValueError(f"{found.path or 'this notebook'} is the notebook of {says}.")
    notebook = copy.deepcopy(found.notebook)
    metadata = notebook.setdefault("metadata", {})
    metadata["dlcourse"] = {"assignment": assignment}
    metadata.setdefault("otter", {"assignment_name": assignment})
    return replace(found, notebook=notebook, raw=None)


def _notebook_bytes(found: Found) -> tuple[bytes, list[str]]:
    content = found.raw if found.raw is not None else notebooks.write(found.notebook)
    if len(content) <= MAX_NOTEBOOK:
        return content, []
    bare = notebooks.write(_without_results(found.notebook))
    if len(bare) > MAX_NOTEBOOK:
        raise ValueError(
            f"the notebook has {_size(len(bare))} even without its results, more than "
            f"{_size(MAX_NOTEBOOK)}. Take out pasted pictures and data."
        )
    note = f"The notebook has {_size(len(content))}; it is packed without the results of its cells."
    return bare, [note]


def _without_results(notebook: Notebook) -> Notebook:
    bare = copy.deepcopy(notebook)
    for cell in bare["cells"]:
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
    return bare


def _weight_files(text: str, folder: Path) -> tuple[list[Path], list[str]]:
    """The weights of networks that the notebook names, and what is left out."""
    places = {path.name: path for path in sorted(folder.glob(f"*{weights.SUFFIX}"))}
    places |= {path.name: path for path in weights.written if path.is_file()}
    files, left_out, room = [], [], MAX_WEIGHTS
    for name, path in sorted(places.items()):
        network = name.removesuffix(weights.SUFFIX)
        if path not in weights.written and not re.search(rf"\b{re.escape(network)}\b", text):
            continue  # of another notebook in the same folder
        size = path.stat().st_size
        if size > room:
            left_out.append(
                f"{name} ({_size(size)}) is left out, the zip would grow too large; "
                "the network will be trained anew."
            )
            continue
        room -= size
        files.append(path)
    return files, left_out


def _write_zip(path: Path, members: dict[str, bytes]) -> int:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # Its default date is fixed, so that the same contents give the same bytes.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    part = path.with_name(path.name + ".part")
    part.write_bytes(buffer.getvalue())
    part.replace(path)
    return len(buffer.getvalue())


def _describe(found: Found, assignment: str, content: bytes) -> str:
    count = len(found.notebook["cells"])
    cells = f"{count} cell{'' if count == 1 else 's'}"
    return f"{assignment}.ipynb ({_size(len(content))}, {cells}, {found.origin})"


def _unsaved(found: Found) -> list[str]:
    if not found.differences or found.path is None:
        return []
    listed = "; ".join(found.differences)
    return [
        f"{found.path.name} on disk is not what you ran last. It differs in {listed}. The packed "
        f"notebook has what you ran. If instead the file is right: run all its cells, save it "
        "and run this cell again."
    ]


def _unwritten(notebook: Notebook) -> list[str]:
    """A sentence for each text that a person would mark and that is not in the notebook."""
    notes, text = [], ""
    for cell in notebook["cells"]:
        if cell.get("cell_type") != "markdown":
            continue
        source = notebooks.source_of(cell).strip()
        if found := MARKED_BY_A_PERSON.search(source):
            text = f"{found[1].lower()} ({found[2]}, marked by a person)"
        elif text and source in ("", PLACE_FOR_TEXT):
            notes.append(
                f"The place of the {text} is empty in what was packed. If you wrote it there: save "
                "the notebook and run this cell again. If you wrote it in a cell of your own, move "
                "it there: nothing else is marked."
            )
            text = ""
        elif END_OF_QUESTION in source:
            text = ""
    return notes


def _offer(path: Path) -> str:
    """Bring the file within reach, and say what to do with it."""
    if session.on_colab():
        try:
            from google.colab import files

            files.download(str(path))
        except Exception as error:  # the browser may refuse; the file is there all the same
            reason = f"The download did not start ({error})."
        else:
            reason = "Your browser downloads it now. If it does not:"
        return (
            f"{reason} open the folder icon on the left, and choose Download beside {path.name}.\n"
            f"Then upload {path.name} where your course collects its work."
        )
    if session.in_open_notebook():
        from IPython.display import FileLink, display

        display(FileLink(path.name))
    return f"Upload this one file where your course collects its work: {path}"


def _size(count: int) -> str:
    return f"{count / MIB:.1f} MB" if count >= MIB else f"{max(1, round(count / 1024))} kB"
