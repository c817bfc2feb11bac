"""TensorFlow and PyTorch's compiler live in one process, whichever is imported first."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TENSORFLOW = importlib.util.find_spec("tensorflow")
assert TENSORFLOW is not None
assert TENSORFLOW.origin is not None
FLAGS = Path(TENSORFLOW.origin).parent / "python" / "pywrap_dlopen_global_flags.py"

needs_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None,
    reason="triton is not installed; it comes with PyTorch's build for CUDA",
)
needs_global_flags = pytest.mark.skipif(
    not FLAGS.exists(),
    reason="this TensorFlow keeps its symbols to itself",
)

_IMPORT = re.compile(r"(import|from) \w")

STEP = """
import torch
w = torch.nn.Parameter(torch.ones(3))
optimizer = torch.optim.SGD([w], lr=0.25)
(w**2).sum().backward()
optimizer.step()
print(w.tolist())
"""


def in_a_process(code: str, **environment: str) -> str:
    """What the code prints in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"ended with {done.returncode}\n{done.stderr[-2000:]}"
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_library_loaded_later_does_not_see_the_symbols_of_tensorflow() -> None:
    in_a_process("""
import ctypes, os
import dlcourse, tensorflow
lines = open("/proc/self/maps").read().splitlines()
loaded = {line.split()[-1] for line in lines if "/tensorflow/" in line and ".so" in line}
exporting = [p for p in loaded if hasattr(ctypes.CDLL(p, mode=os.RTLD_NOLOAD), "TF_Version")]
assert exporting, sorted(loaded)
assert not hasattr(ctypes.CDLL(None), "TF_Version")
""")


@pytest.fixture
def unusable_triton(tmp_path: Path) -> str:
    """A folder with a package triton 3.7.1 that ends the process that imports it."""
    (tmp_path / "triton").mkdir()
    (tmp_path / "triton" / "__init__.py").write_text("import os; os._exit(139)")
    info = tmp_path / "triton-3.7.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: triton\nVersion: 3.7.1\n")
    return str(tmp_path)


@pytest.mark.slow
@needs_global_flags
def test_after_tensorflow_a_triton_that_would_crash_counts_as_missing(unusable_triton: str) -> None:
    code = f"""
import sys
sys.path.insert(0, {unusable_triton!r})
import tensorflow, dlcourse
try:
    import triton
except ImportError:
    print("missing")
"""
    assert in_a_process(code) == "missing"


def test_a_triton_of_another_version_is_left_alone(unusable_triton: str) -> None:
    code = f"""
import sys, types
from pathlib import Path
folder = Path({unusable_triton!r})
(folder / "triton-3.7.1.dist-info/METADATA").write_text(
    "Metadata-Version: 2.1\\nName: triton\\nVersion: 3.6.0\\n")
(folder / "triton/__init__.py").write_text("")
sys.path.insert(0, str(folder))
sys.modules["tensorflow"] = types.ModuleType("tensorflow")
sys.modules["tensorflow.python.pywrap_dlopen_global_flags"] = types.ModuleType("flags")
import dlcourse, triton
print(triton.__name__)
"""
    assert in_a_process(code) == "triton"


@needs_triton
@pytest.mark.slow
@pytest.mark.parametrize(
    "order",
    [
        "import dlcourse, tensorflow, torch",
        "import tensorflow, dlcourse, torch",
        "import torch, tensorflow, dlcourse",
        "import keras, tensorflow, torch\nfrom dlcourse.data import small_digits",
        "import torch._dynamo, tensorflow, dlcourse",
    ],
)
def test_pytorch_optimizes_beside_tensorflow_where_triton_is_installed(order: str) -> None:
    assert in_a_process(order + STEP) == "[0.5, 0.5, 0.5]"


@needs_triton
@pytest.mark.slow
def test_pytorch_does_not_take_tensorflows_substitute_for_the_cuda_library() -> None:
    code = f"import warnings\nwarnings.simplefilter('error')\nimport dlcourse, tensorflow\n{STEP}"
    assert in_a_process(code) == "[0.5, 0.5, 0.5]"


PAGES = sorted((Path(__file__).parents[2] / "book").glob("week*/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_page_with_both_frameworks_imports_dlcourse_before_tensorflow(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    imported = [line.split()[1].split(".")[0] for line in lines if _IMPORT.match(line)]
    if "torch" in imported:
        first = {name: imported.index(name) for name in reversed(imported)}
        assert first["dlcourse"] < min(first.get("keras", 999), first.get("tensorflow", 999))
