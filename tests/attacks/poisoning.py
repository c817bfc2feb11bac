"""Attacks on whoever reads the answer: forged frames, odd values, huge ones, files of weights."""

from __future__ import annotations

from tests.attacks.attack import RAW, Attack
from tests.attacks.forging import _CHANNEL

# Unpickled anywhere, this would write the file that the tests look for.
PICKLE = b"cposix\nsystem\n(S'echo planted > @CANARY@.unpickled'\ntR."

VALUES = {
    "nan": "np.full(z.shape, np.nan)",
    "infinity": "np.full(z.shape, np.inf)",
    "objects": "np.array([[object()] * z.shape[1]] * len(z), dtype=object)",
    "records": "np.zeros(z.shape, dtype=[('a', float), ('b', 'O')])",
    "dates": "np.zeros(z.shape, dtype='datetime64[s]')",
    "long-doubles": "np.full(z.shape, 0.25, dtype=np.longdouble)",
    "complex-numbers": "np.full(z.shape, 0.25 + 1e300j)",
    "texts": "np.full(z.shape, 'x' * 1000)",
    "no-axes": "np.float64(0.25)",
    "many-axes": "np.zeros((1,) * 32)",
    "nothing": "np.zeros((0, 10))",
    "a-broadcast-giant": "np.broadcast_to(np.float64(0.1), (10**6, 10**6))",
    "a-long-column": "np.zeros((2**22, 1))",
    "a-frame-too-large": "np.zeros((2**13, 2**13))",
    "a-huge-number": "10 ** 400",
    "a-huger-number": "10 ** 5000",
    "a-minus-zero-shape": "-0.0",
    "a-huge-text": "'x' * 2**24",
    "half-a-character": "'\\ud800' * 10",
    "a-deep-list": "__import__('functools').reduce(lambda inner, _: [inner], range(10_000), 0)",
    "a-list-of-itself": "(lambda x: x.append(x) or x)([])",
    "a-million-items": "[[0.25] * 1000] * 2000",
    "a-ragged-list": "[[1.0], [1.0, 2.0], 'x', None]",
    "a-dict": "{'shape': (8, 10), (1, 2): {}, None: [], 0.5: 1}",
    "a-generator": "(row for row in iter(int, 1))",
    "a-type": "np.ndarray",
    "itself": "softmax",
    "an-exception": "SystemExit(0)",
    "a-coroutine": "__import__('asyncio').sleep(1)",
    "the-module": "__import__('sys')",
}

_CONVERTS_BADLY = """
class Odd:
    def __array__(self, *args, **kwargs):
        raise SystemExit
    def __getattr__(self, name):
        raise RecursionError
    def __len__(self):
        return 10**12
    def __repr__(self):
        return 1

def softmax(z):
    return Odd()
"""

_CONVERTS_FOR_EVER = """
class Slow:
    def __array__(self, *args, **kwargs):
        while True:
            pass

def softmax(z):
    e = np.exp(z)
    return Slow() if np.abs(z).max() > 100 else e / e.sum(axis=1, keepdims=True)
"""

FRAMES = {
    "announces-four-gigabytes": 'send(b"\\xff\\xff\\xff\\xff")',
    "announces-and-waits": 'send(struct.pack(">I", 1000) + b"{")\ntime.sleep(60)',
    "sends-bytes-that-are-no-json": 'send(struct.pack(">I", 8) + b"\\x80\\x04\\x95...\\xff")',
    "sends-deep-json": 't = b"[" * 4000 + b"]" * 4000\nsend(struct.pack(">I", len(t)) + t)',
    "declares-a-giant-array": 'send(frame({"array": 0}, [["float64", [2**30, 2**30]]]))',
    "declares-a-negative-shape": 'send(frame({"array": 0}, [["float64", [-1, 8]]]))',
    "declares-a-dtype-of-objects": 'send(frame({"array": 0}, [["O", [1]]], b"\\0" * 8))',
    "sends-a-pickle": 'import pickle\nsend(pickle.dumps({"id": 1, "value": True}))',
    "floods": "while True:\n    send(reply(1, True))",
}


def _value(expression: str) -> str:
    return f"{RAW}\n_own = softmax\n\ndef softmax(z):\n    return {expression}\n"


_SCRIPTS = """
from IPython.display import HTML, Javascript, display

display(HTML("<script>planted()</script><img src=x onerror='planted()'>"))
display(Javascript("planted()"))
display({"text/html": "<iframe srcdoc='<script>planted()</script>'>"}, raw=True)
display({"image/svg+xml": "<svg onload='planted()'><script>planted()</script></svg>"}, raw=True)
display({"text/markdown": "[x](javascript:planted())"}, raw=True)
print("\\x1b]0;planted\\x07\\x1b[2J=HYPERLINK(1)")
raise ValueError("=cmd|' /C planted'!A0 \\x1b[31m<script>planted()</script>")
"""

ATTACKS = [
    *(Attack(f"returns-{name}", _value(code), worth=0) for name, code in VALUES.items()),
    Attack("returns-what-converts-badly", RAW + _CONVERTS_BADLY, worth=0),
    Attack("returns-what-converts-for-ever", RAW + _CONVERTS_FOR_EVER),
    *(Attack(name, f"{RAW}{_CHANNEL}\n{code}\n") for name, code in FRAMES.items()),
    Attack(
        "hands-in-weights-that-are-a-pickle",
        RAW,
        weights={
            "digits_model.weights.npz": PICKLE,
            "a.keras": PICKLE,
            "b.h5": PICKLE,
            "c.npy": PICKLE,
        },
    ),
    Attack(
        "hands-in-weights-that-claim-gigabytes",
        RAW,
        weights={
            "digits_model.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, "
            b"'shape': (999999999999,), }".ljust(128)
            + b"\n"
        },
    ),
    Attack("shows-scripts-and-formulas", RAW + _SCRIPTS),
]
