"""What nbgrader's own pages show, by preprocessors that ``nbgrader_config.py`` names.

Feedback must not show a learner the hidden checks, which autograding has put into the notebook with
the reference solutions and the seeds: not as source, not in what a cell printed while a hidden
check ran, and not in files that lie beside the notebook. Neither feedback nor formgrader may run in
the reader's browser what a learner wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import from_dict
from nbformat.v4 import new_output
from nbgrader.utils import is_grade, parse_utc
from traitlets import Bool

from autograder.release.leaks import SHORTEST, squeeze
from autograder.release.nbgrader import BEGIN_HIDDEN, END_HIDDEN
from autograder.report.outputs import Output, safe_outputs
from dlcourse.check import CheckFailed

WITHHELD = "This output quotes a hidden check and is not shown."
PASSED = "The hidden check passed."
COULD_NOT_RUN = "The hidden check did not come to its end."
# Characters of a time with its zone, and more.
_LONGEST_TIME = 80
# From the line that opens a region to the one that closes it, or to the end.
_REGION = re.compile(
    rf"^[^\n]*{re.escape(BEGIN_HIDDEN)}.*?(?:{re.escape(END_HIDDEN)}[^\n]*\n?|\Z)", re.M | re.S
)
_TERMINAL = re.compile(r"\x1b\[[0-9;]*m")


class WithoutHiddenChecks(Preprocessor):
    """Clears what learners may not see, before ``nbgrader generate_feedback`` writes a page.

    Of a hidden check's cell stay the line that announces it and what the check said. Another cell's
    output that quotes a line of a hidden check is withheld. Files that nbgrader has copied to where
    the page will lie are removed: a notebook that runs with the hidden checks in it can write them
    into any file.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Clear a notebook in place."""
        quotable = _quotable(nb.cells)
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            if _is_hidden_check(cell):
                cell.source = _REGION.sub("", cell.source).rstrip()
                cell.outputs = [_said(cell.outputs)]
            cell.outputs = [_withheld(output, quotable) for output in cell.outputs]
        self._remove_files(resources["nbgrader"])
        return nb, resources

    def _remove_files(self, about: Mapping[str, str]) -> None:
        exporter: Any = self.parent
        converter = exporter.parent
        course = converter.coursedir
        place = course.format_path(course.feedback_directory, about["student"], about["assignment"])
        pages = {Path(path).with_suffix(".html").name for path in converter.notebooks}
        for path in Path(place).rglob("*"):
            if not path.is_dir() and path.name not in pages and not _is_timestamp(path):
                path.unlink()


class SafeToShow(Preprocessor):
    """Leaves of a notebook what cannot act in the reader's browser.

    Its Markdown is for :func:`autograder.report.markdown.markdown2html`.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Clear a notebook in place."""
        # nbconvert writes the lexer's name and other metadata into attributes, as they are.
        nb.metadata = from_dict({"language_info": {"name": "python"}})
        for cell in nb.cells:
            about = cell.metadata.get("nbgrader")
            cell.metadata = from_dict({"nbgrader": about} if about else {})
            cell.pop("attachments", None)
            if cell.cell_type == "code":
                cell.outputs = from_dict(safe_outputs(cell.outputs))
        return nb, resources


def _is_hidden_check(cell: Any) -> bool:
    return is_grade(cell) and BEGIN_HIDDEN in cell.source


def _quotable(cells: Iterable[Any]) -> list[str]:
    """The lines of hidden checks that stand in no cell as the learner sees it."""
    hidden: list[str] = []
    seen = []
    for cell in cells:
        if _is_hidden_check(cell):
            hidden += "\n".join(m.group() for m in _REGION.finditer(cell.source)).splitlines()
            seen.append(_REGION.sub("", cell.source))
        else:
            seen.append(cell.source)
    shown = squeeze("\n".join(seen))
    lines = {squeeze(line) for line in hidden}
    return [line for line in lines if len(line) >= SHORTEST and line not in shown]


def _said(outputs: Sequence[Any]) -> Output:
    """What a hidden check said, from the outputs of its cell."""
    failures = [output for output in outputs if output.output_type == "error"]
    if not failures:
        return _text(PASSED)
    known = [f.evalue for f in failures if f.ename == CheckFailed.__name__]
    return _text(known[0] if known else COULD_NOT_RUN)


def _withheld(output: Output, quotable: Sequence[str]) -> Output:
    """The output, or a sentence in its place where it quotes a hidden check."""
    text = squeeze(_TERMINAL.sub("", "\n".join(_strings(output))))
    return _text(WITHHELD) if any(line in text for line in quotable) else output


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _text(text: str) -> Output:
    made: Output = new_output("stream", name="stdout", text=f"{text}\n")
    return made


def _is_timestamp(path: Path) -> bool:
    """Whether this is nbgrader's file of when the notebook was handed in, and holds a time."""
    if path.name != "timestamp.txt" or path.is_symlink() or path.stat().st_size > _LONGEST_TIME:
        return False
    try:
        parse_utc(path.read_text(encoding="utf-8").strip())
    except (ValueError, OverflowError):
        return False
    return True
