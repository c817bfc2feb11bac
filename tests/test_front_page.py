"""What the first page shows is what the pages, the records and the sources say."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.evidence import facts
from autograder.publish.chapters import read_chapters
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_site import course_map, gallery, gallery_files, study_time
from course_site.front_page import fact
from course_site.weeks import week_of

WEEKS = [int(path.name[4:]) for path in sorted((ROOT / "book").glob("week[0-9][0-9]"))]


# --- the map --------------------------------------------------------------------------------------
def test_a_link_in_the_line_of_prerequisites_is_a_chapter_that_is_needed() -> None:
    line = "**Prerequisites:** [loss](01_loss.md), above all it; [week 1](../week01/04_x.md#part)."
    found = course_map.prerequisites("book/week02/02_backpropagation", f"# B\n\n{line}\n")
    assert found == (("book/week02/01_loss", "book/week01/04_x"), ())


def test_a_week_that_is_named_without_a_link_is_needed_as_a_whole() -> None:
    line = "**Prerequisites:** pooling (week 3); Adam from week 2; [loss](../week02/01_loss.md)."
    found = course_map.prerequisites("book/week04/01_a", line)
    assert found == (("book/week02/01_loss",), (3,))


def test_a_week_that_is_linked_is_needed_as_a_whole() -> None:
    line = "**Prerequisites:** Adam from [week 2](../week02/index.md), [loss](../week01/01_x.md)."
    found = course_map.prerequisites("book/week04/01_a", line)
    assert found == (("book/week01/01_x",), (2,))


def test_a_link_to_another_page_is_no_chapter() -> None:
    line = "**Prerequisites:** NumPy, [notation](../notation.md)."
    assert course_map.prerequisites("book/week02/01_a", line) == ((), ())


def topics() -> list[course_map.Topic]:
    return [topic for week in WEEKS for topic in course_map.topics_of(ROOT, week)]


def test_every_chapter_says_what_it_needs() -> None:
    silent = [one.name for one in topics() if not one.needs and not one.needs_weeks]
    assert silent == ["book/week01/01_what_is_deep_learning"]


def test_what_a_chapter_needs_is_there_and_comes_before_it() -> None:
    order = [one.name for one in topics()]
    for one in topics():
        for need in one.needs:
            assert order.index(need) < order.index(one.name), one.name
        assert all(week < int(one.number.partition(".")[0]) for week in one.needs_weeks), one.name


def test_topics_have_the_titles_of_their_pages() -> None:
    for one in topics():
        assert f"\n# {one.title}\n" in (ROOT / f"{one.name}.md").read_text(encoding="utf-8")


def test_the_map_has_twelve_weeks_each_with_a_title_and_with_what_it_needs() -> None:
    weeks = [
        {**week, **course_map.own_words(ROOT, week["week"])} for week in course_map.syllabus(ROOT)
    ]
    assert [week["week"] for week in weeks] == list(range(1, 13))
    assert all(week["title"] for week in weeks)
    for week in weeks[1:]:
        assert week["needs"], week
        assert max(week["needs"]) < week["week"]


def test_a_written_week_says_itself_what_it_is_called_and_needs() -> None:
    told = course_map.own_words(ROOT, 2)
    assert told == {"title": "Learning: loss, gradients, optimizers", "needs": [1]}
    assert course_map.own_words(ROOT, 99) == {}


def test_the_first_page_links_by_name_to_no_week_that_a_site_may_lack() -> None:
    text = (ROOT / "book" / "intro.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\(week(\d\d)/", text))
    assert linked == {"01"}  # a site of one week has the first; {week} links where the page is


# --- hours ----------------------------------------------------------------------------------------
PAGE = """---
kernelspec: {name: python3}
---
# Two words

See [the loss](01_loss.md) now.

```{code-cell} ipython3
---
tags: [hide-input]
---
x = first(second)
```
"""


def test_words_are_counted_in_prose_and_code_and_nowhere_else() -> None:
    assert study_time.words_of(PAGE) == 9


def test_a_week_takes_what_its_chapters_cells_and_assignment_take(tmp_path: Path) -> None:
    folder = tmp_path / "book" / "week02"
    folder.mkdir(parents=True)
    (folder / "01_a.md").write_text("word " * 238 * 30)
    (folder / "index.md").write_text("word " * 1000)
    (folder / "execution.json").write_text('{"01_a": {"processor_seconds": 120.0}}')
    (tmp_path / "book" / "facts.json").write_text('{"weeks": {"2": {"minutes": 148}}}')
    time = study_time.study_time(tmp_path, 2)
    assert (time.reading, time.running, time.assignment) == (30, 2, 148)
    assert time.hours == 3


# --- counts ---------------------------------------------------------------------------------------
def test_the_facts_are_those_of_the_assignments() -> None:
    stored = (ROOT / facts.FILE).read_text(encoding="utf-8")
    assert stored == facts.text_of(ROOT), "Run: make facts"


def test_a_release_writes_the_facts_anew(root: Path, tmp_path: Path) -> None:
    (tmp_path / "solutions").symlink_to(root / "solutions")
    (tmp_path / "book").mkdir()
    assert not facts.outdated(tmp_path)  # a course without a first page has no such file
    (tmp_path / facts.FILE).write_text("{}")
    assert facts.outdated(tmp_path)
    facts.write(tmp_path)
    assert not facts.outdated(tmp_path)


def test_a_fact_by_week_is_summed_over_the_weeks_of_the_site() -> None:
    told = {"training_runs": 7, "weeks": {"1": {"questions": 3}, "2": {"questions": 4}}}
    assert fact("questions", told, [1, 2]) == 7
    assert fact("questions", told, [1]) == 3
    assert fact("training_runs", told, [1]) == 7
    with pytest.raises(KeyError):
        fact("nothing", told, [1])


# --- the gallery ----------------------------------------------------------------------------------
ENTRIES = gallery.entries(ROOT)
RESULTS: dict[str, Any] = json.loads(
    (ROOT / gallery.FOLDER / gallery.RESULTS).read_text(encoding="utf-8")
)


def test_the_gallery_has_what_its_list_names_and_no_other_file() -> None:
    assert list(RESULTS) == [entry["name"] for entry in ENTRIES], "Run: make gallery"
    files = {part["file"] for one in RESULTS.values() for part in one["pictures"]}
    files |= {one["sound"] for one in RESULTS.values() if "sound" in one} | {gallery.RESULTS}
    assert {path.name for path in (ROOT / gallery.FOLDER).iterdir()} == files


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["name"]))
def test_a_result_is_made_by_cells_that_stand_in_its_page(entry: dict[str, Any]) -> None:
    page = next(one for one in read_chapters(ROOT) if one.name == f"{entry['page']}.md")
    cells = {gallery_files.digest(c) for c in page.notebook.cells if c.cell_type == "code"}
    missing = set(RESULTS[entry["name"]]["cells"]) - cells
    assert not missing, f"{entry['page']} has changed. Execute it, then: make gallery"


def test_every_week_with_a_result_to_show_shows_one() -> None:
    # Week 8's results are numbers and long texts, week 12's are services.
    shown = {week_of(entry["page"]) for entry in ENTRIES}
    assert shown >= set(WEEKS) - {8, 12}


def test_the_sound_is_made_of_the_data_that_ship() -> None:
    (entry,) = [one for one in ENTRIES if "sound" in one]
    stored = (ROOT / gallery.FOLDER / RESULTS[entry["name"]]["sound"]).read_bytes()
    assert stored == gallery_files.spoken_string(entry["sound"])


def executed(*outputs: dict[str, Any]) -> gallery_files.Executed:
    import nbformat

    cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output(**o) for o in outputs])
    cell.metadata["mystnb"] = {"figure": {"name": "fig-x"}}
    return gallery_files.Executed("book/week01/01_x", [cell])


def test_a_figure_that_a_page_does_not_draw_is_named() -> None:
    with pytest.raises(gallery_files.GalleryError, match="01_x draws no figure 'fig-y'"):
        executed().figure("fig-y")


def test_a_line_that_a_page_does_not_print_is_named() -> None:
    with pytest.raises(gallery_files.GalleryError, match="01_x prints nothing like"):
        executed({"output_type": "stream", "name": "stdout", "text": "a 1\n"}).printed("b (\\d)")


def test_printed_numbers_come_by_a_pattern() -> None:
    page = executed({"output_type": "stream", "name": "stdout", "text": "a 1 of 2\na 3 of 4\n"})
    assert page.printed(r"^a (\d) of (\d)")[1] == [("1", "2"), ("3", "4")]


def test_a_page_without_an_execution_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(gallery_files.GalleryError, match="has not been executed as it stands"):
        gallery_files.executed(ROOT, "book/week01/02_neuron")


def test_a_result_stays_without_an_execution_while_its_entry_and_cells_stay() -> None:
    entry = next(one for one in ENTRIES if one["name"] == "boundaries")
    result = RESULTS["boundaries"]
    assert gallery_files.still_right(entry, result, ROOT)
    assert not gallery_files.still_right({**entry, "says": "Other."}, result, ROOT)
    assert not gallery_files.still_right(entry, {**result, "cells": ["0" * 16]}, ROOT)


def test_a_result_that_an_executed_page_lacks_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    shutil.copytree(ROOT / gallery.FOLDER, tmp_path / gallery.FOLDER)
    shutil.copy(ROOT / gallery.ENTRIES, tmp_path / gallery.ENTRIES)
    monkeypatch.setattr(gallery_files, "executed", lambda _, name: gallery_files.Executed(name, []))
    monkeypatch.setattr(gallery_files, "still_right", lambda *_: True)
    with pytest.raises(gallery_files.GalleryError, match="draws no figure"):
        gallery_files.write(tmp_path)


def test_every_project_shows_a_result() -> None:
    shown = {gallery.project_of(entry["page"]) for entry in ENTRIES} - {0}
    assert shown == {int(path.name[:2]) for path in (ROOT / "book/projects").glob("[0-9]*_*.md")}


def test_a_page_of_a_week_is_no_project() -> None:
    assert gallery.project_of("book/week04/02_transfer_learning") == 0
    assert gallery.project_of("book/projects/10_capstone") == 10


def test_the_list_of_the_gallery_is_plain_data() -> None:
    assert yaml.safe_load((ROOT / gallery.ENTRIES).read_text(encoding="utf-8")) == ENTRIES
