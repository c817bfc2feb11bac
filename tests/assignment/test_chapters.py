"""Chapters as notebooks: the same code, prose that Colab and Jupyter can show."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.assignment.source import SourceError
from autograder.publish.chapters import chapter_notebooks, read_chapters, write_notebooks
from tests.conftest import ROOT

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# One
"""
COLAB = "https://colab.research.google.com/github/"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two chapters and a plain page, without the chapter that a test writes."""
    week = tmp_path / "book" / "week01"
    week.mkdir(parents=True)
    shutil.copy(ROOT / "_config.yml", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "book" / "references.bib", tmp_path / "book")
    (tmp_path / "book" / "notation.md").write_text("# Notation\n\n(signs)=\n## Signs\n")
    (week / "02_two.md").write_text(
        HEAD.replace("One", "Two") + "\n(there)=\n## There\n\n$$\ny\n$$ (eq-two)\n"
    )
    return tmp_path


def cells_of(book: Path, text: str) -> list[Any]:
    """The cells of the notebook of a chapter with this text."""
    (book / "book" / "week01" / "01_one.md").write_text(HEAD + "\n" + text)
    made = nbformat.reads(chapter_notebooks(book)["notebooks/week01/01_one.ipynb"], as_version=4)
    nbformat.validate(made)
    return list(made.cells)


def prose_of(book: Path, text: str) -> str:
    """The prose that follows the chapter's title."""
    cells = [cell.source for cell in cells_of(book, text) if cell.cell_type == "markdown"]
    return "\n\n".join(cells[1:]).removeprefix("# One").strip()


def test_the_first_code_cell_installs_the_package_where_it_is_missing(book: Path) -> None:
    first = next(cell for cell in cells_of(book, "Text.") if cell.cell_type == "code")
    assert "find_spec" in first.source
    assert '%pip install -q "dlcourse @ git+https://github.com/' in first.source


def test_packages_that_colab_lacks_are_installed_within_the_bounds_of_pages(book: Path) -> None:
    path = book / "book" / "week01" / "01_one.md"
    path.write_text(HEAD.replace("kernelspec", "requires: [optuna, mnist1d]\nkernelspec"))
    made = json.loads(chapter_notebooks(book)["notebooks/week01/01_one.ipynb"])
    first = next(cell for cell in made["cells"] if cell["cell_type"] == "code")
    lines = "".join(first["source"]).splitlines()
    for name in ("optuna", "mnist1d"):
        at = lines.index(f'if importlib.util.find_spec("{name}") is None:')
        assert lines[at + 1].startswith(f'    %pip install -q "{name}>=')


def test_a_chapter_requires_only_what_the_pages_extra_holds(book: Path) -> None:
    path = book / "book" / "week01" / "01_one.md"
    path.write_text(HEAD.replace("kernelspec", "requires: [leftpad]\nkernelspec"))
    with pytest.raises(SourceError, match=r"01_one.md:1: .*leftpad.*\[pages\]"):
        chapter_notebooks(book)


def test_code_stays_as_it_is(book: Path) -> None:
    code = "x = {'a': 1}\n# (label)= {ref}`x`\nprint(f'{x}`')"
    cells = cells_of(book, f"```{{code-cell}} ipython3\n{code}\n```\n")
    assert cells[-1].source == code
    assert cells[-1].outputs == []


def test_a_fenced_example_stays_as_it_is(book: Path) -> None:
    text = "```python\n{ref}`x`\n```"
    assert prose_of(book, text) == text


def test_code_in_a_sentence_stays_as_it_is(book: Path) -> None:
    text = "Write `[a](nowhere.md)` and ``{ref}`nowhere` ``."
    assert prose_of(book, text) == text


def test_a_box_becomes_a_quotation(book: Path) -> None:
    text = ":::{admonition} You will *see*\n:class: tip\n\n- one\n- two\n:::"
    assert prose_of(book, text) == "> **You will *see***\n>\n> - one\n> - two"


def test_boxes_nest(book: Path) -> None:
    text = "::::{note}\nOuter.\n\n:::{warning}\nInner.\n:::\n::::"
    assert prose_of(book, text) == "> **Note**\n>\n> Outer.\n>\n> > **Warning**\n> >\n> > Inner."


def test_an_answer_stays_folded(book: Path) -> None:
    text = ":::{dropdown} Answer\n$x = 1$\n:::"
    folded = "<details>\n<summary>Answer</summary>\n\n$x = 1$\n\n</details>"
    assert prose_of(book, text) == folded


def test_a_folded_cell_is_folded_in_jupyter_and_colab(book: Path) -> None:
    cells = cells_of(book, "```{code-cell} ipython3\n:tags: [hide-cell]\n1\n```\n")
    assert cells[-1].metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}


def test_a_question_hides_its_answer_and_explains_every_choice(book: Path) -> None:
    text = ":::{quiz}\nWhich?\n\n- [ ] this\n\n  No.\n- [x] that\n\n  Yes.\n:::"
    question, answer = prose_of(book, text).split("<details>")
    assert question.strip() == "**Question 1.** Which?\n\n- (a) this\n- (b) that"
    assert "**(a)** is not right. No.\n\n**(b)** is right. Yes." in answer


def test_an_interactive_figure_leads_to_the_published_page(book: Path) -> None:
    text = "```{interactive} neuron\n:name: fig-a\n:caption: Move it.\nA line.\n```"
    made = prose_of(book, text)
    assert "A line. This figure works on the [published page](https://" in made
    assert "book/week01/01_one.html)" in made
    assert made.endswith("*Figure 1.* Move it.")


def test_a_figure_of_a_cell_keeps_caption_and_number(book: Path) -> None:
    options = "---\nmystnb:\n  figure: {caption: It rises., name: fig-b}\n---"
    cells = cells_of(
        book, f"See {{numref}}`fig-b`.\n\n```{{code-cell}} ipython3\n{options}\n1\n```\n"
    )
    assert "See Figure 1." in cells[2].source
    assert cells[-1].source == "*Figure 1.* It rises."


def test_an_equation_is_numbered_and_referred_to(book: Path) -> None:
    text = "By {eq}`eq-a`:\n\n$$\nx\n$$ (eq-a)\n"
    assert prose_of(book, text) == "By (1):\n\n$$\nx\n\\tag{1}\n$$"


def test_a_reference_to_another_page_is_a_link(book: Path) -> None:
    made = prose_of(book, "See {ref}`there`, {eq}`eq-two` and {ref}`our signs <signs>`.")
    assert f"[There]({COLAB}" in made
    assert f"[(1) of Two]({COLAB}" in made
    assert "[our signs](https://" in made
    assert "book/notation.html)" in made


def test_a_link_to_a_chapter_opens_its_notebook(book: Path) -> None:
    made = prose_of(book, "See [two](02_two.md#there) and [signs](../notation.md).")
    assert re.search(rf"\[two\]\({COLAB}[^)]*/notebooks/week01/02_two\.ipynb\)", made)
    assert "book/notation.html)" in made


def test_a_role_may_run_over_the_end_of_a_line(book: Path) -> None:
    assert "Rosenblatt [1958]" in prose_of(book, "By {cite:t}`\nrosenblatt1958`.")


def test_works_cited_are_listed_at_the_end(book: Path) -> None:
    cells = cells_of(book, "Both {cite:p}`rosenblatt1958,goodfellow2016`.\n")
    assert "[Rosenblatt, 1958; Goodfellow et al., 2016]" in cells[-2].source
    assert cells[-1].source.startswith("## References\n\n- Ian Goodfellow")
    assert "10.1037/h0042519" in cells[-1].source


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Text.\n\n```{tab-set}\nx\n```", 11, "{tab-set} has no plain form"),
        ("See {abbr}`x`.", 9, "{abbr} has no plain form"),
        ("a\nb {ref}`nowhere`", 10, "labelled 'nowhere'"),
        ("{cite:p}`nobody1900`", 9, "no entry 'nobody1900'"),
        ("[x](nowhere.md)", 9, "no page book/week01/nowhere.md"),
        ("```{figure} a.png\nCaption.\n```", 9, "needs an :alt:"),
        (":::{note}\nText.", 9, "never closed"),
        (":::{note}\n\nSee {ref}`nowhere`.\n:::", 11, "labelled 'nowhere'"),
    ],
)
def test_what_has_no_plain_form_is_refused_with_its_line(
    book: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(message)) as caught:
        cells_of(book, text)
    assert caught.value.line == line


def test_a_label_belongs_to_one_page(book: Path) -> None:
    with pytest.raises(SourceError, match="also on"):
        cells_of(book, "(there)=\n## Again\n")


def test_a_plain_page_is_no_chapter(book: Path) -> None:
    assert [chapter.name for chapter in read_chapters(book)] == ["book/week01/02_two.md"]


def test_writing_twice_changes_nothing(book: Path) -> None:
    assert write_notebooks(book) == ["notebooks/week01/02_two.ipynb: written"]
    assert write_notebooks(book) == []


def test_checking_writes_nothing(book: Path) -> None:
    told = write_notebooks(book, check=True)
    assert told == ["notebooks/week01/02_two.ipynb: differs from its chapter"]
    assert not (book / "notebooks").exists()


def test_a_notebook_without_a_chapter_is_removed(book: Path) -> None:
    stale = book / "notebooks" / "week01" / "09_old.ipynb"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    told = "notebooks/week01/09_old.ipynb: has no chapter"
    assert told in write_notebooks(book, check=True)
    write_notebooks(book)
    assert not stale.exists()


# --- the real chapters ----------------------------------------------------------------------------
def test_committed_notebooks_are_those_of_the_chapters() -> None:
    assert write_notebooks(ROOT, check=True) == []


def test_a_cell_that_shows_a_figure_says_what_it_shows() -> None:
    # The site refuses an image without that, but builds only from pages that it has executed.
    blind = [
        f"{chapter.path.relative_to(ROOT)}:{line}"
        for chapter in read_chapters(ROOT)
        for cell, line in zip(chapter.notebook.cells, chapter.lines(), strict=True)
        if cell.cell_type == "code" and re.search(r"^\s*plt\.show\(", cell.source, re.MULTILINE)
        if not cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
    ]
    assert not blind


def test_committed_notebooks_have_their_chapters_code() -> None:
    for chapter in read_chapters(ROOT):
        made = json.loads((ROOT / chapter.target).read_text(encoding="utf-8"))
        code = ["".join(c["source"]) for c in made["cells"] if c["cell_type"] == "code"]
        wanted = [c.source for c in chapter.notebook.cells if c.cell_type == "code"]
        assert code[1:] == wanted, chapter.name


def test_committed_notebooks_show_no_raw_myst() -> None:
    raw = re.compile(r"^:::|^`{3,}\{|\{[a-z:-]+\}`|^\([\w-]+\)=$", re.MULTILINE)
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                assert not raw.search("".join(cell["source"])), path.name


@pytest.mark.slow
def test_a_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    from nbclient import NotebookClient

    # One is enough: the site's build executes every chapter, and the code is the same (above).
    path = ROOT / "notebooks" / "week01" / "02_neuron.ipynb"
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
