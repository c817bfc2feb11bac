"""What a cell uses of the packages: every definition that it reaches, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.evidence.used_code import plain_cell, used_code

DATA = '''\
"""Loaders."""

from dlcourse import files

SIZE = 8


def digits(n=SIZE):
    """All digits."""
    return files.read("digits", n)  # as they are


def emoji():
    from scipy import ndimage

    return ndimage, files.STYLE


class Rows:
    def first(self):
        return digits()


def later(files):
    return files.other
'''

FILES = """\
import os

import numpy as np

from dlcourse.plain import plain

STYLE = "a.style"


def read(name, n):
    return np.load(name)[:n]


def other():
    return plain()


def styled():
    return STYLE
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "dlcourse"
    package.mkdir()
    (package / "__init__.py").write_text('__version__ = "1"\n')
    (package / "data.py").write_text(DATA)
    (package / "files.py").write_text(FILES)
    (package / "plain.py").write_text("def plain():\n    return 1\n")
    (package / "a.style").write_text("lines: 1\n")
    return tmp_path


def change(root: Path, module: str, old: str, new: str) -> None:
    path = root / "dlcourse" / module
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


DIGITS = ["from dlcourse import data\n", "x = data.digits()\n"]
EMOJI = ["from dlcourse.data import emoji as pictures\n", "def f():\n    return pictures()\n"]


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("data.py", '"digits", n', '"digits", n + 1'),
        ("data.py", "SIZE = 8", "SIZE = 9"),
        ("files.py", "np.load(name)", "np.load(name + '.npy')"),
        ("files.py", "import numpy as np", "import numpy.ma as np"),
    ],
)
def test_a_definition_that_is_reached_counts(root: Path, module: str, old: str, new: str) -> None:
    digits, emoji = used_code(root, DIGITS), used_code(root, EMOJI)
    change(root, module, old, new)
    assert used_code(root, DIGITS) != digits
    assert used_code(root, EMOJI).modules == emoji.modules


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("data.py", "return ndimage, files", "return files"),
        ("data.py", "# as they are", "# said otherwise"),
        ("data.py", '"""All digits."""', '"""Every digit,\n    and no letter."""'),
        ("files.py", "return plain()", "return plain() + 1"),
        ("plain.py", "return 1", "return 2"),
        ("files.py", "import os", "import os\n\n\n"),
        ("a.style", "1", "2"),
    ],
)
def test_what_is_not_reached_and_what_is_not_executed_do_not_count(
    root: Path, module: str, old: str, new: str
) -> None:
    digits = used_code(root, DIGITS)
    change(root, module, old, new)
    assert used_code(root, DIGITS) == digits


@pytest.mark.parametrize(
    "cells",
    [
        ["from dlcourse import data\n", "f = data.Rows\n"],
        ["import dlcourse.data\n", "dlcourse.data.Rows().first()\n"],
        ["import dlcourse.data as d\n", "print(d.Rows)\n"],
        ["from dlcourse.data import *\n"],
        ["from dlcourse import data\n", "getattr(data, name)\n"],
        ["def f():\n    from dlcourse.data import Rows\n    return Rows\n"],
        ["%matplotlib inline\nfrom dlcourse import data\ndata.Rows()\n"],
        ["from dlcourse import data\n", "match x:\n    case data.Rows():\n        pass\n"],
    ],
)
def test_a_definition_is_found_however_it_is_imported(root: Path, cells: list[str]) -> None:
    before = used_code(root, cells)
    change(root, "data.py", '"digits", n', '"digits", n + 1')
    assert used_code(root, cells) != before


def test_a_name_of_the_function_itself_is_not_the_modules(root: Path) -> None:
    cells = ["from dlcourse.data import later\n", "later(1)\n"]
    before = used_code(root, cells)
    change(root, "files.py", "return plain()", "return plain() + 1")
    assert used_code(root, cells).modules == before.modules


def test_what_a_module_executes_when_it_is_imported_counts(root: Path) -> None:
    before = used_code(root, DIGITS)
    change(root, "plain.py", "def plain", "print(1)\n\n\ndef plain")
    assert used_code(root, DIGITS) != before


def test_a_function_that_a_decorator_may_register_counts(root: Path) -> None:
    before = used_code(root, DIGITS)
    change(root, "data.py", "def emoji", "@register\ndef emoji")
    registered = used_code(root, DIGITS)
    assert registered != before
    change(root, "data.py", "return ndimage, files", "return files")
    assert used_code(root, DIGITS) != registered


def test_a_file_of_the_package_that_the_code_names_counts(root: Path) -> None:
    cells = ["from dlcourse.files import styled\n", "styled()\n"]
    before = used_code(root, cells)
    (root / "dlcourse" / "a.style").write_text("lines: 2\n")
    assert used_code(root, cells) != before


def test_a_name_that_a_package_hands_on_is_followed(root: Path) -> None:
    (root / "dlcourse" / "__init__.py").write_text("from dlcourse.data import digits\n")
    cells = ["import dlcourse\n", "dlcourse.digits()\n"]
    before = used_code(root, cells)
    change(root, "data.py", '"digits", n', '"digits", n + 1')
    assert used_code(root, cells) != before


def test_a_package_may_import_its_own_modules(root: Path) -> None:
    (root / "dlcourse" / "__init__.py").write_text("from dlcourse import data\n")
    before = used_code(root, DIGITS)
    change(root, "data.py", '"digits", n', '"digits", n + 1')
    assert used_code(root, DIGITS) != before


def test_libraries_are_those_of_what_is_reached(root: Path) -> None:
    assert used_code(root, DIGITS).libraries == {"numpy"}
    assert used_code(root, EMOJI).libraries == {"numpy", "scipy"}
    assert used_code(root, ["import keras.ops\n"]).libraries == {"keras"}


def test_a_name_that_does_not_exist_is_an_error(root: Path) -> None:
    with pytest.raises(LookupError, match=r"dlcourse\.data\.letters"):
        used_code(root, names=["dlcourse.data.letters"])


def test_a_definition_may_be_named_itself(root: Path) -> None:
    before = used_code(root, names=["dlcourse.data.Rows"])
    change(root, "data.py", '"digits", n', '"digits", n + 1')
    assert used_code(root, names=["dlcourse.data.Rows"]) != before


def test_a_cells_comments_and_docstrings_do_not_count() -> None:
    one = 'def f(x):\n    """Twice."""\n\n    return 2 * x  # twice\n'
    two = "def f(x):\n    # two times\n    return 2 * x\n"
    assert plain_cell(one) == plain_cell(two)
    assert plain_cell(one) != plain_cell(two.replace("2 *", "3 *"))
    assert plain_cell("%%bash\nls '") == "%%bash\nls '"


def test_where_reading_cannot_tell_which_part_is_used_all_of_it_counts(root: Path) -> None:
    cells = ["from dlcourse import files\n", "files.made_up\n"]
    before = used_code(root, cells)
    change(root, "plain.py", "return 1", "return 2")
    assert used_code(root, cells) != before


def test_what_is_set_apart_is_not_followed(root: Path) -> None:
    before = used_code(root, DIGITS, apart=["dlcourse.files"])
    change(root, "files.py", "np.load(name)", "np.load(name + '.npy')")
    assert used_code(root, DIGITS, apart=["dlcourse.files"]) == before
    with pytest.raises(LookupError, match=r"dlcourse\.letters"):
        used_code(root, DIGITS, apart=["dlcourse.letters"])


def test_a_long_chain_of_definitions_is_followed_to_its_end(root: Path) -> None:
    steps = "".join(f"def f{n}():\n    return f{n + 1}()\n\n\n" for n in range(2000))
    path = root / "dlcourse" / "chain.py"
    path.write_text(f"{steps}def f2000():\n    return 1\n")
    cells = ["from dlcourse.chain import f0\n", "f0()\n"]
    before = used_code(root, cells)
    path.write_text(path.read_text().replace("return 1\n", "return 2\n"))
    assert used_code(root, cells) != before
