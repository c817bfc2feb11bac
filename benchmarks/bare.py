"""Run notebooks' code cells with no grader at all, and print how long each took, as JSON.

    python -m benchmarks.bare NOTEBOOK ...

The cells run in IPython, one after another, in a namespace and a scratch folder of each notebook's
own. Figures are drawn and not rendered; the cell that hands in is left out, as in grading.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# The cell that hands in, which grading leaves out too. Importing its list would take time.
_NOT_RUN = "submit"


def main(argv: Sequence[str]) -> int:
    """Run the notebooks."""
    os.environ["MPLBACKEND"] = "agg"
    notebooks = [json.loads(Path(name).read_text(encoding="utf-8")) for name in argv]
    seconds = []
    for notebook in notebooks:
        # A folder of its own: training leaves files there, from which another run would go on.
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            seconds.append(_run(notebook))
            os.chdir("/")
    print(json.dumps({"seconds": seconds}))
    return 0


def _run(notebook: dict[str, object]) -> float:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    cells = notebook["cells"]
    assert isinstance(cells, list)
    began = time.monotonic()
    for cell in cells:
        if cell["cell_type"] != "code" or cell["id"] == _NOT_RUN:
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            done = shell.run_cell("".join(cell["source"]))
        done.raise_error()
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
