"""What a cell shows, recorded as nbformat's output dictionaries and kept within bounds.

A notebook may print gigabytes. The recorder keeps the first part of what a cell shows, counts the
rest, and says at the end of the cell what it left out. Errors are always kept.
"""

from __future__ import annotations

import base64
import codecs
import io
import json
import os
import re
import select
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

Output = dict[str, Any]

_OVERWRITTEN = re.compile(r"[^\n]*\r(?=[^\r\n])")
# The MIME types whose content nbformat allows to be other than text.
_JSON_MIME = re.compile(r"application/(.*\+)?json")
MAX_OUTPUTS = 1000
MAX_ERROR = 20_000
MAX_ERRORS = 10
# Bytes of the note on what was left out.
MAX_NOTE = 1000
# Characters of errors that a notebook shows in full; of further ones the message must do.
ERRORS_IN_FULL = 2 * 2**20


@dataclass(frozen=True)
class OutputLimits:
    """How many bytes of output are kept, in UTF-8."""

    cell: int = 2**20
    notebook: int = 10 * 2**20


@dataclass(frozen=True)
class CellRecord:
    """What came of one cell.

    Attributes:
        status: ``"ok"``, ``"error"`` or ``"timeout"``.
        outputs: nbformat's output dictionaries.
        seconds: wall time.
        execution_count: the number in the cell's brackets.
        ename: the exception's type, when there was one.
        evalue: its message.
        bound: which of the names that were watched it has bound to another object.
    """

    status: str
    outputs: list[Output]
    seconds: float
    execution_count: int
    ename: str = ""
    evalue: str = ""
    bound: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: Any, watched: Sequence[str] = ()) -> CellRecord:
        """A record that a worker has sent, checked against nbformat's rules.

        Args:
            value: what was sent.
            watched: the names of which it may say that the cell has bound them.

        Raises:
            ValueError: when it is anything else than a record.
        """
        if not isinstance(value, dict) or value.keys() != {f.name for f in fields(cls)}:
            raise ValueError("a record of a cell with wrong parts")
        texts = [value["status"], value["ename"], value["evalue"]]
        known = texts[0] in ("ok", "error", "timeout") and all(type(t) is str for t in texts)
        numbers = type(value["seconds"]) is float and type(value["execution_count"]) is int
        numbers = numbers and value["execution_count"] >= 0
        bound = value["bound"]
        known = known and type(bound) is tuple and len(bound) <= len(watched)
        known = known and all(type(name) is str and name in watched for name in bound)
        if not (known and numbers and isinstance(value["outputs"], list)):
            raise ValueError("a record of a cell with parts of a wrong kind")
        if len(value["outputs"]) > MAX_OUTPUTS + MAX_ERRORS + 1:
            raise ValueError("a record of a cell with more outputs than are kept")
        outputs = [_checked(output) for output in value["outputs"]]
        return cls(
            **{**value, "outputs": outputs, "ename": texts[1][:200], "evalue": texts[2][:2000]}
        )


def _checked(output: Any) -> Output:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr", "text": str()}:
            return _only(output, "name", "text")
        case {"output_type": "display_data", "data": dict(), "metadata": dict()}:
            return _only(output, "data", "metadata")
        case {
            "output_type": "execute_result",
            "data": dict(),
            "metadata": dict(),
            "execution_count": int(count),
        } if count >= 0:
            return _only(output, "data", "metadata", "execution_count")
        case {
            "output_type": "error",
            "ename": str(),
            "evalue": str(),
            "traceback": list(lines),
        } if all(type(line) is str for line in lines):
            return _only(output, "ename", "evalue", "traceback")
    raise ValueError("an output that nbformat does not know")


def _only(output: Output, *keys: str) -> Output:
    """The named parts; of a MIME bundle, what is text or JSON."""
    kept = {"output_type": output["output_type"]} | {key: output[key] for key in keys}
    try:
        plain: Output = json.loads(json.dumps(kept, allow_nan=False))
    except (TypeError, ValueError):
        raise ValueError("an output that is not JSON") from None
    for mime, content in plain.get("data", {}).items():
        if not (isinstance(content, str) or _JSON_MIME.fullmatch(mime)):
            raise ValueError(f"an output without text for {mime[:80]}")
    return plain


def shown_bytes(outputs: Sequence[Output]) -> tuple[int, int]:
    """What outputs count against a cell's and a notebook's limits: bytes of text, figures and
    results, as the recorder counts them, and characters of errors."""
    content = errors = 0
    for output in outputs:
        match output["output_type"]:
            case "stream":
                content += _size(output["text"])
            case "error":
                texts = (output["ename"], output["evalue"], *output["traceback"])
                errors += sum(map(len, texts)) + len(texts)
            case _:
                content += _size(json.dumps(output))
    return content, errors


def shown(text: str) -> str:
    """``text`` as a terminal leaves it: what a carriage return overwrites is gone."""
    return _OVERWRITTEN.sub("", text) if "\r" in text else text


def clip(text: str, most: int) -> str:
    """At most ``most`` characters of ``text``: its beginning and its end."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


class Recorder:
    """Collects the outputs of one cell after another. Safe to use from several threads.

    While ``muted`` is true, whatever comes is dropped.
    """

    def __init__(self, limits: OutputLimits | None = None) -> None:
        self.limits = limits or OutputLimits()
        self.muted = False
        self._outputs: list[Output] = []
        self._spent = 0
        self._errors = 0
        self._used = 0
        self._cut = 0
        self._left_out = 0
        self._clear_next = False
        self._overwrites = False
        self._lock = threading.RLock()

    def begin(self) -> None:
        """Forget the last cell's outputs and start the next one's."""
        with self._lock:
            self._outputs, self._used, self._cut, self._left_out = [], 0, 0, 0
            self._clear_next = self._overwrites = False

    def forget(self) -> None:
        """In a forked process: record nothing, and take no lock that another thread held."""
        self._lock = threading.RLock()
        self.muted = True

    def end(self) -> list[Output]:
        """The cell's outputs, with a note on what was left out."""
        with self._lock:
            done = [_finished(o) for o in self._outputs]
            self._spent += self._used
            if self._cut or self._left_out:
                done.append({"output_type": "stream", "name": "stderr", "text": self._note()})
            self.begin()
            return done

    def _note(self) -> str:
        parts = []
        if self._cut:
            parts.append(f"{self._cut:,} bytes of text")
        if self._left_out:
            parts.append(f"{self._left_out:,} figures or results")
        limits = f"{self.limits.cell:,} bytes for a cell, {self.limits.notebook:,} for a notebook"
        return f"[Output was cut: {' and '.join(parts)} left out. The limits are {limits}.]\n"

    @property
    def _room(self) -> int:
        whole = self.limits.notebook - self._spent - self._used
        return max(0, min(self.limits.cell - self._used, whole))

    def stream(self, name: str, text: str) -> None:
        """Add text written to ``stdout`` or ``stderr``."""
        with self._lock:
            if self.muted or not text:
                return
            self._clear_if_asked()
            size = _size(text)
            if size > self._room and self._overwrites:
                self._squeeze()
            if size > self._room:
                # Every character has at least one byte, so this many always fit or are too many.
                kept = text[: self._room].encode("utf-8", "replace")[: self._room]
                self._cut += size - len(kept)
                text, size = kept.decode("utf-8", "ignore"), len(kept)
            if text:
                self._append_text(name, text, size)

    def _append_text(self, name: str, text: str, size: int) -> None:
        last = self._outputs[-1] if self._outputs else None
        if last is None or last.get("name") != name:
            if len(self._outputs) >= MAX_OUTPUTS:
                self._cut += size
                return
            last = {"output_type": "stream", "name": name, "parts": []}
            self._outputs.append(last)
        last["parts"].append(text)
        self._used += size
        self._overwrites = self._overwrites or "\r" in text

    def _squeeze(self) -> None:
        """Make room: drop what progress bars have overwritten since."""
        self._overwrites = False
        for output in self._outputs:
            if output["output_type"] == "stream":
                before = "".join(output["parts"])
                after = shown(before)
                output["parts"] = [after]
                self._used -= _size(before) - _size(after)

    def display(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        display_id: str | None = None,
        update: bool = False,
    ) -> None:
        """Add a ``display_data`` output, or replace the cell's one with the same ``display_id``."""
        made = {
            "output_type": "display_data",
            "data": _bundle(data),
            "metadata": _metadata(metadata),
        }
        with self._lock:
            if not self.muted:
                self._clear_if_asked()
                self._put(made, display_id, update)

    def result(self, data: dict[str, Any], metadata: dict[str, Any] | None, count: int) -> None:
        """Add the value of a cell's last expression."""
        made = {
            "output_type": "execute_result",
            "execution_count": count,
            "data": _bundle(data),
            "metadata": _metadata(metadata),
        }
        with self._lock:
            if not self.muted:
                self._clear_if_asked()
                self._put(made, None, False)

    def _put(self, made: Output, display_id: str | None, update: bool) -> None:
        shown_before = [o for o in self._outputs if display_id and o.get("id") == display_id]
        if update and not shown_before:
            return  # it belongs to an earlier cell, whose record has left already
        freed = sum(o["size"] for o in shown_before) if update else 0
        size = _size(json.dumps(made))
        if size - freed > self._room or len(self._outputs) >= MAX_OUTPUTS:
            self._left_out += 1
            return
        self._used += size - freed
        made |= {"id": display_id, "size": size}
        for old in shown_before if update else ():
            old |= made
        if not update:
            self._outputs.append(made)

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        """Add an error. It is kept whatever else has been printed."""
        with self._lock:
            errors = sum(o["output_type"] == "error" for o in self._outputs)
            if self.muted or errors >= MAX_ERRORS:
                return
            text = clip("\n".join(traceback), MAX_ERROR)
            if self._errors + len(text) > ERRORS_IN_FULL:
                evalue = clip(evalue, 200)
                text = clip(f"{ename}: {evalue}", 200)
            self._errors += len(text)
            lines = text.split("\n")
            self._outputs.append(
                {
                    "output_type": "error",
                    "ename": clip(ename, 200),
                    "evalue": clip(evalue, 2000),
                    "traceback": lines,
                }
            )

    def clear(self, wait: bool = False) -> None:
        """Drop the cell's outputs, now or as soon as the next one comes."""
        with self._lock:
            self._clear_next = True
            if not wait:
                self._clear_if_asked()

    def _clear_if_asked(self) -> None:
        if self._clear_next:
            self._outputs, self._used, self._clear_next = [], 0, False


def _finished(output: Output) -> Output:
    """An output without the recorder's own notes."""
    done = {k: v for k, v in output.items() if k not in ("parts", "id", "size")}
    if "parts" in output:
        done["text"] = shown("".join(output["parts"]))
    return done


def _bundle(data: Any) -> dict[str, Any]:
    """A MIME bundle of text and JSON; bytes are written in base64, as nbformat wants them."""
    if not isinstance(data, dict):
        return {"text/plain": str(data)}
    return {str(mime): _content(str(mime), value) for mime, value in data.items()}


def _metadata(metadata: Any) -> dict[str, Any]:
    made = _json(metadata)
    return made if isinstance(made, dict) else {}


def _content(mime: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if _JSON_MIME.fullmatch(mime):
        return _json(value)
    return value if type(value) is str else str(value)


def _json(value: Any) -> Any:
    """``value`` as JSON has it, which knows no NaN and no infinity: they become null."""
    try:
        return json.loads(json.dumps(value, default=str), parse_constant=lambda _: None)
    except (TypeError, ValueError, RecursionError):
        return None


class RecordedStream(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr`` and writes to a recorder."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, recorder: Recorder, capture: Capture, name: str, descriptor: int) -> None:
        self._recorder = recorder
        self._capture = capture
        self._descriptor = descriptor
        self._owner = os.getpid()
        self.name = f"<{name}>"
        self._stream = name
        self._line = ""
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        """Record ``text``; a forked process sends it through the file descriptor, by lines."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() == self._owner:
            self._capture.drain()
            self._recorder.stream(self._stream, text)
        else:
            self._line += text
            if "\n" in text or len(self._line) > 4096:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what a forked process has of an unfinished line."""
        line, self._line = self._line, ""
        _write_all(self._descriptor, line.encode("utf-8", "replace"))

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The real descriptor, whose output is captured too."""
        return self._descriptor


class _Bytes(io.RawIOBase):
    """The ``buffer`` of a recorded stream."""

    def __init__(self, text: RecordedStream) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        content = bytes(data)
        self._text.write(content.decode("utf-8", "replace"))
        return len(content)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


class Capture:
    """Takes what arrives at file descriptors 1 and 2, from C code and from subprocesses."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._sources: dict[int, tuple[str, codecs.IncrementalDecoder]] = {}
        # A notebook that prints while it is interrupted, or from a destructor, comes here twice.
        self._lock = threading.RLock()

    def start(self) -> None:
        """Put pipes in the place of descriptors 1 and 2, and read them in a thread."""
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            reading, writing = os.pipe()
            os.dup2(writing, descriptor)
            os.close(writing)
            os.set_blocking(reading, False)
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._sources[reading] = (name, decoder)
        os.register_at_fork(after_in_child=self._recorder.forget)
        os.register_at_fork(after_in_child=self.forget)
        threading.Thread(target=self._read_on, name="output", daemon=True).start()

    def _read_on(self) -> None:
        poll = select.poll()
        for source in self._sources:
            poll.register(source, select.POLLIN)
        while True:
            if any(event & ~select.POLLIN for _, event in poll.poll()):
                self.drain()
                return  # the notebook has closed its own standard output
            self.drain()

    def drain(self) -> None:
        """Record all that had been written when this was called."""
        # Whoever comes second waits and looks again: the other may have read before it was written.
        with self._lock:
            for source, (name, decoder) in self._sources.items():
                # Two reads hold more than a pipe does; a third might wait on an endless writer.
                for _ in range(2):
                    with suppress(OSError):
                        self._recorder.stream(name, decoder.decode(os.read(source, 2**16)))

    def forget(self) -> None:
        """In a forked process: read nothing of the parent's, wait for none of its threads."""
        self._lock = threading.RLock()
        self._sources = {}
