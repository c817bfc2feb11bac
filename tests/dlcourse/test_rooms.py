"""Released notebooks find what they import; the rooms are light and import in one direction."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

RELEASED = (
    "from dlcourse import check, data, detection, plots, pretrained, scenes, train",
    "from dlcourse.check import check, grade, hidden_check, measure, start, summary, threshold",
    "from dlcourse.agents.drawn_lakes import DrawnLakes",
    "from dlcourse.agents.episodes import play",
    "from dlcourse.agents.run_statistics import mean_lower_bound",
    "from dlcourse.agents.short_rail import LIMIT, ShortRails, short_rails",
    "from dlcourse.check.allowance import may_ask",
    "from dlcourse.data import digits, distort, emoji, held_out_digits, small_digits",
    "from dlcourse.data.reviews import hidden_reviews, reviews",
    "from dlcourse.data.plays import CHARACTERS, decode, encode, hidden_plays, plays",
    "from dlcourse.data.speech import RATE, WORDS, place, spoken_digits, strings_of_words",
    "from dlcourse.detection import Detections, average_precisions, suppress",
    "from dlcourse.expect import Mismatch, expect_array, expect_close",
    "from dlcourse.models.ngrams import NGrams",
    "from dlcourse.models.plays_gru import network, plays_gru",
    "from dlcourse.plots import MARKERS, colours, decision_regions, learning_curves",
    "from dlcourse.plots import network_diagram, show_images, use_style",
    "from dlcourse.pretrained import efficientnet_lite0, imagenet_names, imagenet_photographs",
    "from dlcourse.pretrained import square, vgg16_backbone",
    "from dlcourse.figures.sound import players",
    "from dlcourse.train.seeds import compare, mean_and_error, trained_from",
    "from dlcourse.serving import plain_network, reference",
    "from dlcourse.serving.over_http import converse",
    "from dlcourse.submit import submit",
)
"""What notebooks import that learners have; never shorten this list."""


@pytest.mark.parametrize("statement", RELEASED)
def test_an_import_of_a_released_notebook_works(statement: str) -> None:
    exec(statement, {})


def test_importing_every_room_imports_no_deep_learning_library() -> None:
    code = (
        "import sys, dlcourse.check, dlcourse.data.scenes, dlcourse.train, dlcourse.submit\n"
        "import dlcourse.plots, dlcourse.models.detection, dlcourse.models.pretrained\n"
        "import dlcourse.data.reviews, dlcourse.data.sealed, dlcourse.train.seeds\n"
        "import dlcourse.figures.sentiment_figures\n"
        "import dlcourse.data.plays, dlcourse.models.ngrams, dlcourse.models.plays_gru\n"
        "import dlcourse.data.speech, dlcourse.figures.sound, dlcourse.figures.speech_figures\n"
        "sys.exit(any(n in sys.modules for n in ('keras', 'tensorflow', 'torch', 'jax')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def imports(path: Path, modules: set[str]) -> set[str]:
    """The modules of the package that a file names in its imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inside & modules or {node.module}
    return found & modules


def test_no_module_imports_itself_by_way_of_others(root: Path) -> None:
    package = root / "dlcourse"
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in package.rglob("*.py")
    }
    graph = {name: imports(path, set(files)) - {name} for name, path in files.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError and names the circle
