"""Attacks that want to see what they are graded with: labels, the reference, hidden checks."""

from __future__ import annotations

from tests.attacks.attack import ATTEMPT, RAW, Attack

_REFERENCE_IN_FRAMES = """
import sys

_own = softmax

def softmax(z):
    frame = sys._getframe(1)
    while frame is not None:
        for scope in (frame.f_locals, frame.f_globals):
            reference = scope.get("reference")
            if reference is not None and reference is not softmax:
                return reference.softmax(z)
        frame = frame.f_back
    return _own(z)
"""

_EVERY_THREADS_FRAMES = """
import sys, threading

_own = softmax

def softmax(z):
    for frame in sys._current_frames().values():
        while frame is not None:
            for name, value in list(frame.f_locals.items()):
                if name in ("reference", "answer", "labels", "desired"):
                    if hasattr(value, "softmax"):
                        return value.softmax(z)
            frame = frame.f_back
    return _own(z)
"""

_OBJECTS_IN_MEMORY = """
import gc

_own = softmax

def softmax(z):
    for thing in gc.get_objects():
        kind = type(thing).__name__
        if kind in ("Reference", "RemoteAnswer", "Checks", "SubmissionRun", "Assignment"):
            print("REACHED:", kind)
            try:
                return thing.softmax(z)
            except Exception:
                pass
        if kind == "function" and thing.__name__ == "survives_large_scores":
            print("REACHED:", thing)
    return _own(z)
"""

# A pattern in brackets does not find itself.
_TEXT_IN_MEMORY = """
import re

def own_memory():
    pattern = re.compile(rb"Large scores gave na[n]|reference[.]softma[x]|a secret for test[s]")
    for line in open("/proc/self/maps"):
        span, rights = line.split()[:2]
        if not rights.startswith("r") or "[v" in line:
            continue
        low, high = (int(x, 16) for x in span.split("-"))
        try:
            with open("/proc/self/mem", "rb", buffering=0) as memory:
                memory.seek(low)
                found = pattern.search(memory.read(min(high - low, 2**26)))
        except (OSError, OverflowError, ValueError):
            continue
        if found:
            print("REACHED:", found[0], line)

own_memory()
"""

_FILES = (
    ATTEMPT
    + """
import os
from pathlib import Path

for path in ("@REPOSITORY@/solutions/week01/week01.md", "@REPOSITORY@/pyproject.toml",
             "@REPOSITORY@/autograder/judge/run.py", "@SECRET_FILE@", "/etc/shadow",
             "/root/.bashrc", "@CANARY@"):
    attempt(path, lambda: Path(path).read_bytes()[:40])
for folder in ("@REPOSITORY@/solutions", "@REPOSITORY@/tests", "@REPOSITORY@/.git", "/root/.ssh"):
    attempt(folder, lambda: os.listdir(folder) or 1 / 0)
"""
)

# Of the grader and of the course: no other file on a machine is called so.
GRADERS_FILES = ("week01.md", "ledger.py", "calibration.json")

_FIND_ANYWHERE = f"""
import os

seen = 0
for place, folders, files in os.walk("/"):
    if place.startswith(("/proc", "/sys", "/usr")):
        folders.clear()
        continue
    seen += len(files)
    for name in files:
        if name in {(*GRADERS_FILES, ".course-secret")!r}:
            print("REACHED:", place, name)
    if seen > 400_000:
        break
"""

_IMPORTS = (
    ATTEMPT
    + """
import importlib

for module in ("autograder.judge", "autograder.judge.checks", "autograder.course.secret",
               "autograder.grading.batch", "autograder.assignment.source", "autograder.report"):
    attempt(module, lambda: importlib.import_module(module))
"""
)

_ENVIRONMENT = """
import os, glob

texts = [repr(dict(os.environ))]
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
    try:
        texts.append(open(path, "rb").read().decode("utf-8", "replace"))
    except OSError:
        pass
for text in texts:
    for word in ("a secret for tests", "AUTOGRADER_SECRET", "@SECRET_FILE@"):
        if word in text:
            print("REACHED:", word)
"""

_SOURCE_OF_CHECKS = """
import inspect
import dlcourse.check as checking

for name in dir(checking):
    thing = getattr(checking, name)
    if isinstance(thing, checking.Check) and thing.hidden:
        print("REACHED:", inspect.getsource(thing.function))
for result in checking.results():
    if result.hidden:
        print("REACHED:", result)
import linecache
for name, entry in linecache.cache.items():
    if "survives_large_scores(" + "answer" in "".join(entry[2] if len(entry) > 2 else []):
        print("REACHED:", name)
"""

_DESCRIPTORS = (
    ATTEMPT
    + """
import os, stat

for number in sorted(map(int, os.listdir("/proc/self/fd"))):
    try:
        kind = os.fstat(number).st_mode
        where = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    if number > 2 and (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) and not where.startswith(
        ("/usr", "/home/learner", "/tmp")
    ):
        print("REACHED:", number, where)
"""
)

_SEED_GUESSED = """
# The generator of the hidden inputs, were it seeded from the check's name alone.
_own = softmax

def softmax(z):
    for seed in (0, 1, 42, sum(map(ord, "survives_large_scores"))):
        guess = np.random.default_rng(seed).uniform(-1e4, 1e4, (8, 10))
        if z.shape == guess.shape and np.allclose(z[:, 2:], guess[:, 2:]):
            print("REACHED: the seed")
    return _own(z)
"""

ATTACKS = [
    Attack("reads-the-reference-in-callers-frames", RAW + _REFERENCE_IN_FRAMES),
    Attack("reads-every-threads-frames", RAW + _EVERY_THREADS_FRAMES),
    Attack("searches-the-objects-in-memory", RAW + _OBJECTS_IN_MEMORY),
    Attack("searches-the-text-in-memory", RAW + _TEXT_IN_MEMORY),
    Attack("reads-the-graders-files", RAW + _FILES, strict_only=True),
    Attack("walks-the-whole-disk", RAW + _FIND_ANYWHERE, strict_only=True),
    Attack("imports-the-judge", RAW + _IMPORTS, strict_only=True),
    Attack("reads-environments-and-command-lines", RAW + _ENVIRONMENT),
    Attack("asks-for-the-source-of-hidden-checks", RAW + _SOURCE_OF_CHECKS),
    Attack("looks-through-open-descriptors", RAW + _DESCRIPTORS),
    Attack("guesses-the-seed", RAW + _SEED_GUESSED),
]
