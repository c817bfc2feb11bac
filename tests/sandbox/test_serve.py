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


def test_a_released_handle_is_gone(answered: Worker) -> None:
    model = answered.get("model")
    answered.release([model])
    with pytest.raises(AnswerError):
        answered.get(model, "size")


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
    assert answered.status([name]) == {name: status}


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


def test_names_are_the_notebooks_own(answered: Worker) -> None:
    assert set(answered.names()) >= {"softmax", "model", "np"}
    assert not {"get_ipython", "exit", "In", "Out"} & set(answered.names())


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
