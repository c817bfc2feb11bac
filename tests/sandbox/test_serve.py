"""A worker answers about the learner's names as dlcourse.check.answer does in a notebook."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.sandbox.channel import ChannelError, Handle
from autograder.workers.worker import Worker
from dlcourse.check.answer import AnswerError, NotAttempted, Status
from tests.sandbox.conftest import run

NOTEBOOK = """
import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def stub(x):
    ...

unwritten = ...
learning_rate = 0.1
shapes = {"hidden": (4, 8), 3: [None, True]}

class Model:
    size = 3
    def __init__(self): self.layers = [self, 1]
    def double(self, x, times=2): return x * times
    def twin(self): return Model()
    @property
    def broken(self): return 1 / 0

model = Model()

def fails(x):
    return x["missing"]

def leaves(): raise SystemExit(1)
def waits():
    while True: pass
def shows(): print("seen"); import matplotlib.pyplot as plt; plt.plot([1]); return 1
def huge(): return np.zeros(3 * 10**8, np.int8)
def deep():
    x = []
    for _ in range(100): x = [x]
    return x
def writes(x): x[0] = 9; return x
def size_of(m): return m.size
class Odd(float):
    def __eq__(self, other): return True
    __hash__ = None
def odd(): return Odd(0.5)
"""


@pytest.fixture
def answered(worker: Worker) -> Worker:
    assert run(worker, NOTEBOOK).status == "ok"
    return worker


def test_a_function_is_called_with_arrays(answered: Worker) -> None:
    z = np.array([[1.0, 2.0, 3.0]])
    expected = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(answered.call("softmax", [z]), expected)


def test_plain_values_come_as_they_are(answered: Worker) -> None:
    assert answered.get("learning_rate") == 0.1
    assert answered.get("shapes") == {"hidden": (4, 8), 3: [None, True]}


def test_a_subclass_loses_its_equality(answered: Worker) -> None:
    got = answered.call("odd")
    assert type(got) is float
    assert got != 1.0


def test_an_object_is_a_handle_that_can_be_used(answered: Worker) -> None:
    model = answered.get("model")
    assert model == Handle(1, "Model")
    assert answered.get(model, "size") == 3
    assert answered.call(model, [21], {"times": 2}, path=["double"]) == 42
    twin = answered.call(model, path=["twin"])
    assert answered.call("size_of", [twin]) == 3


def test_handles_may_lie_inside_of_values(answered: Worker) -> None:
    first, second = answered.get("model", "layers")
    assert isinstance(first, Handle)
    assert second == 1


def test_an_argument_is_a_copy(answered: Worker) -> None:
    x = np.zeros(2)
    assert answered.call("writes", [x])[0] == 9
    assert x[0] == 0


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("nosuch", Status.MISSING),
        ("unwritten", Status.UNTOUCHED),
        ("stub", Status.UNTOUCHED),
        ("softmax", Status.DEFINED),
    ],
)
def test_the_status_of_a_name(answered: Worker, name: str, status: Status) -> None:
    assert answered.look([name], 0)[name].status == status


def test_a_cell_says_which_watched_names_it_has_bound(worker: Worker) -> None:
    run(worker, "a, b, c = 1000, [], 3")
    cell = "exec('a = 1001'); b.append(1); del c; d = 4"
    assert worker.run_cell(cell, 10, ["a", "b", "c", "d", "e"]).bound == ("a", "d")


@pytest.mark.parametrize(
    "cell",
    [
        "if True:\n    f = 2",
        "with open('/dev/null') as f: pass",
        "for f in range(3): pass",
        "class f: pass",
        "print(f := 5)",
        "(f, g), h = (1, 2), 3",
        "from math import e as f",
        "def bind():\n    global f\n    f = 1\nbind()",
        "f += 1\n1 / 0",
    ],
)
def test_a_name_is_seen_to_be_bound_however_it_is(worker: Worker, cell: str) -> None:
    run(worker, "f = 0")
    assert worker.run_cell(cell, 10, ["f"]).bound == ("f",)


class TestSurroundings:
    """A question is asked among the names as they stood at its moment."""

    CELL = "import numpy as np\nfactor = 2\ndef helper(x): return x\n"
    ANSWER = "def f(x): return factor * helper(np.sum(x)) + sum([0])"

    def asked(self, worker: Worker, *later: str) -> object:
        run(worker, self.CELL)
        run(worker, self.ANSWER)
        f = worker.look(["f"], 1)["f"].value
        for cell in later:
            run(worker, cell)
        worker.settle({"q": 1}, {"q": {"f": 1}})
        return worker.call(f, [np.ones(3)], scope="q")

    @pytest.mark.parametrize(
        "later",
        [
            "sum = 0",
            "del np",
            "np = None",
            "factor = 'no'",
            "del helper, factor",
            "def helper(x): return 1 / 0",
            "from math import *\nfrom random import *\nsum = max = 3",
            "%reset -f",
        ],
    )
    def test_a_later_cell_costs_nothing(self, worker: Worker, later: str) -> None:
        assert self.asked(worker, later) == 6

    def test_what_a_call_keeps_is_there_at_the_next(self, worker: Worker) -> None:
        run(worker, "n = 0\ndef f():\n    global n\n    n += 1\n    return n")
        f = worker.look(["f"], 0)["f"].value
        run(worker, "n = 100")
        g = worker.look(["f"], 1)["f"].value
        worker.settle({"p": 0, "q": 1}, {})
        asked = [worker.call(h, scope=s) for h, s in ((f, "p"), (g, "q"), (f, "p"), (g, "q"))]
        assert asked == [1, 101, 2, 102]

    def test_a_name_that_came_later_is_there_unless_it_hides_one_of_pythons(
        self, worker: Worker
    ) -> None:
        run(worker, "def f(): return late + len([1])")
        f = worker.look(["f"], 0)["f"].value
        run(worker, "late = 5; len = None")
        worker.settle({"q": 0}, {"q": {"f": 0}})
        assert worker.call(f, scope="q") == 6

    def test_a_question_that_was_open_then_is_as_it_was_answered(self, worker: Worker) -> None:
        run(worker, "def g(x): ...\ndef f(x): return g(x)")
        f = worker.look(["f"], 0)["f"].value
        run(worker, "def g(x): return 2 * x")
        worker.look(["g"], 1)
        run(worker, "g = 3")
        worker.settle({"q": 0, "r": 1}, {"q": {"f": 0}, "r": {"g": 1}})
        assert worker.call(f, [4], scope="q") == 8

    def test_a_question_without_surroundings_is_asked_at_the_notebooks_end(
        self, worker: Worker
    ) -> None:
        assert self.asked(worker, "x = 1") == 6
        assert worker.get("x", scope="nosuch") == 1

    def test_a_network_and_what_it_calls_are_used_in_them_too(self, worker: Worker) -> None:
        run(worker, "k = 2\nclass Net:\n    def predict(self, x): return k * x\nnet = Net()")
        net = worker.look(["net"], 0)["net"].value
        run(worker, "k = None")
        worker.settle({"q": 0}, {"q": {"net": 0}})
        assert worker.call(net, [3], path=["predict"], scope="q") == 6


@pytest.mark.parametrize("name", ["nosuch", "unwritten", "stub"])
def test_what_is_not_attempted_says_so(answered: Worker, name: str) -> None:
    for ask in (answered.get, answered.call):
        with pytest.raises(NotAttempted) as caught:
            ask(name)
        assert caught.value.name == name


def test_a_learners_exception_has_its_line(answered: Worker) -> None:
    with pytest.raises(AnswerError) as caught:
        answered.call("fails", [{}])
    assert caught.value.kind == "KeyError"
    assert 'return x["missing"]' in caught.value.where


def test_an_attribute_that_raises_is_a_learners_error(answered: Worker) -> None:
    with pytest.raises(AnswerError, match="division by zero"):
        answered.get("model", "broken")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("leaves", "SystemExit"), ("learning_rate", "TypeError"), ("deep", "ValueError")],
)
def test_other_troubles_are_the_learners_too(answered: Worker, name: str, kind: str) -> None:
    with pytest.raises(AnswerError) as caught:
        answered.call(name)
    assert caught.value.kind == kind
    assert answered.get("learning_rate") == 0.1


def test_a_call_that_takes_too_long_is_interrupted(answered: Worker) -> None:
    with pytest.raises(AnswerError) as caught:
        answered.call("waits", seconds=0.3)
    assert caught.value.kind == "TimeoutError"
    assert answered.get("learning_rate") == 0.1


def test_a_value_that_is_too_large_is_an_error(answered: Worker) -> None:
    with pytest.raises(AnswerError, match="cannot be sent"):
        answered.call("huge")
    assert answered.get("learning_rate") == 0.1


def test_an_argument_that_cannot_be_sent_is_the_callers_error(answered: Worker) -> None:
    with pytest.raises(ChannelError, match="type object"):
        answered.call("softmax", [object()])
    assert answered.get("learning_rate") == 0.1


def test_what_a_call_shows_is_not_recorded(answered: Worker) -> None:
    assert answered.call("shows") == 1
    assert run(answered, "2;").outputs == []


@pytest.mark.parametrize(
    "setting",
    [
        "import numpy as np\nnp.seterr(all='raise')",
        "import warnings\nwarnings.simplefilter('error')",
        "import warnings, numpy as np\nwarnings.filterwarnings('error', category=RuntimeWarning)",
    ],
)
def test_a_notebook_that_makes_errors_of_warnings_does_so_for_itself(
    answered: Worker, setting: str
) -> None:
    run(answered, setting)
    z = np.array([[0.0, -800.0]])
    assert answered.call("softmax", [z]).tolist() == [[1.0, 0.0]]
    run(answered, "def overflows(z):\n    return np.exp(z)")
    assert answered.call("overflows", [np.array([800.0])]).tolist() == [np.inf]


def test_a_file_of_the_notebook_can_be_read(answered: Worker) -> None:
    run(answered, "open('w.bin', 'wb').write(bytes(range(256)));")
    assert answered.read_file("w.bin") == bytes(range(256))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        ("pass", "nosuch"),
        ("import os; os.symlink('/etc/passwd', 'link')", "link"),
        ("import os; os.mkfifo('pipe')", "pipe"),
        ("import os; os.mkdir('folder')", "folder"),
        ("open('large', 'wb').write(bytes(2000))", "large"),
    ],
)
def test_other_files_are_refused(worker: Worker, make: str, name: str) -> None:
    run(worker, make)
    with pytest.raises(AnswerError):
        worker.read_file(name, most=1000)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "", "a/../../x"])
def test_a_path_out_of_the_folder_is_the_callers_error(worker: Worker, name: str) -> None:
    with pytest.raises(ValueError, match="no path inside"):
        worker.read_file(name)
