"""Attacks that change what runs beside them: Python, NumPy, IPython, the worker's own code."""

from __future__ import annotations

from tests.attacks.attack import RAW, Attack

_NUMPY = """
import numpy.testing

for name in ("allclose", "isclose", "array_equal", "all"):
    setattr(np, name, lambda *args, **kwargs: True)
np.any = lambda *args, **kwargs: False
np.isnan = lambda x: np.zeros(np.shape(x), bool)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
"""

_COURSE_PACKAGE = """
import dlcourse.check.answer, dlcourse.check, dlcourse.check.expect

dlcourse.check.expect.expect_close = lambda *args, **kwargs: None
dlcourse.check.expect.expect_array = lambda value, *args, **kwargs: value
for room in (dlcourse.check, dlcourse.check.decorator, dlcourse.check.run, dlcourse.check.source):
    room.expect_close = dlcourse.check.expect.expect_close
    room.expect_array = dlcourse.check.expect.expect_array
    room.run_check = lambda made, *args, **kwargs: None
    room.raise_unless_correct = lambda *args, **kwargs: None
dlcourse.check.Result.earned = property(lambda self: 99.0)
dlcourse.check.answer.status_of = lambda namespace, name: dlcourse.check.answer.Status.DEFINED
dlcourse.check.answer.to_plain = lambda value, wrap: True
"""

_ASSERTIONS = """
import ast

class Nothing(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

shell = get_ipython()
shell.ast_transformers.append(Nothing())
shell.input_transformers_post.append(
    lambda lines: [line.replace("assert ", "None and ") for line in lines]
)
"""

_SHELL = """
shell = get_ipython()
kind = type(shell)
kind.run_cell = lambda self, *args, **kwargs: None
kind._showtraceback = lambda self, *args: None
shell.events.register("post_run_cell", lambda result: setattr(result, "error_in_exec", None))
"""

_BUILTINS = """
import builtins

builtins.isinstance = lambda thing, kind: True
builtins.len = lambda thing: 8
builtins.abs = lambda x: 0
builtins.type = lambda thing, *rest: np.ndarray
"""

_SYS_MODULES = """
import sys, types

class Everything(types.ModuleType):
    def __getattr__(self, name):
        return lambda *args, **kwargs: True

for name in ("numpy", "json", "struct", "dlcourse.check.answer", "autograder.sandbox.channel"):
    sys.modules[name] = Everything(name)
"""

_TRACING = """
import sys

def trace(frame, event, argument):
    for name in ("outcome", "earned", "passed", "ok"):
        if name in frame.f_locals:
            frame.f_locals[name] = "correct"
    return trace

sys.settrace(trace)
sys.setprofile(lambda frame, event, argument: None)
"""

_PROBE_CLIENT = """
import sys

serve = sys.modules["autograder.sandbox.serve"]
_call = serve._RequestHandler.call

def call(self, request):
    arguments = request["args"]
    if arguments and getattr(arguments[0], "ndim", 0) == 2:
        return np.full(arguments[0].shape, 1.0 / arguments[0].shape[1])
    return _call(self, request)

serve._RequestHandler.call = call
"""

_CHANNEL_CLASS = """
import sys

channel = sys.modules["autograder.sandbox.channel"]
_send = channel.Channel.send

def send(self, value, *rest):
    if isinstance(value, dict) and "error" in value:
        value = {"id": value["id"], "value": True}
    return _send(self, value, *rest)

channel.Channel.send = send
"""

_CLOCK = """
import signal, time

signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
time.monotonic = lambda: 0.0

while True:
    pass
"""

_OTHER_ANSWERS = """
# The solved question's name, taken over from here, also further down the notebook.
import builtins

def dense_forward(X, W, b):
    return 0

class Sticky(dict):
    pass

get_ipython().events.register(
    "post_run_cell", lambda result: get_ipython().user_ns.update(softmax=lambda z: z * 0 + 0.25)
)
"""

_GARBAGE = """
import gc

class Trap:
    def __del__(self):
        raise SystemExit
    def __repr__(self):
        raise KeyboardInterrupt
    def __hash__(self):
        raise MemoryError

traps = [Trap() for _ in range(100)]
gc.callbacks.append(lambda phase, info: traps.append(Trap()))
display(Trap())
"""

ATTACKS = [
    Attack("patches-numpy", RAW + _NUMPY),
    Attack("patches-the-course-package", RAW + _COURSE_PACKAGE, keeps_the_rest=False),
    Attack("takes-assertions-out-of-cells", RAW + _ASSERTIONS),
    Attack("patches-the-shell", RAW + _SHELL, keeps_the_rest=False),
    Attack("patches-builtins", RAW + _BUILTINS, keeps_the_rest=False),
    Attack("replaces-modules", RAW + _SYS_MODULES, keeps_the_rest=False),
    Attack("traces-every-call", RAW + _TRACING),
    Attack("patches-the-probe-client", RAW + _PROBE_CLIENT),
    Attack("patches-the-channel", RAW + _CHANNEL_CLASS),
    Attack("stops-the-clock", RAW + _CLOCK, reason="longer than"),
    Attack("redefines-names-after-each-cell", RAW + _OTHER_ANSWERS),
    Attack("leaves-traps-for-the-collector", RAW + _GARBAGE),
]
