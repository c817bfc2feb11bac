"""The command line as a whole: where options stand, how it ends, what an error says."""

from __future__ import annotations

import errno
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder import errors
from autograder.assignment.source import Assignment
from autograder.commands.main import main
from autograder.commands.terminal import FAILED, INTERRUPTED, OK
from autograder.errors import AutograderError


def test_root_works_before_and_after_the_commands_name(course: Path, capsys: Any) -> None:
    assert main(["--root", str(course), "release", "99"]) == OK
    assert main(["release", "99", "--check", "--root", str(course)]) == OK


def test_root_after_the_name_wins(course: Path, tmp_path: Path) -> None:
    words = ["--root", str(tmp_path / "nothing"), "release", "99", "--root", str(course)]
    assert main(words) == OK


def test_the_version_is_the_packages(capsys: Any) -> None:
    import dlcourse

    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert dlcourse.__version__ in capsys.readouterr().out


def test_an_interrupted_command_exits_with_130(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.publish.contents.contents_of", interrupt)
    words = ["contents", "1", "--out", str(course / "contents.yml"), "--root", str(course)]
    assert main(words) == INTERRUPTED == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_sentence_with_the_path(root: Path, capsys: Any) -> None:
    assert main(["contents", "1", "--out", "/dev/full", "--root", str(root)]) == FAILED
    error = capsys.readouterr().err
    assert "/dev/full" in error
    assert "disk is full" in error
    assert "Traceback" not in error


def test_a_file_in_a_folders_place_is_one_sentence_with_the_path(
    root: Path, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "contents.yml"
    assert main(["contents", "1", "--out", str(out), "--root", str(root)]) == FAILED
    error = capsys.readouterr().err
    assert str(tmp_path / "file") in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission"),
        (errno.EISDIR, "a file is needed"),
        (errno.ENOSPC, "disk is full"),
    ],
)
def test_what_the_system_refuses_is_told_with_path_and_mend(number: int, words: str) -> None:
    told = errors.explain(OSError(number, os.strerror(number), "marks.csv"), Path("out"))
    assert told.startswith("marks.csv: ")
    assert words in told


def test_an_error_without_a_path_names_the_likely_one() -> None:
    told = errors.explain(OSError(errno.ENOSPC, "No space left on device"), Path("out"))
    assert told.startswith("out: ")


def test_a_repository_at_another_forge_is_an_error_and_no_traceback(
    course: Path, sample: Assignment, capsys: Any
) -> None:
    path = course / "_config.yml"
    path.write_text("repository: {url: https://example.org/a/b, branch: main}\n")
    assert main(["release", "99", "--root", str(course)]) == FAILED
    error = capsys.readouterr().err
    assert "https://example.org/a/b" in error
    assert "Traceback" not in error


def test_a_damaged_calibration_is_an_error_and_no_traceback(
    course: Path, sample: Assignment, capsys: Any
) -> None:
    sample.path.with_name("calibration.json").write_text(json.dumps({"thresholds": [1]}))
    assert main(["release", "99", "--root", str(course)]) == FAILED
    error = capsys.readouterr().err
    assert "autograder calibrate week99" in error
    assert "Traceback" not in error


def test_verbose_shows_where_an_error_was_raised(course: Path, caplog: Any) -> None:
    main(["-v", "release", "5", "--root", str(course)])
    assert any(record.exc_info for record in caplog.records)


def test_the_tree_of_errors_names_every_class() -> None:
    for module in pkgutil.walk_packages(autograder.__path__, "autograder."):
        if not module.name.endswith(("__main__", ".seccomp", ".landlock")):
            importlib.import_module(module.name)
    known: list[type] = [AutograderError]
    for kind in known:
        known += kind.__subclasses__()
    documented = errors.__doc__ or ""
    missing = [k.__name__ for k in known if k.__name__ not in documented]
    assert missing == []


def test_no_command_compiles_the_grammar_of_addresses(course: Path) -> None:
    """It takes a second, in a package that nbformat's validator imports where it is installed."""
    code = (
        "import sys\nfrom autograder.commands.main import main\n"
        f"main(['release', '99', '--root', {str(course)!r}])\n"
        "print(sys.modules.get('rfc3987_syntax'), 'jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "None True"


def test_reading_an_assignment_imports_no_server_and_jupytext_can_follow() -> None:
    code = (
        "import sys\nimport autograder.assignment.source\nprint('jupyter_server' in sys.modules)\n"
        "import jupytext\nprint(callable(jupytext.reads), 'jupyter_server' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "True True"]
