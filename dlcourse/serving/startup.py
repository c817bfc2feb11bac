"""What a form of a network costs before and after it starts: packages, start, memory, calls."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["StartUp", "installed_megabytes", "started"]

_PROGRAM = """
import json, sys, time
begun = time.perf_counter()
import numpy as np
batch = np.load(sys.argv[1])
{program}
logits = np.asarray(answer(batch))
first = time.perf_counter() - begun
spent = []
for _ in range({calls}):
    begun = time.perf_counter()
    answer(batch)
    spent.append(time.perf_counter() - begun)
try:  # resource's maximum on Linux begins with what the parent held
    lines = open("/proc/self/status").read().splitlines()
    memory = [1.024e-3 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")][0]
except OSError:
    import resource
    memory = 1e-6 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([first, float(np.median(spent)), memory, logits.tolist()]))
"""


@dataclass(frozen=True)
class StartUp:
    """What was measured in a process that had loaded nothing."""

    first_answer: float
    """Seconds of the clock to import, load and answer once; Python itself has started before."""
    call: float
    """Seconds of the clock of a later call, the median."""
    megabytes: float
    """Most memory that the process held, in millions of bytes."""
    logits: npt.NDArray[np.float64]
    """The answer."""


def started(program: str, batch: npt.ArrayLike, calls: int = 10, limit: float = 300.0) -> StartUp:
    """Run a program in a fresh process of Python and time its first answer and later ones.

    Args:
        program: source that defines `answer(batch)`, imports included.
        batch: array that `answer` is called with.
        calls: timed calls after the first.
        limit: seconds after which the process is ended.

    Raises:
        RuntimeError: if the program fails, with the last line of its error.
        subprocess.TimeoutExpired: if it takes longer than `limit`.
    """
    with tempfile.TemporaryDirectory() as folder:
        array, source = Path(folder) / "batch.npy", Path(folder) / "program.py"
        np.save(array, np.asarray(batch))
        source.write_text(_PROGRAM.format(program=program, calls=calls), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, str(source), str(array)],
            capture_output=True, text=True, timeout=limit,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, check=False,
        )  # fmt: skip
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"the program ended with code {run.returncode}: {last}")
    first, call, megabytes, logits = json.loads(run.stdout.splitlines()[-1])
    return StartUp(first, call, megabytes, np.asarray(logits))


def installed_megabytes(*packages: str) -> float:
    """Millions of bytes that packages and all that they require take in this environment.

    Requirements that are not installed, and those of extras, are left out.

    Raises:
        importlib.metadata.PackageNotFoundError: if one of `packages` is not installed.
    """
    counted: dict[str, int] = {}
    waiting = [metadata.distribution(name) for name in packages]
    while waiting:
        found = waiting.pop()
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        if name in counted:
            continue
        paths = [Path(str(found.locate_file(file))) for file in found.files or ()]
        counted[name] = sum(path.stat().st_size for path in paths if path.is_file())
        waiting += _required(found)
    return sum(counted.values()) / 1e6


def _required(package: metadata.Distribution) -> list[metadata.Distribution]:
    """The installed packages that one requires on this system, without extras."""
    required = []
    for line in package.requires or ():
        named, _, marker = line.partition(";")
        name = re.match(r"[\w.-]+", named)
        if name and "extra" not in marker:
            try:
                required.append(metadata.distribution(name.group()))
            except metadata.PackageNotFoundError:  # of another system, by its marker
                continue
    return required
