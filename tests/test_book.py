"""What the site's build promises, shown on two small books: one whole, one full of mistakes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

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

WHOLE = {
    "01_one.md": f"{HEAD}# One\n\nIn $x$, see {{numref}}`fig-line`.\n{FIGURE}{QUESTION}{EXPLORER}",
    "02_two.md": f"{HEAD}# Two\n\n```{{code-cell}} ipython3\nimport time\ntime.sleep(1.5)\n```\n",
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
    "failing.md": (f"{HEAD}# F\n\n```{{code-cell}}\n1 / 0\n```\n", "ZeroDivisionError"),
    "warning.md": (
        f"{HEAD}# W\n\n```{{code-cell}}\nimport warnings\nwarnings.warn('old')\n```\n",
        "stderr was found",
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


def build(root: Path, jobs: int = 1) -> Build:
    """Build a book as ``make book`` does, or with several pages executed at a time."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "--all", "-W"]
    done = subprocess.run(
        [*command, "--keep-going", "-n"],
        cwd=root,
        env={**os.environ, "COURSE_SITE_JOBS": str(jobs)},
        capture_output=True,
        text=True,
    )
    return Build(root, done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr))


def small_book(root: Path, pages: dict[str, str], notebooks: bool = True) -> Path:
    """A book of a few pages with the course's own configuration and extension."""
    week = root / "book" / "week01"
    week.mkdir(parents=True)
    for name in ("_ext", "_static", "references.bib"):
        (root / "book" / name).symlink_to(ROOT / "book" / name)
    (root / "dlcourse").mkdir()
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
    made = build(root, jobs=2)
    assert made.code == 0, made.log[-3000:]
    assert "executing 2 pages, 2 at a time" in made.log
    return made


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A book of mistakes, built."""
    pages = {name: text for name, (text, _) in MISTAKES.items()}
    return build(small_book(tmp_path_factory.mktemp("mistaken"), pages), jobs=2)


@pytest.mark.slow
def test_a_mistake_fails_the_build(mistaken: Build) -> None:
    assert mistaken.code != 0


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_with_its_page(mistaken: Build, name: str) -> None:
    message = MISTAKES[name][1]
    told = [line for line in mistaken.log.splitlines() if f"book/week01/{name}" in line]
    for report in (mistaken.root / "_build/html/reports").rglob(f"{Path(name).stem}.err.log"):
        told.append(report.read_text())
    assert any(message in line for line in told), "\n".join(told)


@pytest.mark.slow
def test_a_failure_is_not_forgotten_by_the_next_build(mistaken: Build) -> None:
    assert build(mistaken.root).code != 0


@pytest.mark.slow
def test_a_page_shows_the_time_that_the_build_measured(whole: Build) -> None:
    page = whole.page("02_two.html")
    shown = re.search(r"Cells run in (\d+) s on \d+ CPU core", page)
    assert shown is not None
    assert 1.5 <= float(shown[1]) < 60


@pytest.mark.slow
def test_a_week_is_a_link_where_the_site_has_it(whole: Build) -> None:
    sentence = re.search(r"Weeks .*? and .*?\.</p>", whole.page("index.html"))
    assert sentence is not None
    assert re.search(r"<a [^>]*><span[^>]*>1</span></a> and 9\.", sentence[0])


@pytest.mark.slow
def test_a_week_lists_its_chapters_with_the_same_times(whole: Build) -> None:
    time = re.search(r"Cells run in (\d+ s) on", whole.page("02_two.html"))
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
def test_an_unchanged_page_is_not_executed_again(whole: Build) -> None:
    assert "Using cached notebook" in build(whole.root).log


@pytest.mark.slow
def test_a_change_of_the_package_executes_pages_again(whole: Build) -> None:
    (whole.root / "dlcourse" / "plots.py").write_text("COLOUR = 'blue'\n")
    log = build(whole.root).log
    assert "Executed notebook" in log
    assert "Using cached notebook" not in log


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
