"""What a check sees of a learner's namespace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcourse.check.answer import (
    AnswerError,
    LocalAnswer,
    LocalHandle,
    NotAttempted,
    Status,
    status_of,
    to_plain,
)


def namespace(source: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("", Status.MISSING),
        ("f = ...", Status.UNTOUCHED),
        ("f = (\n    ...\n)", Status.UNTOUCHED),
        ("def f(x):\n    '''Doc.'''\n    ...", Status.UNTOUCHED),
        ("def f(x):\n    pass", Status.UNTOUCHED),
        ("class f:\n    def g(self): ...\n    def h(self): ...", Status.UNTOUCHED),
        ("class f:\n    def g(self): ...\n    def h(self): return 1", Status.DEFINED),
        ("def f(x):\n    return x[..., 0]", Status.DEFINED),
        ("def f(x):\n    return None", Status.UNTOUCHED),
        ("def f(x):\n    return 0", Status.DEFINED),
        ("f = 0", Status.DEFINED),
    ],
)
def test_status_tells_how_far_an_answer_is(source: str, status: Status) -> None:
    assert status_of(namespace(source), "f") is status


def test_a_placeholder_left_in_a_function_is_partial(tmp_path: Any) -> None:
    from dlcourse.check import run_source

    scope = run_source("def f(x):\n    y = ...\n    return y + x\n", "<cell partial>")
    assert status_of(scope, "f") is Status.PARTIAL


def test_an_untouched_answer_raises_on_access() -> None:
    with pytest.raises(NotAttempted, match="placeholder"):
        _ = LocalAnswer({"f": ...}).f


def test_a_missing_answer_says_to_run_its_cell() -> None:
    with pytest.raises(NotAttempted, match="Run the cell"):
        _ = LocalAnswer({}).f


def test_what_the_learners_code_raises_is_named() -> None:
    answer = LocalAnswer(namespace("def f(x):\n    return 1 / x"))
    with pytest.raises(AnswerError, match=r"f\(\.\.\.\) raised ZeroDivisionError"):
        answer.f(0)


def test_system_exit_in_an_answer_is_an_error_of_the_answer() -> None:
    answer = LocalAnswer(namespace("import sys\ndef f():\n    sys.exit(3)"))
    with pytest.raises(AnswerError, match="SystemExit"):
        answer.f()


def test_arguments_are_copied() -> None:
    z = np.zeros(3)
    LocalAnswer(namespace("def f(z):\n    z += 1\n    return z")).f(z)
    assert (z == 0).all()


def test_handles_can_be_called_and_handed_back() -> None:
    source = "class C:\n    n = 2\n    def twice(self, x):\n        return self.n * x\n"
    answer = LocalAnswer(namespace(source + "c = C()\ndef who(c):\n    return type(c).__name__"))
    assert answer.c.twice(4) == 8
    assert answer.c.n == 2
    assert answer.who(answer.c) == "C"


class Liar(np.ndarray):
    """An array that claims to equal everything."""

    def __eq__(self, other: object) -> Any:
        return True

    __hash__ = None


def test_an_array_subclass_loses_its_own_equality() -> None:
    plain = to_plain(np.zeros(2).view(Liar), lambda o: o)
    assert type(plain) is np.ndarray


class FalseNumber(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


def test_a_number_that_claims_equality_becomes_a_number() -> None:
    plain = to_plain(FalseNumber(1.5), lambda o: o)
    assert type(plain) is float
    assert plain == 1.5


def test_object_arrays_stay_handles() -> None:
    made = to_plain(np.array([object()]), lambda o: "handle")
    assert made == "handle"


def test_too_deep_a_value_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(50):
        deep = [deep]
    with pytest.raises(ValueError, match="nests deeper"):
        to_plain(deep, lambda o: o)


def test_a_list_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nests deeper"):
        to_plain(loop, lambda o: o)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(plain_values)
def test_plain_values_pass_unchanged(value: Any) -> None:
    assert repr(to_plain(value, lambda o: o)) == repr(value)


def test_other_objects_become_handles() -> None:
    made = LocalAnswer({"f": object()}).f
    assert isinstance(made, LocalHandle)


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_floats_that_numpy_does_not_have_become_float32(name: str) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    value = np.array([0.5, -2.0]).astype(getattr(ml_dtypes, name))
    plain = to_plain(value, repr)
    assert isinstance(plain, np.ndarray)
    assert plain.dtype == np.float32
    assert plain.tolist() == [0.5, -2.0]
    assert to_plain(value[0], repr) == 0.5


def test_integers_that_numpy_does_not_have_become_int8() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    plain = to_plain(np.array([3, -2]).astype(ml_dtypes.int4), repr)
    assert isinstance(plain, np.ndarray)
    assert (plain.dtype, plain.tolist()) == (np.dtype(np.int8), [3, -2])


def test_a_torch_tensor_in_bfloat16_becomes_float32() -> None:
    torch = pytest.importorskip("torch")
    plain = to_plain(torch.tensor([0.5, -2.0], dtype=torch.bfloat16), repr)
    assert isinstance(plain, np.ndarray)
    assert (plain.dtype, plain.tolist()) == (np.dtype(np.float32), [0.5, -2.0])


@pytest.mark.parametrize(("wide", "plain"), [("g", np.float64), ("G", np.complex128)])
def test_numbers_wider_than_every_machine_has_become_those_of_twice_64_bits_at_most(
    wide: str, plain: type[np.generic]
) -> None:
    array = to_plain(np.array([0.5, -2.0]).astype(wide), repr)
    assert isinstance(array, np.ndarray)
    assert (array.dtype, array.tolist()) == (np.dtype(plain), [0.5, -2.0])
    number = to_plain(np.dtype(wide).type(0.5), repr)
    assert type(number) in (float, complex)
    assert number == 0.5


def test_an_array_of_bytes_is_no_plain_data() -> None:
    assert to_plain(np.array([b"a"]), lambda o: "a handle") == "a handle"
