"""What the site's build promises, shown on two small books: one whole, one full of mistakes."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from nbformat.v4 import new_output

from autograder.course.repository import Repository
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
"""

FIGURE = """
```{code-cell} ipython3
---
mystnb:
  image: {alt: "A line that rises from 1 to 2."}
  figure: {caption: "It rises.", name: fig-line}
---
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 2])
plt.show()
```
"""

QUESTION = """
:::{quiz}
How much is $1 + 1$?

- [x] 2

  One and one.
- [ ] 11

  These are digits side by side.
:::
"""

EXPLORER = """
```{interactive} neuron
:name: fig-explorer
:caption: Move the weights.
A line parts the plane in two.
```
"""

# Uses 1.5 seconds of the processor, and a module of the course.
BUSY = """
```{code-cell} ipython3
import time

from dlcourse import plots

while time.process_time() < 1.5 + plots.BEGINNING:
    pass
```
"""

WHOLE = {
    "01_one.md": f"{HEAD}# One\n\nIn $x$, see {{numref}}`fig-line`.\n{FIGURE}{QUESTION}{EXPLORER}",
    "02_two.md": f"{HEAD}# Two\n{BUSY}",
    "index.md": "# Week\n\n```{chapters}\n```\n\nThe second runs {run-time}`02_two`.\n\n"
    "```{assignment} week01\n```\n\nWeeks {week}`1` and {week}`9`.\n",
}

ASSIGNMENT = {
    "cells": [
        {"metadata": {}},
        {"metadata": {"nbgrader": {"solution": True}}},
        {"metadata": {"nbgrader": {"solution": False, "points": 1}}},
        {"metadata": {"nbgrader": {"solution": False, "points": 1.5}}},
        {"metadata": {"nbgrader": {"solution": True}}},
    ]
}

MISTAKES = {
    "failing.md": (
        f"{HEAD}# F\n\n```{{code-cell}}\n1 / 0\n```\n",
        "failing.md:9: WARNING: the cell failed: ZeroDivisionError",
    ),
    "warning.md": (
        f"{HEAD}# W\n\n```{{code-cell}}\nimport warnings\nwarnings.warn('old')\n```\n",
        "warning.md:9: WARNING: the cell warns on stderr",
    ),
    "told.md": (
        f"{HEAD}# T\n\n```{{code-cell}}\nprint('x')\nprint('WARNING:tensorflow:5 out of 5')\n```\n",
        "told.md:9: WARNING: the cell warns on stdout: WARNING:tensorflow:5 out of 5",
    ),
    "compiled.md": (
        f"{HEAD}# C\n\n```{{code-cell}}\nimport os\n"
        "os.write(2, b'W0000 00:00:1764400000.1 4 loop.cc:3] slow\\n');\n```\n",
        "compiled code warns while cells run: W0000",
    ),
    "hidden.md": (
        f"{HEAD}# H\n\n```{{code-cell}}\nimport importlib\n"
        "importlib.import_module('dlcourse.plots');\n```\n",
        "dlcourse.plots ran, and no import statement names it",
    ),
    "blind.md": (
        f"{HEAD}# B\n" + FIGURE.replace('  image: {alt: "A line that rises from 1 to 2."}\n', ""),
        "no alternative text",
    ),
    "raw.md": ('# R\n\n```{raw} html\n<img src="x.png" alt=" ">\n```\n', "no alternative text"),
    "silent.md": (
        "# S\n" + QUESTION.replace("  These are digits side by side.\n", ""),
        "the choice '11' has no explanation",
    ),
    "wrong.md": ("# Q\n" + QUESTION.replace("[x]", "[ ]"), "mark the right choice"),
    "figure.md": (
        "# I\n\n```{interactive} nothing\n:caption: C\nText.\n```\n",
        "no figure 'nothing'",
    ),
    "bare.md": ("# J\n\n```{interactive} neuron\n:caption: C\n```\n", "what the reader would see"),
    "link.md": ("# L\n\n[there](nowhere.md)\n", "nowhere.md"),
    "colab.md": ("# C\n\n{colab}`it <assignments/none.ipynb>`\n", "none.ipynb does not exist"),
    "work.md": ("# A\n\n```{assignment} week77\n```\n", "no assignments/week77/week77.ipynb"),
    "citation.md": ("# K\n\n{cite:p}`nobody1900`\n", "nobody1900"),
}


@dataclass(frozen=True)
class Build:
    """A build: where it was made, how it ended, what it said."""

    root: Path
    code: int
    log: str

    def page(self, name: str) -> str:
        """The HTML of a page."""
        return (self.root / "_build/html/book/week01" / name).read_text(encoding="utf-8")


def start(root: Path, cache: Path, **environment: str) -> subprocess.Popen[str]:
    """Begin to build a book as ``make book`` does, with a cache of executed pages."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "--all", "-W"]
    return subprocess.Popen(
        [*command, "--keep-going", "-n"],
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "COURSE_SITE_JOBS": "2", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def build(root: Path, cache: Path | None = None, **environment: str) -> Build:
    """Build a book; its cache of executed pages lies in its own folder, or is another's."""
    process = start(root, cache or root / "cache", **environment)
    log, _ = process.communicate()
    return Build(root, process.returncode, re.sub(r"\x1b\[[0-9;]*m", "", log))


def small_book(root: Path, pages: dict[str, str], notebooks: bool = True) -> Path:
    """A book of a few pages with the course's own configuration and extension."""
    week = root / "book" / "week01"
    week.mkdir(parents=True)
    for name in ("_ext", "_static", "references.bib"):
        (root / "book" / name).symlink_to(ROOT / "book" / name)
    (root / "dlcourse").mkdir()
    (root / "dlcourse" / "__init__.py").write_text("")
    (root / "dlcourse" / "plots.py").write_text("import time\n\nBEGINNING = time.process_time()\n")
    (root / "_config.yml").write_text((ROOT / "_config.yml").read_text())
    (root / "book" / "intro.md").write_text("# Book\n")
    for name, text in pages.items():
        (week / name).write_text(text)
        if notebooks and text.startswith(HEAD):
            target = (root / "notebooks" / "week01" / name).with_suffix(".ipynb")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("{}")
    files = [{"file": f"book/week01/{name.removesuffix('.md')}"} for name in sorted(pages)]
    toc = {"format": "jb-book", "root": "book/intro", "chapters": files}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc))
    return root


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A book without mistakes, built."""
    root = small_book(tmp_path_factory.mktemp("whole"), WHOLE)
    (root / "assignments" / "week01").mkdir(parents=True)
    (root / "assignments" / "week01" / "week01.ipynb").write_text(json.dumps(ASSIGNMENT))
    made = build(root)
    assert made.code == 0, made.log[-3000:]
    assert "executing 2 pages, 2 at a time" in made.log
    return made


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A book of mistakes, built."""
    pages = {name: text for name, (text, _) in MISTAKES.items()}
    return build(small_book(tmp_path_factory.mktemp("mistaken"), pages))


@pytest.mark.slow
def test_a_mistake_fails_the_build(mistaken: Build) -> None:
    assert mistaken.code != 0


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_with_its_page(mistaken: Build, name: str) -> None:
    message = MISTAKES[name][1]
    told = [line for line in mistaken.log.splitlines() if f"book/week01/{name}" in line]
    assert any(message in line for line in told), "\n".join(told)


@pytest.mark.slow
def test_a_failure_is_not_forgotten_by_the_next_build(mistaken: Build) -> None:
    assert build(mistaken.root).code != 0


@pytest.mark.slow
def test_a_page_shows_the_processor_time_that_was_measured(whole: Build) -> None:
    shown = re.search(r"Cells run in (\d+) s of processor time<", whole.page("02_two.html"))
    assert shown is not None
    assert 1.5 <= float(shown[1]) <= 4


@pytest.mark.slow
def test_nothing_but_the_extension_executes_pages(whole: Build, mistaken: Build) -> None:
    assert "Executing notebook" not in whole.log + mistaken.log


@pytest.mark.slow
def test_a_build_tells_of_each_page_that_it_executed(whole: Build) -> None:
    lines = re.findall(r"executed (\S+) in \d+ s, .*\((\d) of 2\)", whole.log)
    assert sorted(name for name, _ in lines) == ["book/week01/01_one", "book/week01/02_two"]
    assert [count for _, count in lines] == ["1", "2"]


@pytest.mark.slow
def test_a_week_is_a_link_where_the_site_has_it(whole: Build) -> None:
    sentence = re.search(r"Weeks .*? and .*?\.</p>", whole.page("index.html"))
    assert sentence is not None
    assert re.search(r"<a [^>]*><span[^>]*>1</span></a> and 9\.", sentence[0])


@pytest.mark.slow
def test_a_week_lists_its_chapters_with_the_same_times(whole: Build) -> None:
    time = re.search(r"Cells run in (\d+ s) of", whole.page("02_two.html"))
    assert time is not None
    week = whole.page("index.html")
    assert f"The second runs {time[1]}." in week
    row = re.search(r">Two</a></p></td>\s*<td><p>([^<]*)</p>", week)
    assert row is not None
    assert row[1] == time[1]


@pytest.mark.slow
def test_a_chapter_opens_its_notebook_in_colab(whole: Build) -> None:
    repository = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]
    name = repository["url"].removeprefix("https://github.com/")
    branch = repository["branch"]
    wanted = f"colab.research.google.com/github/{name}/blob/{branch}/notebooks/week01/01_one.ipynb"
    assert wanted in whole.page("01_one.html")


@pytest.mark.slow
def test_a_chapter_offers_its_notebook_for_download(whole: Build) -> None:
    assert 'href="../../notebooks/week01/01_one.ipynb"' in whole.page("01_one.html")
    assert (whole.root / "_build/html/notebooks/week01/01_one.ipynb").is_file()


@pytest.mark.slow
def test_a_week_says_how_large_its_assignment_is(whole: Build) -> None:
    page = whole.page("index.html")
    assert "2 questions, 2.5 points in all." in page
    assert 'href="../../assignments/week01/week01.ipynb"' in page
    assert (whole.root / "_build/html/assignments/week01/week01.ipynb").is_file()


@pytest.mark.slow
def test_a_drawn_figure_has_the_text_that_its_cell_gives(whole: Build) -> None:
    assert 'alt="A line that rises from 1 to 2."' in whole.page("01_one.html")


@pytest.mark.slow
def test_scripts_come_with_the_pages_that_need_them(whole: Build) -> None:
    page = whole.page("01_one.html")
    assert 0 < page.index("figure_parts.js") < page.index("interactive/neuron.js")
    assert "quiz.js" in whole.page("01_one.html")
    assert "interactive/neuron.js" not in whole.page("02_two.html")


@pytest.mark.slow
def test_a_second_clone_executes_nothing_and_shows_the_same(whole: Build, tmp_path: Path) -> None:
    clone = small_book(tmp_path, WHOLE)
    shutil.copytree(whole.root / "assignments", clone / "assignments")
    made = build(clone, cache=whole.root / "cache")
    assert made.code == 0, made.log[-3000:]
    assert "2 from the cache, 0 to execute" in made.log
    assert made.page("02_two.html") == whole.page("02_two.html")


@pytest.mark.slow
def test_a_change_of_a_module_executes_the_pages_that_import_it(
    whole: Build, tmp_path: Path
) -> None:
    clone = small_book(tmp_path, {name: WHOLE[name] for name in ("01_one.md", "02_two.md")})
    with (clone / "dlcourse" / "plots.py").open("a") as stream:
        stream.write("COLOUR = 'blue'\n")
    log = build(clone, cache=whole.root / "cache").log
    assert "1 from the cache, 1 to execute" in log
    assert "executed book/week01/02_two in" in log


def library(folder: Path, version: str) -> str:
    """A folder with one library, ``shapes``, of some version."""
    installed = folder / version
    (installed / "shapes.dist-info").mkdir(parents=True)
    (installed / "shapes.py").write_text(f"CORNERS = '{version}'\n")
    (installed / "shapes.dist-info" / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: shapes\nVersion: {version}\n"
    )
    (installed / "shapes.dist-info" / "top_level.txt").write_text("shapes\n")
    return str(installed)


@pytest.mark.slow
def test_another_version_of_a_library_executes_the_pages_that_import_it(tmp_path: Path) -> None:
    page = f"{HEAD}# S\n\n```{{code-cell}}\nimport shapes\nprint(shapes.CORNERS)\n```\n"
    plain = f"{HEAD}# P\n\n```{{code-cell}}\nprint(1)\n```\n"
    root = small_book(tmp_path / "book", {"plain.md": plain, "shapes.md": page})
    assert build(root, PYTHONPATH=library(tmp_path, "1.0")).code == 0
    made = build(root, PYTHONPATH=library(tmp_path, "2.0"))
    assert "1 from the cache, 1 to execute" in made.log
    assert "2.0" in made.page("shapes.html")


def test_a_page_with_keras_rests_on_what_keras_computes_with(tmp_path: Path) -> None:
    from course_site.pages import library_versions, read_page

    text = f"{HEAD}# K\n\n```{{code-cell}}\n%matplotlib inline\nfrom keras import layers\n```\n"
    page = read_page(small_book(tmp_path, {"k.md": text}), "book/week01/k")
    assert page is not None
    assert {"keras", "tensorflow", "numpy"} <= library_versions(page).keys()


@pytest.mark.slow
def test_two_builds_at_the_same_time_execute_a_page_once(tmp_path: Path) -> None:
    page = f"{HEAD}# S\n\n```{{code-cell}}\n" + (
        "import os\nimport time\n\n"
        "with open(os.environ['MARKS'], 'a') as stream:\n    stream.write('.')\n"
        "time.sleep(3)\n```\n"
    )
    roots = [small_book(tmp_path / name, {"slow.md": page}) for name in ("a", "b")]
    marks = tmp_path / "marks"
    builds = [start(root, tmp_path / "cache", MARKS=str(marks)) for root in roots]
    logs = [process.communicate()[0] for process in builds]
    assert [process.returncode for process in builds] == [0, 0], logs
    assert marks.read_text() == "."


def test_a_damaged_file_of_the_cache_is_a_page_that_it_lacks(tmp_path: Path) -> None:
    from course_site.page_cache import PageCache

    (tmp_path / "a.json").write_text('{"notebook": {"cells": [')
    assert PageCache(tmp_path).get("a") is None


def test_the_cache_removes_what_was_used_the_longest_ago(tmp_path: Path) -> None:
    from course_site.page_cache import PageCache

    for age, name in enumerate(("new", "middle", "old")):
        path = tmp_path / f"{name}.json"
        path.write_text(" " * 100)
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    PageCache(tmp_path).prune(largest=250)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["middle", "new"]


def test_outputs_are_shown_with_the_caption_that_the_page_has_now(tmp_path: Path) -> None:
    from course_site.execution import with_outputs
    from course_site.pages import read_page

    root = small_book(tmp_path, {"01_one.md": WHOLE["01_one.md"]})
    page = read_page(root, "book/week01/01_one")
    assert page is not None
    ran = copy.deepcopy(page.notebook)
    output = new_output("stream", text="ran")
    for cell in ran.cells:
        cell.metadata = {"mystnb": {"figure": {"caption": "An older one.", "name": "fig-older"}}}
        cell.outputs = [output]
    shown = [c for c in with_outputs(page, ran).cells if c.cell_type == "code"]
    assert [cell.outputs for cell in shown] == [[output]] * len(shown)
    assert [c.metadata for c in shown] == [
        c.metadata for c in page.notebook.cells if c.cell_type == "code"
    ]


RECORD = {"02_two": {"date": "2026-11-01", "seconds": 30.2, "processor_seconds": 41.3}}


@pytest.fixture(scope="module")
def unexecuted(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A book without mistakes, built where no page may be executed, with a record of one page."""
    pages = {name: WHOLE[name] for name in ("01_one.md", "02_two.md")}
    root = small_book(tmp_path_factory.mktemp("unexecuted"), pages)
    (root / "book" / "week01" / "execution.json").write_text(json.dumps(RECORD))
    return build(root, COURSE_SITE_EXECUTE="")


@pytest.mark.slow
def test_a_site_builds_without_executing_pages(unexecuted: Build) -> None:
    assert unexecuted.code == 0, unexecuted.log[-3000:]
    assert "0 to execute, 2 left without" in unexecuted.log


@pytest.mark.slow
def test_a_page_that_is_not_executed_shows_what_its_record_says(unexecuted: Build) -> None:
    assert (
        "Cells run in 41 s of processor time (executed: 2026-11-01, not in this build)"
        in unexecuted.page("02_two.html")
    )


@pytest.mark.slow
def test_a_figure_that_is_not_drawn_has_its_caption_and_its_number(unexecuted: Build) -> None:
    page = unexecuted.page("01_one.html")
    assert "This figure is drawn when the page is executed." in page
    assert re.search(r"see <a [^>]*><span[^>]*>Fig. 1</span></a>", page)
    assert "It rises." in page


@pytest.mark.slow
def test_only_the_pages_named_are_executed(tmp_path: Path) -> None:
    root = small_book(tmp_path, {name: WHOLE[name] for name in ("01_one.md", "02_two.md")})
    made = build(root, COURSE_SITE_EXECUTE="book/week01/01_one,book/week01/03_three")
    assert "1 to execute, 1 left without" in made.log
    assert "executed book/week01/01_one in" in made.log


@pytest.mark.parametrize(
    "line",
    [
        "WARNING:tensorflow:5 out of the last 5 calls triggered retracing.",
        "WARNING:absl:You are saving your model as an HDF5 file.",
        "W0000 00:00:1764400000.123456    4242 loop.cc:12] slow",
        "2026-11-29 10:00:00.123456: W tensorflow/core/x.cc:1] slow",
        "cell.py:3: UserWarning: old",
        "DeprecationWarning: old",
        "[W 2026-11-29 10:00:00,123] Trial 0 failed",
    ],
)
def test_the_forms_in_which_libraries_warn_are_known(line: str) -> None:
    from course_site.kernel import warning_lines

    assert warning_lines(f"Epoch 1\n{line}\nEpoch 2\n") == [line]


def test_what_a_kernels_event_loop_logs_is_no_problem_of_the_page() -> None:
    from course_site.kernel import Problem
    from course_site.side_by_side import about_the_page

    start = "compiled code warns while cells run: "
    loop = Problem(0, f"{start}ERROR:tornado.general:Uncaught exception in ZMQStream callback")
    slow = Problem(0, f"{start}W0000 00:00:1764400000.1 4 loop.cc:3] slow")
    assert about_the_page([loop, slow]) == (slow,)


@pytest.mark.parametrize(
    "line",
    ["accuracy 0.91", "W: 3 x 4", "Which warning: none", "I0000 00:00:1764400000.1 4 x.cc:1] fine"],
)
def test_ordinary_output_is_no_warning(line: str) -> None:
    from course_site.kernel import warning_lines

    assert warning_lines(line) == []


def test_a_question_is_read_with_its_choices() -> None:
    from course_site.quiz import Choice, parse_question

    question = parse_question(QUESTION.replace(":::{quiz}\n", "").replace(":::", ""))
    assert question.text == "How much is $1 + 1$?"
    assert question.choices == (
        Choice("2", True, "One and one."),
        Choice("11", False, "These are digits side by side."),
    )
    assert not question.several


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("- [x] a\n\n  b\n- [ ] c\n\n  d\n", "question itself is missing"),
        ("Why?\n\n- [x] a\n\n  b\n", "at least two choices"),
        ("Why?\n\n- [ ] a\n\n  b\n- [ ] c\n\n  d\n", "mark the right choice"),
        ("Why?\n\n- [x] a\n- [ ] c\n\n  d\n", "'a' has no explanation"),
    ],
)
def test_a_question_without_a_part_is_refused(source: str, message: str) -> None:
    from course_site.quiz import parse_question

    with pytest.raises(ValueError, match=message):
        parse_question(source)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "not measured"), (0.4, "under a second"), (23.4, "23 s"), (125.0, "2 min 5 s")],
)
def test_a_time_is_told_in_words(seconds: float | None, words: str) -> None:
    from course_site.run_times import in_words

    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("html", "lacking"),
    [
        ('<img src="a.png">', True),
        ('<img src="a.png" alt="">', True),
        ('<img src="a.png" alt="A cat.">', False),
        ("<p>none</p>", False),
    ],
)
def test_an_image_needs_alternative_text(html: str, lacking: bool) -> None:
    from course_site.alt_text import lacks_alt

    assert lacks_alt(html) is lacking


def test_colab_opens_only_repositories_on_github() -> None:
    from course_site.launch import colab_url

    with pytest.raises(ValueError, match="only from"):
        colab_url("https://example.org/a/b", "main", "x.ipynb")


def test_every_page_of_the_book_is_in_the_table_of_contents() -> None:
    named = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text())
    pages = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "book").rglob("*.md")]
    assert sorted(named) == sorted(p.as_posix() for p in pages if not p.parts[1].startswith("_"))


def test_mathjax_lies_in_the_repository_unchanged() -> None:
    folder = ROOT / "book" / "_static" / "mathjax"
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "README.md":
            state.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    assert state.hexdigest()[:16] == "86651d42b8fec723"


FONTS_ARE_LISTED = """```{code-cell} ipython3
from pathlib import Path

import matplotlib

assert list(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))
```
"""


@pytest.mark.slow
def test_in_a_new_home_no_page_waits_and_warns_while_matplotlib_lists_the_fonts(
    tmp_path: Path,
) -> None:
    root = small_book(tmp_path, {"01_fonts.md": HEAD + "# Fonts\n\n" + FONTS_ARE_LISTED})
    made = build(root, MPLCONFIGDIR=str(tmp_path / "new"))
    assert made.code == 0, made.log[-3000:]


@pytest.mark.parametrize("path", ["notebooks/week01/02_neuron.ipynb", "notebooks/a b/c#d.ipynb"])
def test_pages_and_notebooks_lead_to_the_same_place_in_colab(path: str) -> None:
    """The site is built without the grader's package, so each has its own line for it."""
    from course_site.launch import colab_url

    repository = Repository("https://github.com/owner/name.git", "some/branch")
    assert colab_url(repository.url, repository.branch, path) == repository.colab(path)


def test_pages_that_are_executed_side_by_side_share_the_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from course_site import side_by_side

    monkeypatch.setattr(side_by_side, "_cores", lambda: 8)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    side_by_side.share_cores(2)
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
    side_by_side.share_cores(8)  # whoever set it is obeyed
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
