"""What a running command tells a monitor and a log."""

from __future__ import annotations

import json
import logging
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from autograder.commands.main import main
from autograder.commands.terminal import OK
from autograder.errors import CommandError
from autograder.grading.batch import Progress
from autograder.grading.results import GradedSubmission, Status
from autograder.report.event_log import event_log
from autograder.report.metrics import Metrics, served
from tests.conftest import SECRET
from tests.harness.course import hand_in, small_course
from tests.sample import SAMPLE


def result(status: Status = Status.GRADED, seconds: float = 1.5, **fields: Any) -> GradedSubmission:
    reason = "the notebook printed a secret"
    made = GradedSubmission("ana", Path("ana.ipynb"), status, reason, (), seconds, "cpu", "strict")
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def step(graded: GradedSubmission, *, resumed: bool = False) -> Progress:
    return Progress(graded, done=1, total=1, resumed=resumed)


def scraped(port: int) -> dict[tuple[str, str], float]:
    """What the port serves: the value of each sample by its name and its ``status``."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return {
        (sample.name, sample.labels.get("status", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("source", "run") == "run"
    }


class Pool:
    """A pool of which two numbers are known."""

    peak_memory = 3 * 2**30
    respawned = 1


def test_results_are_counted_by_status() -> None:
    metrics = Metrics("week99", "cpu")
    metrics.count(step(result()))
    metrics.count(step(result(Status.LOST)))
    metrics.count(step(result(), resumed=True))
    with served(metrics, 0) as port:
        found = scraped(port)
    assert found["autograder_submissions_total", "graded"] == 1
    assert found["autograder_submissions_total", "lost"] == 1
    assert found["autograder_submissions_total", "stopped"] == 0


def test_only_what_ran_is_timed() -> None:
    metrics = Metrics("week99", "cpu")
    metrics.count(step(result(seconds=1.5)))
    metrics.count(step(result(seconds=90), resumed=True))
    with served(metrics, 0) as port:
        found = scraped(port)
    assert found["autograder_submission_seconds_count", ""] == 1
    assert found["autograder_submission_seconds_sum", ""] == 1.5


def test_a_busy_machine_and_a_full_gpu_are_counted() -> None:
    metrics = Metrics("week99", "gpu")
    metrics.count(step(result(starved=True)))
    metrics.count(step(result(gpu_out_of_memory=True)))
    with served(metrics, 0) as port:
        found = scraped(port)
    assert found["autograder_starved_total", ""] == 1
    assert found["autograder_gpu_out_of_memory_total", ""] == 1


def test_queue_and_memory_are_asked_at_each_scrape() -> None:
    metrics, waiting = Metrics("week99", "cpu"), [4, 3]
    metrics.of_pool(Pool())
    metrics.waiting(lambda: waiting.pop())
    with served(metrics, 0) as port:
        first, second = scraped(port), scraped(port)
    assert (first["autograder_waiting", ""], second["autograder_waiting", ""]) == (3, 4)
    assert first["autograder_worker_peak_memory_bytes", ""] == 3 * 2**30
    assert first["autograder_zygotes_replaced", ""] == 1


def test_metrics_are_served_on_this_machine_alone() -> None:
    with served(Metrics("week99", "cpu"), 0) as port:
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))  # it would be taken if all addresses were
        assert scraped(port)


def test_a_port_that_is_taken_is_an_error_that_names_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(CommandError, match=f"port {port} of 127.0.0.1.*--metrics"),
            served(Metrics("week99", "cpu"), port),
        ):
            pass


def test_the_port_is_free_again_afterwards() -> None:
    with served(Metrics("week99", "cpu"), 0) as port:
        pass
    with served(Metrics("week99", "cpu"), port) as again:
        assert again == port


def test_a_log_holds_results_and_warnings_and_no_reason(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "grade.jsonl"
    with event_log(path, "week99") as log:
        log(step(result()))
        logging.getLogger("autograder.workers").warning("a worker was lost")
        logging.getLogger("autograder.workers").info("a worker was forked")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["result", "a worker was lost"]
    assert lines[0] | {"learner": "ana", "status": "graded", "seconds": 1.5} == lines[0]
    assert lines[1]["level"] == "WARNING"
    assert {line["assignment"] for line in lines} == {"week99"}
    assert "secret" not in path.read_text()


def test_results_do_not_reach_other_logs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), event_log(tmp_path / "log", "week99") as log:
        log(step(result()))
    assert caplog.records == []


def test_nothing_is_logged_once_a_log_is_closed(tmp_path: Path) -> None:
    with event_log(tmp_path / "log", "week99"):
        pass
    logging.getLogger("autograder.workers").warning("too late")
    assert (tmp_path / "log").read_text() == ""


def test_a_log_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"{tmp_path}: no log"), event_log(tmp_path, "week99"):
        pass


@pytest.mark.slow
def test_grade_serves_and_logs_what_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    source = tmp_path / "week99.md"
    source.write_text(SAMPLE, encoding="utf-8")
    made = small_course(source, tmp_path / "course")
    hand_in({"ana": made.solved}, tmp_path / "class")
    seen: list[dict[tuple[str, str], float]] = []
    count = Metrics.count

    def count_and_scrape(metrics: Metrics, one: Progress) -> None:
        count(metrics, one)
        said = capsys.readouterr().out
        seen.append(scraped(int(said.split("http://127.0.0.1:")[1].split("/")[0])))

    monkeypatch.setattr(Metrics, "count", count_and_scrape)
    words = ["--root", str(made.root), "grade", "99", str(tmp_path / "class")]
    words += ["--out", str(tmp_path / "out"), "--metrics", "0", "--log", str(tmp_path / "log")]
    assert main(words) == OK
    assert seen[0]["autograder_submissions_total", "graded"] == 1
    assert ("autograder_worker_peak_memory_bytes", "") in seen[0]
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert json.loads(line)["marks"] == 5
