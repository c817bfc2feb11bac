"""Cells run as they do in Jupyter, and what they show is recorded."""

from __future__ import annotations

import base64
import textwrap

import nbformat
import pytest

from autograder.sandbox.outputs import OutputLimits
from autograder.workers.pool import Limits, WorkerPool
from autograder.workers.worker import Worker
from tests.sandbox.conftest import errors_of, result_of, run, text_of
from tests.waiting import LONG


def test_the_last_value_is_a_result(worker: Worker) -> None:
    record = run(worker, "x = 20\nx + 1")
    assert record.outputs == [
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "data": {"text/plain": "21"},
            "metadata": {},
        }
    ]


def test_a_semicolon_hides_the_result(worker: Worker) -> None:
    assert run(worker, "20 + 1;").outputs == []


def test_names_live_on_in_the_next_cell(worker: Worker) -> None:
    run(worker, "x = 20")
    assert result_of(run(worker, "x")) == "20"


def test_execution_counts_go_up(worker: Worker) -> None:
    assert [run(worker, "1").execution_count for _ in range(3)] == [1, 2, 3]


def test_streams_are_kept_apart_and_in_order(worker: Worker) -> None:
    record = run(worker, "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')")
    assert [(o["name"], o["text"]) for o in record.outputs] == [
        ("stdout", "a\n"),
        ("stderr", "b\n"),
        ("stdout", "c\n"),
    ]


def test_what_c_code_writes_is_recorded_in_its_place(worker: Worker) -> None:
    record = run(worker, "import os\nprint('a')\nos.write(1, b'b\\n')\nprint('c');")
    assert text_of(record) == "a\nb\nc\n"


def test_stdout_has_a_buffer_for_bytes(worker: Worker) -> None:
    assert text_of(run(worker, "import sys\nsys.stdout.buffer.write('é'.encode());")) == "é"


def test_a_shell_command_runs(worker: Worker) -> None:
    record = run(worker, "!echo out; echo err >&2")
    assert (text_of(record), text_of(record, "stderr")) == ("out\n", "err\n")


BUSY_READER = """
import os, threading, time
capture, held = get_ipython().capture, threading.Event()
def hold():  # as the reading thread does, between its last read and letting go
    with capture._lock:
        held.set()
        time.sleep(0.5)
threading.Thread(target=hold).start()
held.wait()
"""


def test_output_is_not_left_to_a_reader_that_has_read_already(worker: Worker) -> None:
    record = run(worker, BUSY_READER + "os.write(2, b'err\\n');")
    assert text_of(record, "stderr") == "err\n"


def test_a_forked_process_waits_for_no_thread_that_it_has_not(worker: Worker) -> None:
    source = """
    child = os.fork()
    if not child:
        get_ipython().drain()
        os._exit(3)
    os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    """
    assert result_of(run(worker, BUSY_READER + textwrap.dedent(source))) == "3"


def test_a_forked_process_takes_nothing_of_its_parents_output(worker: Worker) -> None:
    source = """
    def write_and_fork():
        with capture._lock:  # the reading thread waits meanwhile
            os.write(1, b'of the parent\\n')
            child = os.fork()
            if not child:
                get_ipython().drain()
                os._exit(0)
            os.waitpid(child, 0)
    write_and_fork()
    """
    record = run(worker, BUSY_READER + textwrap.dedent(source))
    assert text_of(record) == "of the parent\n"


def test_a_shell_commands_output_can_be_taken(worker: Worker) -> None:
    assert result_of(run(worker, "found = !echo one; echo two\nfound")) == "['one', 'two']"


def test_a_subprocess_is_heard(worker: Worker) -> None:
    assert text_of(run(worker, "import subprocess\nsubprocess.run(['echo', 'x']);")) == "x\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%%bash\necho bash", "bash\n"),
        ("%%capture kept\nprint('z')", ""),
        ("%env COURSE=deep\nimport os\nprint(os.environ['COURSE'])", "env: COURSE=deep\ndeep\n"),
        ("%%writefile made.txt\nx", "Writing made.txt\n"),
        ("%matplotlib inline", ""),
    ],
)
def test_magics_work(worker: Worker, source: str, expected: str) -> None:
    record = run(worker, source)
    assert record.status == "ok"
    assert text_of(record) == expected


def test_a_cell_magic_used_as_a_line_is_an_error(worker: Worker) -> None:
    record = run(worker, "%writefile a.py")
    assert (record.status, record.ename) == ("error", "UsageError")
    assert len(errors_of(record)) == 1


def test_a_timed_cell_defines_its_names(worker: Worker) -> None:
    run(worker, "%%time\nx = 3")
    assert worker.get("x") == 3


def test_display_shows_rich_output(worker: Worker) -> None:
    record = run(worker, "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))")
    assert record.outputs[0]["output_type"] == "display_data"
    assert record.outputs[0]["data"]["text/html"] == "<b>x</b>"


def test_a_display_can_be_updated(worker: Worker) -> None:
    record = run(
        worker,
        "from IPython.display import display\n"
        "handle = display('one', display_id=True)\nhandle.update('two')",
    )
    assert [o["data"]["text/plain"] for o in record.outputs] == ["'two'"]


def test_output_can_be_cleared(worker: Worker) -> None:
    record = run(
        worker, "from IPython.display import clear_output\nprint('a')\nclear_output()\nprint('b')"
    )
    assert text_of(record) == "b\n"


def test_a_progress_bar_leaves_its_last_line(worker: Worker) -> None:
    assert text_of(run(worker, "for i in range(9): print(f'\\rstep {i}', end='')")) == "step 8"


@pytest.mark.parametrize("magic", ["", "%matplotlib inline\n"])
def test_a_figure_is_a_png(worker: Worker, magic: str) -> None:
    record = run(worker, magic + "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    (output,) = record.outputs
    assert base64.b64decode(output["data"]["image/png"]).startswith(b"\x89PNG")


def test_top_level_await_works(worker: Worker) -> None:
    assert result_of(run(worker, "import asyncio\nawait asyncio.sleep(0)\n3")) == "3"


def test_inspect_finds_a_cells_source(worker: Worker) -> None:
    run(worker, "def f():\n    return 41  # the comment")
    assert "the comment" in result_of(run(worker, "import inspect\ninspect.getsource(f)"))


def test_an_exception_has_its_traceback(worker: Worker) -> None:
    record = run(worker, "def f():\n    return 1 / 0\nf()")
    assert (record.status, record.ename, record.evalue) == (
        "error",
        "ZeroDivisionError",
        "division by zero",
    )
    (error,) = errors_of(record)
    assert "return 1 / 0" in "\n".join(error["traceback"])
    assert "\x1b" not in "\n".join(error["traceback"])


@pytest.mark.parametrize(
    ("source", "ename"),
    [
        ("def f(:", "SyntaxError"),
        ("  x = 1\n y = 2", "IndentationError"),
        ("raise ExceptionGroup('g', [ValueError(1)])", "ExceptionGroup"),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("exit()", "SystemExit"),
        ("quit", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("input('name? ')", "StdinNotImplementedError"),
        ("import getpass\ngetpass.getpass()", "StdinNotImplementedError"),
        ("breakpoint()", "StdinNotImplementedError"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_an_error_is_the_cells_alone(worker: Worker, source: str, ename: str) -> None:
    record = run(worker, source)
    assert (record.status, record.ename) == ("error", ename)
    assert errors_of(record)
    assert result_of(run(worker, "6 * 7")) == "42"


def test_an_exception_that_cannot_be_printed_is_an_error(worker: Worker) -> None:
    source = "class E(Exception):\n    def __str__(self): raise ValueError\nraise E"
    assert run(worker, source).status == "error"
    assert result_of(run(worker, "6 * 7")) == "42"


def test_refused_input_says_what_to_do(worker: Worker) -> None:
    record = run(worker, "input()")
    assert "Write the value into the cell" in record.evalue
    assert not any("_refuse_input" in line for line in errors_of(record)[0]["traceback"])


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time\ntime.sleep(30)",
        "!sleep 30",
        "import subprocess\nsubprocess.run(['sleep', '30'])",
        "import asyncio\nawait asyncio.sleep(30)",
        "while True:\n    try:\n        while True: pass\n    except Exception: pass",
        "try:\n    while True: pass\nexcept BaseException: print('caught')",
    ],
)
def test_a_cell_that_runs_too_long_is_interrupted(worker: Worker, source: str) -> None:
    record = run(worker, source, seconds=0.5)
    assert (record.status, record.ename) == ("timeout", "CellTimeout")
    assert "longer than 0.5 s" in record.evalue
    assert result_of(run(worker, "6 * 7")) == "42"


def test_an_alarm_does_not_go_off_after_its_cell(worker: Worker) -> None:
    run(worker, "x = 1", seconds=0.3)
    assert run(worker, "import time\ntime.sleep(0.6)", seconds=LONG).status == "ok"


def test_text_beyond_the_limit_is_cut_with_a_note(worker: Worker) -> None:
    record = run(worker, "print('x' * 3_000_000)")
    assert len(text_of(record)) == 2**20
    assert "1,951,425 bytes of text left out" in text_of(record, "stderr")


def test_an_endless_writer_cannot_fill_the_memory(worker: Worker) -> None:
    record = run(worker, "!yes | head -c 100000000")
    assert record.status == "ok"
    assert len(text_of(record)) == 2**20


def test_figures_beyond_the_limit_are_left_out_with_a_note(worker: Worker) -> None:
    source = (
        "from IPython.display import Image, display\nimport os\n"
        "for _ in range(4):\n    display({'image/png': 'A' * 400_000}, raw=True)"
    )
    record = run(worker, source)
    assert sum(o["output_type"] == "display_data" for o in record.outputs) == 2
    assert "2 figures or results left out" in text_of(record, "stderr")


def test_a_notebook_has_a_limit_of_its_own(pool: WorkerPool) -> None:
    limits = Limits(
        memory=2**30, processes=100, scratch=2**25, output=OutputLimits(cell=1000, notebook=2500)
    )
    with WorkerPool(limits, pool.isolation, warm=False) as small, small.worker() as worker:
        sizes = [len(text_of(run(worker, "print('x' * 5000)"))) for _ in range(4)]
        assert sizes == [1000, 1000, 500, 0]
        assert errors_of(run(worker, "1 / 0"))


def test_a_forked_process_is_heard(worker: Worker) -> None:
    source = (
        "import multiprocessing as mp\n"
        "def square(i):\n    print('in a child')\n    return i * i\n"
        "with mp.get_context('fork').Pool(2) as pool: found = pool.map(square, range(3))\nfound"
    )
    record = run(worker, source)
    assert text_of(record) == 3 * "in a child\n"
    assert result_of(record) == "[0, 1, 4]"


def test_outputs_make_a_valid_notebook(worker: Worker) -> None:
    sources = [
        "1",
        "print(1)",
        "1/0",
        "def f(:",
        "display('x')",
        "display({'a/json': 1}, raw=True)",
    ]
    cells = [
        nbformat.v4.new_code_cell(s, outputs=record.outputs, execution_count=record.execution_count)
        for s in sources
        for record in [run(worker, s)]
    ]
    made = nbformat.from_dict(nbformat.v4.new_notebook(cells=cells))
    nbformat.validate(made)


def test_a_written_module_is_imported_by_the_next_cell(worker: Worker) -> None:
    run(worker, "%%writefile mine.py\ndef f():\n    return 7")
    assert result_of(run(worker, "from mine import f\nf()")) == "7"


def test_a_module_that_was_missing_is_found_once_it_is_written(worker: Worker) -> None:
    assert run(worker, "import mine").ename == "ModuleNotFoundError"
    run(worker, "%%writefile mine.py\nvalue = 7")
    assert result_of(run(worker, "import mine\nmine.value")) == "7"


def test_a_package_in_the_notebooks_folder_is_imported(worker: Worker) -> None:
    run(worker, "!mkdir tools && echo 'value = 7' > tools/one.py")
    assert result_of(run(worker, "import tools.one\ntools.one.value")) == "7"


def test_a_script_in_the_notebooks_folder_is_run(worker: Worker) -> None:
    run(worker, "%%writefile script.py\nvalue = 7")
    assert result_of(run(worker, "%run script.py\nvalue")) == "7"
