"""Damage what comes from outside, and count what the readers say: a value, or a clear error.

    channel   frames of the worker's channel, given to its decoder
    record    what a worker says of a cell: what is accepted must go into ledger and notebook
    notebook  notebooks, given to their reader
    handin    files and zips as they are handed in, given to the reader of submissions
    source    assignments, given to the compiler: whatever is accepted must make every release

Each example is one of a few well-formed inputs, changed at random one to eight times: bytes set,
cut, doubled, moved, and pieces that matter to the format put in. Anything else than a value or the
module's own error is a problem, and so is an example that takes longer than it may. The inputs of
problems are kept in build/fuzz.
"""

from __future__ import annotations

import io
import json
import random
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from autograder.assignment.source import SourceError, read_assignment
from autograder.collect.notebook import Notebook, Unreadable, read_bytes
from autograder.collect.submissions import find_submissions, read_notebook
from autograder.release.learner import dump
from autograder.release.nbgrader import source_notebook
from autograder.release.otter import student_notebook, test_file
from autograder.release.release import make_learner
from autograder.sandbox.channel import Channel, ChannelError, Handle, encode
from autograder.sandbox.outputs import CellRecord
from tests.harness import course

FOUND = course.ROOT / "build" / "fuzz"
# Seconds of processor time that one example may take.
SLOW = 10.0


@dataclass
class Tally:
    """What came of one target's examples.

    Attributes:
        outcomes: how many were a value, and how many each of its clear errors.
        problems: the last line of what was no clear error, with the file that holds the input.
        slowest: seconds of the slowest example.
    """

    examples: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest: float = 0.0


@dataclass(frozen=True)
class Target:
    """A reader: well-formed inputs, pieces to put into them, and how to read one.

    ``read`` returns ``"value"`` or the name of a clear error, and raises anything that is none.
    ``framed`` inputs are a length, a header of that length, and more.
    """

    seeds: Sequence[bytes]
    pieces: Sequence[bytes]
    read: Callable[[bytes], str]
    framed: bool = False

    def example(self, random_: random.Random) -> bytes:
        """A damaged input; a frame gets, more often than not, the length that fits it."""
        if not self.framed or random_.random() < 0.2:
            return mutated(self.seeds, self.pieces, random_)
        headers = [s[4 : 4 + int.from_bytes(s[:4], "big")] for s in self.seeds]
        arrays = [s[4 + len(h) :] for s, h in zip(self.seeds, headers, strict=True)]
        header = mutated(headers, self.pieces, random_)
        return len(header).to_bytes(4, "big") + header + random_.choice(arrays)


def mutated(seeds: Sequence[bytes], pieces: Sequence[bytes], random_: random.Random) -> bytes:
    """One of the seeds, changed one to eight times."""
    data = bytearray(random_.choice(seeds))
    for _ in range(random_.choice((1, 1, 1, 1, 2, 2, 3, 5, 8))):
        at = random_.randrange(len(data) + 1)
        end = min(len(data), at + random_.choice((1, 1, 2, 4, 16, 100, 1000)))
        match random_.randrange(7):
            case 0:
                data[at:end] = random_.randbytes(end - at)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end] * random_.randint(1, 3)
            case 3:
                data[at:at] = random_.choice(pieces)
            case 4:
                data[at:end] = random_.choice(pieces)
            case 5:
                other = random_.choice(seeds)
                start = random_.randrange(len(other) + 1)
                data[at:end] = other[start : start + random_.choice((4, 40, 400))]
            case 6:
                _swap_lines(data, random_)
    return bytes(data)


def _swap_lines(data: bytearray, random_: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    a, b = random_.randrange(len(lines)), random_.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    data[:] = b"\n".join(lines)


# Channel and record -------------------------------------------------------------------------------


class _Bytes:
    """A connected socket on which some bytes have arrived and no more will."""

    def __init__(self, data: bytes) -> None:
        self.stream = io.BytesIO(data)

    def settimeout(self, seconds: float | None) -> None:
        """Nothing here waits."""

    def recv_into(self, view: memoryview) -> int:
        """As of a socket."""
        return self.stream.readinto(view)


def decoded(data: bytes) -> Any:
    """What a worker's bytes say."""
    return Channel(_Bytes(data)).receive()  # type: ignore[arg-type]


def _frame(value: object) -> bytes:
    return b"".join(bytes(part) for part in encode(value))


def _read_channel(data: bytes) -> str:
    try:
        value = decoded(data)
    except ChannelError as error:
        return type(error).__name__
    _frame(value)  # what was read can be said again
    return "value"


_PLAIN = [
    None, True, -1, 2**70, 0.5, float("nan"), "text \ud800", [1, [2, [3]]], (1, "a"), 1 + 2j,
    {"a": 1, (1, 2): [None]}, Handle(3, "Sequential"), np.zeros((2, 3), np.float32),
    {"id": 7, "value": [np.arange(4), np.array(True), np.zeros((0, 5), np.int8)]},
    {"id": 7, "error": {"kind": "learner", "type": "E", "message": "m"}},
]  # fmt: skip
_JSON_PIECES = [
    b'{"tuple":[', b'{"dict":[[', b'{"array":0}', b'{"array":-1}', b'{"handle":1,"type":""}', b"]",
    b'{"complex":[1e999,0]}', b'"arrays":', b'"value":', b'["float64",[', b"NaN", b"-Infinity",
    b"1e400", b"9" * 5000, b"[" * 2000, b"{}", b",", b'"', b"\\ud800", b"\xff\xfe", b"\0", b"null",
    b"18446744073709551616", b"true", b"[4294967296,4294967296]", b"1.0", b"-0", b'["bool",[0]]',
]  # fmt: skip
_LENGTHS = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x01", b"\0\x80\0\0"]


def channel(_: Path) -> Target:
    """The decoder of the worker's channel."""
    return Target([_frame(v) for v in _PLAIN], [*_JSON_PIECES, *_LENGTHS], _read_channel, True)


def _cell(**parts: object) -> dict[str, object]:
    whole = {"status": "ok", "outputs": [], "seconds": 0.5, "execution_count": 1}
    return {**whole, "ename": "", "evalue": "", "bound": ("x", "y"), **parts}


_OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": "hello\n"},
    {"output_type": "display_data", "data": {"text/plain": "x", "image/png": "iVBORw0KGgo="},
     "metadata": {"image/png": {"width": 3}}},
    {"output_type": "execute_result", "data": {"text/html": "<b>1</b>"}, "metadata": {},
     "execution_count": 2},
    {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["a", "b"]},
    {"output_type": "display_data", "data": {"application/json": {"a": [1, None]}}, "metadata": {}},
]  # fmt: skip


def _read_record(data: bytes) -> str:
    try:
        made = CellRecord.read(decoded(data), ("x", "y"))
    except (ChannelError, ValueError, TypeError) as error:  # those that the judge catches
        return type(error).__name__
    count, outputs = made.execution_count, made.outputs
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "",
        "outputs": outputs,
    }
    cell["execution_count"] = count
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    json.dumps(book)  # as the ledger writes it
    nbformat.validate(nbformat.from_dict(book))
    return "value"


def cell_record(_: Path) -> Target:
    """What a worker says that a cell has shown."""
    cells = [_cell(outputs=_OUTPUTS), _cell(outputs=_OUTPUTS[1:2]), _cell(status="timeout")]
    cells += [_cell(outputs=[o]) for o in _OUTPUTS]
    more = [b'["text/plain",', b'"metadata"', b'"data"', b'{"dict":[]}', b'"output_type"']
    return Target([_frame(c) for c in cells], [*_JSON_PIECES, *more], _read_record, True)


# Notebook and hand-in -----------------------------------------------------------------------------

_NOTEBOOK_PIECES = [
    *_JSON_PIECES, b'"cells":[', b'"cell_type":"code"', b'"source":', b'"nbformat":3,', b"\\u0000",
    b'"worksheets":[{"cells":[', b'"metadata":{"nbgrader":{"grade_id":', b"\xef\xbb\xbf", b"\r\n",
    b'"input":', b"\\", b'"cells":null', b'"nbformat":1e99', b"\xed\xa0\x80",
]  # fmt: skip


def _read_notebook(data: bytes) -> str:
    found = read_bytes(data)
    if isinstance(found, Unreadable):
        assert found.reason.strip().endswith("."), f"no sentence: {found.reason!r}"
        return "Unreadable"
    _usable(found)
    return "value"


def _usable(found: Notebook) -> None:
    for cell in found.cells:
        cell.source.encode()
        assert "\r" not in cell.source
        assert "\0" not in cell.source


def _books(folder: Path) -> list[bytes]:
    made = course.small_course(course.SOURCES / "trivial.md", folder)
    solved = made.solved
    three = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}}
    cells = [{"cell_type": "code", "input": ["a = 1\n"], "outputs": [], "language": "python"}]
    old = json.dumps({**three, "worksheets": [{"cells": cells, "metadata": {}}]}).encode()
    small = {**solved, "cells": solved["cells"][2:5]}
    text = dump(solved)
    return [text.encode(), dump(small).encode(), old, text[:3000].encode("utf-16"), dump(
        made.learner).encode()]  # fmt: skip


def notebook(folder: Path) -> Target:
    """The reader of notebooks."""
    return Target(_books(folder / "course"), _NOTEBOOK_PIECES, _read_notebook)


def _zip(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return target.getvalue()


def handin(folder: Path) -> Target:
    """The reader of what was handed in."""
    book, small, *_ = _books(folder / "course")
    listing = b"submission_100:\n  :submitters:\n  - :name: Ada\n    :email: ada@uni.example\n"
    weights = {"digits_model.weights.npz": b"w" * 60}
    seeds = [
        _zip({"week90.ipynb": small, **weights}),
        _zip({"week90.ipynb": small, **weights}, zipfile.ZIP_STORED),
        _zip({"submission_metadata.yml": listing, "submission_100/week90.ipynb": small}),
        _zip({"doejane_1_2_week90.zip": _zip({"a.ipynb": small}), "roe_LATE_3_4_b.ipynb": small}),
        _zip({"Ada_123_assignsubmission_file_/week90.ipynb": small, "x/../../y.ipynb": small}),
        _zip({"ann.zip": _zip({"b.zip": _zip({"week90.ipynb": small})}), "notes.txt": b"x"}),
        _zip({"Week 1/Doe, Jane(jdoe)/Submission attachment(s)/week90.ipynb": small}),
        book,
    ]
    pieces = [
        b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"\xff" * 4,
        b"\0" * 4, b"../", b"/", b"\x08\x00", b"\x01\x00", b"\x63\x00", b"\x7f\xff\xff\xff",
        b"a" * 300,
        b"submission_metadata.yml", b": {", b"- &a [*a]", b"\x0c\x00", b"\x0e\x00",
    ]  # fmt: skip

    def read(data: bytes) -> str:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            work, place = Path(name, "work"), Path(name, "in")
            work.mkdir()
            place.mkdir()
            end = (".zip", ".ipynb", "")[len(data) % 3]
            (place / f"ada{end}").write_bytes(data)
            return _settled(find_submissions([place / f"ada{end}"], "week90", work), Path(name))

    return Target(seeds, pieces, read)


def _settled(found: Sequence[Any], inside: Path) -> str:
    assert found, "nothing was found, not even a row with a reason"
    ways = set()
    for submission in found:
        assert submission.learner.isprintable()
        assert submission.learner
        for path in (submission.notebook, *submission.weights.values()):
            assert path is None or path.resolve().is_relative_to(inside), f"{path} is elsewhere"
        book = read_notebook(submission)
        ways.add("Unreadable" if isinstance(book, Unreadable) else "value")
    return "value" if "value" in ways else "Unreadable"


# Source -------------------------------------------------------------------------------------------

_SOURCE_PIECES = [
    b"```{code-cell} ipython3\n", b"```\n", b":tags: [answer]\n", b":tags: [check]\n", b"---\n",
    b":tags: [hidden-check]\n", b"tags: [wrong-answer]\n", b"(label)=\n", b"## Heading\n",
    b"course:\n", b"points: 1e9", b"points=", b"hidden=True", b"# BEGIN SOLUTION\n",
    b"# END SOLUTION\n", b"@check(", b"name: ", b"caught_by: []\n", b"def f(answer):\n", b"\t",
    b"    ", b"\\", b'"""', b'{{ threshold("x") }}', b"%%bash\n", b"!ls\n", b"lambda: 0",
    b"(" * 300, b"\xff", b"\0", b"limits: 3\n", b"week: -1\n", b": ", b"- ", b"&a [*a]",
    b"!!python/none x", b"\r\n", "é\u2028".encode(), b"from x import *\n", b"...",
]  # fmt: skip


def source(folder: Path) -> Target:
    """The compiler of assignments."""
    made = course.small_course(course.SOURCES / "trivial.md", folder / "course")
    path = made.assignment.path

    def read(data: bytes) -> str:
        path.write_bytes(data)
        try:
            assignment = read_assignment(path)
            learner = make_learner(assignment, {}, made.root)
        except SourceError as error:
            return "SourceError" if str(error) else "an error without words"
        dump(learner)
        dump(source_notebook(assignment, learner, {}, course.SECRET))
        dump(student_notebook(assignment, learner))
        for question in assignment.questions:
            test_file(assignment, question, {}, course.SECRET, hidden=True)
        return "value"

    seeds = [(course.SOURCES / name).read_bytes() for name in ("trivial.md", "network.md")]
    return Target(seeds, _SOURCE_PIECES, read)


TARGETS: dict[str, Callable[[Path], Target]] = {
    "channel": channel,
    "record": cell_record,
    "notebook": notebook,
    "handin": handin,
    "source": source,
}


def fuzz(name: str, examples: int, seed: int) -> Tally:
    """Try a target."""
    tally = Tally(examples)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target = TARGETS[name](Path(scratch))
        for seed_ in target.seeds:
            if (found := target.read(seed_)) not in ("value", "Unreadable"):
                raise ValueError(f"a well-formed input of {name} gives {found}")
        for number in range(examples):
            data = target.example(random.Random(f"{name} {seed} {number}"))
            began = time.process_time()
            problem = _try(target, data, tally)
            seconds = time.process_time() - began
            tally.slowest = max(tally.slowest, seconds)
            if seconds > SLOW:
                problem = f"{problem} took {seconds:.1f} s".strip()
            if problem:
                tally.problems.append(f"{problem} ({_keep(name, seed, number, data)})")
    return tally


def _try(target: Target, data: bytes, tally: Tally) -> str:
    try:
        tally.outcomes[target.read(data)] += 1
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return traceback.format_exception(error)[-1].strip()[:300]
    return ""


def _keep(name: str, seed: int, number: int, data: bytes) -> str:
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{name}-{seed}-{number}"
    path.write_bytes(data)
    return path.name
