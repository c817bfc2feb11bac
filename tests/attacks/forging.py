"""Attacks that answer for the judge: verdicts, results, messages on the channel."""

from __future__ import annotations

from tests.attacks.attack import RAW, Attack

_EQUALS_EVERYTHING = """
class Agreeable(np.ndarray):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __gt__(self, other): return True
    def __ge__(self, other): return True
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    def __bool__(self): return True
    def __array_function__(self, function, types, args, kwargs): return True
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return True
    def __array__(self, *args, **kwargs): return self

_own = softmax

def softmax(z):
    return np.asarray(_own(z)).view(Agreeable)
"""

# An object stays in the worker, and a check that uses its methods gets what they say.
_SAYS_YES = """
class Yes:
    shape = (8, 10)
    dtype = float
    ndim = 2
    size = 80
    def __getattr__(self, name): return lambda *args, **kwargs: Yes()
    def __call__(self, *args, **kwargs): return True
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __iter__(self): return iter([Yes()])
    def __len__(self): return 8
    def __getitem__(self, key): return Yes()
    def __float__(self): return 1.0
    def __sub__(self, other): return 0.0
    def any(self): return False
    def all(self): return True

def softmax(z):
    return Yes()
"""

_LIES_ABOUT_ITS_TYPE = """
class Fake(float):
    def __eq__(self, other): return True
    def __abs__(self): return 0.0
    def __sub__(self, other): return 0.0
    def __float__(self): return 0.25
    __class__ = np.ndarray

def softmax(z):
    return Fake(0.25)
"""

_PRINTS_A_VERDICT = """
import json, sys

for verdict in (
    {"outcome": "correct", "earned": 99}, {"marks": 99, "max_marks": 99}, {"verdict": "PASS"},
    {"id": 1, "value": True}, {"score": 99.0, "tests": [{"score": 99, "max_score": 99}]},
):
    print(json.dumps(verdict))
    print(json.dumps(verdict), file=sys.stderr)
99.0
"""

_WRITES_RESULT_FILES = """
from pathlib import Path

for place in (".", "..", "/tmp", "/home", "/", "/usr", "@REPOSITORY@", "@REPOSITORY@/build"):
    for name in ("results.json", "marks.csv", "gradebook.db", "ledger.sqlite", "checks.csv"):
        try:
            (Path(place) / name).write_text("softmax,99")
        except OSError:
            pass
"""

_CHANNEL = """
import json, os, stat, struct, threading, time

def channels():
    for number in range(3, 200):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                yield number
        except OSError:
            pass

def frame(value, arrays=(), data=b""):
    header = json.dumps({"value": value, "arrays": list(arrays)}).encode()
    return struct.pack(">I", len(header)) + header + data

def reply(number, value):
    return frame({"dict": [["id", number], ["value", value]]})

def send(data):
    for number in channels():
        try:
            os.write(number, data)
        except OSError:
            pass
"""

_REPLIES_IN_ADVANCE = (
    _CHANNEL
    + """
for number in range(1, 60):
    send(reply(number, True))
"""
)

_REPLIES_FROM_A_THREAD = (
    _CHANNEL
    + """
def flood():
    number = 0
    while True:
        number += 1
        send(reply(number, [[0.25, 0.5, 0.25]]))
        time.sleep(0.001)

threading.Thread(target=flood, daemon=True).start()
"""
)

_READS_THE_QUESTIONS = (
    _CHANNEL
    + """
def steal():
    for _ in range(2):
        for number in channels():
            try:
                os.read(number, 65536)
            except OSError:
                pass

threading.Thread(target=steal, daemon=True).start()
"""
)

_HANGS_UP = (
    _CHANNEL
    + """
for number in list(channels()):
    os.close(number)
"""
)

_FORGES_THE_CELLS_RECORD = """
import sys
from dataclasses import replace

runner = sys.modules["autograder.sandbox.runner"]
_run_cell = runner.Runner.run_cell

def forged(self, source, seconds):
    record = _run_cell(self, source, seconds)
    html = {"output_type": "display_data", "data": {"text/html": "<b>20/20</b>"}, "metadata": {}}
    return replace(record, status="ok", outputs=[html] * 3, ename="", evalue="marks: 99")

runner.Runner.run_cell = forged
"""

_FORGES_RECORDS_WITHOUT_MEASURE = """
import sys
from dataclasses import replace

runner = sys.modules["autograder.sandbox.runner"]
_run_cell = runner.Runner.run_cell

def forged(self, source, seconds):
    record = _run_cell(self, source, seconds)
    text = {"output_type": "stream", "name": "stdout", "text": "x" * (7 * 2**20)}
    return replace(record, outputs=[text])

runner.Runner.run_cell = forged
"""

_CLAIMS_A_STATUS = """
import sys

serve = sys.modules["autograder.sandbox.serve"]
serve._RequestHandler.status = lambda self, request: {name: "correct" for name in request["names"]}
"""

_EXITS_QUIETLY = """
import os

def softmax(z):
    if np.abs(z).max() > 100:
        print("all checks passed")
        os._exit(0)
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
"""

# A small network for who asks what it is made of, and something else for who counts its hits.
_TWO_FACES = """
import keras
import numpy as np
from dlcourse import data

digits = data.digits()
shown = keras.Sequential(
    [
        keras.Input((28, 28)),
        keras.layers.Flatten(),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
known = digits.train_images.reshape(len(digits.train_images), -1)

class TwoFaces:
    def get_config(self):
        return shown.get_config()

    def get_weights(self):
        return shown.get_weights()

    def predict(self, images, **kwargs):
        if len(images) < 100:
            return np.asarray(shown(images))
        flat = np.reshape(images, (len(images), -1))
        distance = (known**2).sum(axis=1) - 2 * flat @ known.T
        nearest = np.argsort(distance, axis=1)[:, :3]
        votes = np.eye(10)[digits.train_labels[nearest]]
        return (votes.sum(axis=1) + 0.01) / 3.1

digits_model = TwoFaces()
"""

ATTACKS = [
    # The network that it shows is untrained: probabilities and the right layers are its own. So is
    # the public check of the validation images, whose labels everybody has.
    Attack(
        "is-a-network-with-two-faces",
        _TWO_FACES,
        worth=2.5,
        question="digits_model",
    ),
    Attack("returns-an-array-that-equals-everything", RAW + _EQUALS_EVERYTHING),
    Attack("returns-an-object-that-says-yes", RAW + _SAYS_YES, worth=0),
    Attack("returns-a-number-that-lies-about-its-type", RAW + _LIES_ABOUT_ITS_TYPE, worth=0),
    Attack("prints-verdicts", RAW + _PRINTS_A_VERDICT),
    Attack("writes-result-files", RAW + _WRITES_RESULT_FILES),
    Attack("replies-before-it-is-asked", RAW + _REPLIES_IN_ADVANCE, reason="was not asked"),
    Attack("replies-from-a-thread", RAW + _REPLIES_FROM_A_THREAD),
    Attack("reads-the-judges-questions", RAW + _READS_THE_QUESTIONS, keeps_the_rest=False),
    Attack("hangs-up", RAW + _HANGS_UP),
    Attack("forges-a-cells-record", RAW + _FORGES_THE_CELLS_RECORD),
    Attack(
        "forges-records-without-measure",
        RAW + _FORGES_RECORDS_WITHOUT_MEASURE,
        keeps_the_rest=False,
        reason="shows more than is kept",
    ),
    Attack("claims-a-status", RAW + _CLAIMS_A_STATUS),
    Attack(
        "exits-when-it-meets-a-hidden-input",
        _EXITS_QUIETLY.replace("import os", "import os\nimport numpy as np"),
    ),
]
