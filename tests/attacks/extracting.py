"""Attacks that carry hidden inputs, or what the judge thinks of an answer, out to the learner.

The hidden inputs of a check are the same for every submission. A learner who could carry one out
would have it for the next try. Each attack marks what it saw; no text that the learner gets may
hold that mark.
"""

from __future__ import annotations

from tests.attacks.attack import RAW, Attack

_HEAD = """
_own = softmax

def seen(z):
    if np.abs(z).max() > 100:
        return "SEEN-" + "-".join(f"{v:.4f}" for v in np.ravel(z)[:20])
    return ""
"""

_PRINTS = (
    _HEAD
    + """
import os, sys, warnings

def softmax(z):
    text = seen(z)
    if text:
        print(text)
        print(text, file=sys.stderr)
        os.write(1, text.encode())
        warnings.warn(text)
        display(text)
    return _own(z)
"""
)

_RAISES = (
    _HEAD
    + """
def softmax(z):
    text = seen(z)
    if text:
        raise ValueError(text)
    return _own(z)
"""
)

_RAISES_ITS_OWN_KIND = (
    _HEAD
    + """
def softmax(z):
    text = seen(z)
    if text:
        raise type(text, (Exception,), {})(text)
    return _own(z)
"""
)

_NAMES_ITS_LINES = (
    _HEAD
    + """
def softmax(z):
    text = seen(z)
    if text:
        function = {}
        source = f"def f():\\n    raise KeyError  # {text}"
        exec(compile(source, "<ipython-input-1-" + text, "exec"), function)
        function["f"]()
    return _own(z)
"""
)

# A process's exit code is one byte of whatever it likes.
_EXITS_WITH_A_BYTE = (
    _HEAD
    + """
import os

def softmax(z):
    if seen(z):
        os._exit(101)
    return _own(z)
"""
)

_CRASHES = (
    _HEAD
    + """
import ctypes

def softmax(z):
    if seen(z):
        ctypes.string_at(0)
    return _own(z)
"""
)

_REMEMBERS = (
    _HEAD
    + """
memory = []

def softmax(z):
    memory.append(seen(z))
    return _own(z)

def later():
    for text in memory:
        if text:
            print(text)

get_ipython().events.register("pre_run_cell", lambda *_: later())
get_ipython().events.register("post_run_cell", lambda *_: later())
import atexit, threading, time
atexit.register(later)

def watch():
    while True:
        later()
        time.sleep(0.01)

threading.Thread(target=watch, daemon=True).start()
"""
)

_WRITES_FOR_LATER = (
    _HEAD
    + """
from pathlib import Path

for name in Path(".").glob("*"):
    if name.is_file() and "SEEN-" in name.read_text(errors="ignore"):
        print("REACHED:", name)

def softmax(z):
    with open("seen.txt", "a") as file:
        file.write(seen(z))
    return _own(z)
"""
)

_ANSWERS_WITH_IT = (
    _HEAD
    + """
def softmax(z):
    text = seen(z)
    return text if text else _own(z)
"""
)

_LONG_KEYS = (
    _HEAD
    + """
def softmax(z):
    text = seen(z)
    return {text: text, "shape": text} if text else _own(z)
"""
)

# Hill climbing for labels needs verdicts. Here it asks for them in every way that there is.
_CLIMBS = """
import time

calls = []

def softmax(z):
    calls.append(time.monotonic())
    if len(calls) > 12:
        print("REACHED: more calls than the checks make")
    from dlcourse import check
    if any(result.hidden for result in check.results()):
        print("REACHED: a hidden verdict")
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
"""

# The question below is asked by public checks, too, and these quote what went wrong.
_SPEAKS_THROUGH_A_PUBLIC_CHECK = (
    _HEAD
    + """
import gc, types

def softmax(z):
    text = seen(z)
    if text:
        for other in gc.get_objects():
            if isinstance(other, types.FunctionType) and other.__name__ == "dense_forward":
                made = {}
                exec(f"def raises(*inputs):\\n    raise ValueError({text!r})", made)
                other.__code__ = made["raises"].__code__
    return _own(z)
"""
)

ATTACKS = [
    Attack("prints-hidden-inputs", RAW + _PRINTS),
    Attack("raises-with-hidden-inputs", RAW + _RAISES),
    Attack("raises-a-kind-named-after-hidden-inputs", RAW + _RAISES_ITS_OWN_KIND),
    Attack("names-its-lines-after-hidden-inputs", RAW + _NAMES_ITS_LINES),
    Attack("exits-with-a-byte-of-hidden-inputs", RAW + _EXITS_WITH_A_BYTE, unsaid="101"),
    Attack("crashes-in-a-way-that-tells", RAW + _CRASHES, unsaid="SIGSEGV|signal"),
    Attack("remembers-hidden-inputs-for-a-later-cell", RAW + _REMEMBERS),
    Attack("writes-hidden-inputs-to-a-file", RAW + _WRITES_FOR_LATER),
    Attack("answers-with-hidden-inputs", RAW + _ANSWERS_WITH_IT),
    Attack("answers-with-telling-keys", RAW + _LONG_KEYS),
    Attack("looks-for-verdicts-to-climb", RAW + _CLIMBS),
    Attack(
        "speaks-through-a-later-public-check",
        RAW + _SPEAKS_THROUGH_A_PUBLIC_CHECK,
        keeps_the_rest=False,
    ),
]
