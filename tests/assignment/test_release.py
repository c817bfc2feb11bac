"""Releases: what each grader and the learner get, the same bytes each time, and nothing more."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment, read_assignment
from autograder.release.leaks import find_leaks, fragments
from autograder.release.learner import dump, fill, solve
from autograder.release.release import Places, drift, leaks, make_learner, release
from tests.conftest import SECRET
from tests.sample import REPORT, SAMPLE


def released(course: Path, sample: Assignment, where: str) -> Places:
    places = Places(course / where)
    release(sample, places, course, SECRET)
    return places


def cells(path: Path) -> dict[str, Any]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return {c["id"]: {**c, "source": "".join(c["source"])} for c in notebook["cells"]}


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_two_releases_are_the_same_byte_for_byte(course: Path, sample: Assignment) -> None:
    first = released(course, sample, "one")
    second = released(course, sample, "two")
    assert all_bytes(first.root) == all_bytes(second.root)


def test_the_learners_notebook_has_stubs_and_public_checks(
    course: Path, sample: Assignment
) -> None:
    found = cells(released(course, sample, "out").learner("week99"))
    assert found["softmax__answer"]["source"].endswith("    ...")
    assert found["softmax__rows_sum_to_one"]["source"].startswith("@check(")


def test_a_hidden_check_leaves_its_name_and_points(course: Path, sample: Assignment) -> None:
    found = cells(released(course, sample, "out").learner("week99"))
    cell = found["softmax__survives_large_scores"]
    assert cell["source"] == 'hidden_check("softmax", "survives_large_scores", points=2)'
    assert cell["metadata"]["nbgrader"]["points"] == 2
    assert cell["metadata"]["nbgrader"]["locked"]


def test_one_notebook_names_its_assignment_to_every_grader(
    course: Path, sample: Assignment
) -> None:
    path = released(course, sample, "out").learner("week99")
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert metadata["otter"]["assignment_name"] == "week99"
    assert metadata["dlcourse"]["assignment"] == "week99"


def test_the_heading_says_what_the_question_counts(course: Path, sample: Assignment) -> None:
    found = cells(released(course, sample, "out").learner("week99"))
    text = found["softmax__heading"]["source"]
    assert text == "## Softmax\n\n*3 points: 1 public check (1), 1 hidden check (2).*"


def test_nbgraders_source_differs_in_answers_and_hidden_checks_only(
    course: Path, sample: Assignment
) -> None:
    places = released(course, sample, "out")
    learner, source = cells(places.learner("week99")), cells(places.nbgrader("week99"))
    assert list(learner) == list(source)
    different = {i for i in learner if learner[i]["source"] != source[i]["source"]}
    assert different == {
        "softmax__answer",
        "softmax__survives_large_scores",
        "parameter_count__answer",
        "parameter_count__counts_weights_and_biases",
    }


def test_otters_zip_has_every_check_and_the_package(course: Path, sample: Assignment) -> None:
    places = released(course, sample, "out")
    with zipfile.ZipFile(places.otter_zip("week99")) as archive:
        names = set(archive.namelist())
        softmax = archive.read("tests/softmax.py").decode()
    assert {"run_autograder", "otter_config.json", "files/dlcourse/check/__init__.py"} <= names
    assert "files/dlcourse/data/datasets/emoji_32.npz" in names
    assert "survives_large_scores" in softmax
    assert "reference.softmax" in softmax


def test_otters_student_folder_has_public_checks_only(course: Path, sample: Assignment) -> None:
    folder = released(course, sample, "out").otter_student("week99")
    text = (folder / "tests" / "softmax.py").read_text(encoding="utf-8")
    assert "rows_sum_to_one" in text
    assert "survives_large_scores" not in text


def test_bundles_carry_no_course_secret(course: Path, sample: Assignment) -> None:
    places = released(course, sample, "out")
    with zipfile.ZipFile(places.otter_zip("week99")) as archive:
        texts = [archive.read(n) for n in archive.namelist()]
    texts.append(places.nbgrader("week99").read_bytes())
    assert not any(SECRET.encode() in text for text in texts)


def test_another_secret_changes_hidden_inputs_only(course: Path, sample: Assignment) -> None:
    one, two = Places(course / "one"), Places(course / "two")
    release(sample, one, course, "secret 1")
    release(sample, two, course, "secret 2")
    assert one.learner("week99").read_bytes() == two.learner("week99").read_bytes()
    assert one.nbgrader("week99").read_bytes() != two.nbgrader("week99").read_bytes()


def test_a_fresh_release_shows_no_drift_and_no_leak(course: Path, sample: Assignment) -> None:
    release(sample, Places(course), course, SECRET)
    assert drift(sample, course) == []
    assert leaks(sample, course, SECRET, []) == []


def test_a_changed_source_is_drift_with_file_and_line(course: Path, sample: Assignment) -> None:
    release(sample, Places(course), course, SECRET)
    text = sample.path.read_text(encoding="utf-8")
    sample.path.write_text(text.replace("Each row must add", "A row must add"), encoding="utf-8")
    (found,) = drift(read_assignment(sample.path), course)
    assert "week99.ipynb:" in found
    assert "autograder release week99" in found


def test_a_missing_release_is_drift(course: Path, sample: Assignment) -> None:
    (found,) = drift(sample, course)
    assert "missing" in found


KEPT_BACK = [
    "e = np.exp(z - z.max(axis=1, keepdims=True))\n    return e / e.sum(axis=1, keepdims=True)",
    "    return rng.normal(0.0, 1e4, (8, 10))",
    'expect_close(answer.softmax(z), reference.softmax(z), "Large scores overflow exp.")',
    "def softmax(z):\n    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)",
]


@pytest.mark.parametrize("text", KEPT_BACK)
@pytest.mark.parametrize("form", ["notebook", "metadata", "page", "search index", "zip"])
def test_a_leak_is_found_wherever_it_stands(
    tmp_path: Path, sample: Assignment, text: str, form: str
) -> None:
    path = tmp_path / "found.ipynb"
    if form == "notebook":
        path.write_text(json.dumps({"cells": [{"source": text.splitlines(keepends=True)}]}))
    elif form == "metadata":
        path.write_text(json.dumps({"cells": [{"metadata": {"note": text}, "source": ""}]}))
    elif form == "page":
        path = path.with_suffix(".html")
        marked = text.replace("&", "&amp;").replace('"', "&quot;").replace(" = ", " <b>=</b> ")
        path.write_text(f"<pre>{marked}</pre>")
    elif form == "search index":
        path = path.with_suffix(".js")
        path.write_text(f"Search.setIndex({json.dumps({'titles': [text]})})")
    else:
        path = path.with_suffix(".zip")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.py", text)
    assert find_leaks(fragments(sample), [path])


def test_pages_may_share_one_line_with_hidden_code_but_not_two(
    tmp_path: Path, sample: Assignment
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<pre>    return rng.normal(0.0, 1e4, (8, 10))</pre>")
    assert find_leaks(fragments(sample, lines=2), [page]) == []
    page.write_text("<pre>def hidden_scores(rng):\n return rng.normal(0.0, 1e4, (8, 10))</pre>")
    assert find_leaks(fragments(sample, lines=2), [page])


def test_what_the_learner_is_shown_is_no_leak(
    tmp_path: Path, course: Path, sample: Assignment
) -> None:
    path = tmp_path / "w.ipynb"
    path.write_text(dump(make_learner(sample, {}, course)), encoding="utf-8")
    assert find_leaks(fragments(sample), [path]) == []


def test_calibration_runs_are_a_leak(tmp_path: Path, sample: Assignment) -> None:
    runs = [0.91234, 0.92345, 0.93456, 0.90123]
    evidence = {"thresholds": {"a": {"cpu": {"threshold": 0.9, "runs": {"solution": runs}}}}}
    sample.path.with_name("calibration.json").write_text(json.dumps(evidence))
    page = tmp_path / "page.html"
    page.write_text(f"<p>{json.dumps(runs)}</p>")
    assert find_leaks(fragments(sample), [page])


def test_runs_that_all_reached_the_same_give_nothing_away(
    tmp_path: Path, sample: Assignment
) -> None:
    runs = [500.00000001] * 5
    evidence = {"thresholds": {"a": {"cpu": {"threshold": 335, "runs": {"solution": runs}}}}}
    sample.path.with_name("calibration.json").write_text(json.dumps(evidence))
    page = tmp_path / "page.html"
    page.write_text(f"<p>{json.dumps(runs)}</p>")
    assert not find_leaks(fragments(sample), [page])


def test_filling_an_answer_leaves_every_other_cell(course: Path, sample: Assignment) -> None:
    learner = make_learner(sample, {}, course)
    filled = fill(learner, {"softmax": "softmax = 1"})
    changed = [a["id"] for a, b in zip(learner["cells"], filled["cells"], strict=True) if a != b]
    assert changed == ["softmax__answer"]


def test_solving_fills_every_answer(course: Path, sample: Assignment) -> None:
    solved = solve(sample, make_learner(sample, {}, course))
    assert all("..." not in c["source"] for c in solved["cells"] if c["id"].endswith("__answer"))


def test_a_question_that_only_a_person_marks_is_released(course: Path) -> None:
    path = course / "solutions" / "week99" / "week99.md"
    path.write_text(SAMPLE + REPORT, encoding="utf-8")
    places = released(course, read_assignment(path), "out")
    assert "report__error_analysis" in cells(places.learner("week99"))
    tests = places.otter_student("week99") / "tests"
    assert sorted(p.stem for p in tests.iterdir()) == ["parameter_count", "softmax"]
