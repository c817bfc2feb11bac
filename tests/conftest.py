"""A small course in a scratch folder, the real repository's root, and its site.

Building the site takes minutes, so it goes on beside tests that do not need it; those that do come
last, and those that must run alone come first.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.assignment.source import Assignment, read_assignment
from autograder.evidence.pages import pages_to_repeat
from tests.sample import SAMPLE

# No property is judged by how long one example takes on this machine.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a secret for tests"
SITE = ROOT / "_build" / "html"
BUILD_SECONDS = 1800


class SiteBuild:
    """A build of the real site in processes of its own.

    Pages come from the user's cache of executed pages. Of those that it lacks, some are executed,
    or all with ``everything``; the others are shown as they are, without outputs.
    """

    def __init__(self, everything: bool) -> None:
        shutil.rmtree(SITE, ignore_errors=True)  # no page of an earlier build
        builder = Path(sys.executable).with_name("jupyter-book")
        self.repeated = ",".join(pages_to_repeat(ROOT))
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self.process = subprocess.Popen(
            ["nice", "-n", "5", str(builder), "build", ".", "--all", "-W", "--keep-going", "-n"],
            cwd=ROOT,
            env={**os.environ, **({} if everything else {"COURSE_SITE_EXECUTE": self.repeated})},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self, tell: Callable[[str], None]) -> str:
        """Wait for its end; what it complained of, nothing where it succeeded.

        ``tell`` gets a line a minute.
        """
        for _ in range(BUILD_SECONDS // 60):
            with suppress(subprocess.TimeoutExpired):
                if self.process.wait(60) == 0:
                    return ""
                told = [line for line in self.lines() if "WARNING" in line or "rror" in line]
                return "\n".join(told or self.lines()[-20:])
            tell(f"waiting for the site's build: {[*self.lines(), ''][-1]}")
        return f"no end after {BUILD_SECONDS} s:\n" + "\n".join(self.lines()[-20:])

    def lines(self) -> list[str]:
        """What it has printed."""
        size = os.fstat(self.log.fileno()).st_size
        text = os.pread(self.log.fileno(), size, 0).decode(errors="replace")
        return [line for line in re.split(r"[\r\n]+", text) if line.strip()]

    def end(self) -> None:
        """Leave nothing of it behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


BUILD = pytest.StashKey[SiteBuild]()
# Tests that judge how long hostile or killed processes take: nothing else should run meanwhile.
ALONE = {"attacks", "faults", "sandbox"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the whole of the suite be asked for."""
    parser.addoption(
        "--everything",
        action="store_true",
        help="also run what only whoever publishes needs: all attacks at both levels, kills, "
        "every page in every view, all records made anew",
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say at the start what is left out."""
    if config.getoption("--everything"):
        return []
    return ["exhaustive tests are left out: --everything (make test-all) runs them too"]


@pytest.fixture(scope="session")
def everything(request: pytest.FixtureRequest) -> bool:
    """Whether a test that otherwise draws a part of its cases has to take all of them."""
    return bool(request.config.getoption("--everything"))


def leave_out_exhaustive(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that run only with ``--everything``, where it was not given."""
    if config.getoption("--everything"):
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    items[:] = [item for item in items if not item.get_closest_marker("exhaustive")]
    config.hook.pytest_deselected(items=left_out)


def needs_site(item: pytest.Item) -> bool:
    """Whether a test looks at the real site."""
    return "site" in getattr(item, "fixturenames", ())


def runs_alone(item: pytest.Item) -> bool:
    """Whether a test comes before the build begins."""
    return item.path.relative_to(ROOT / "tests").parts[0] in ALONE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests that run alone first and those that need the site last.

    The first of the last gets time to wait for it.
    """
    leave_out_exhaustive(config, items)
    items.sort(key=lambda item: (needs_site(item), not runs_alone(item)))
    for first in [item for item in items if needs_site(item)][:1]:
        first.add_marker(pytest.mark.timeout(BUILD_SECONDS + 60))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin to build the site, where a test needs it, once those that run alone are done."""
    stash = item.config.stash
    if BUILD not in stash and not runs_alone(item) and needs_site(item.session.items[-1]):
        stash[BUILD] = SiteBuild(item.config.getoption("--everything"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End a build for which nobody has waited."""
    if BUILD in session.config.stash:
        session.config.stash[BUILD].end()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Path:
    """The folder of the built site."""

    def tell(line: str) -> None:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{line}", flush=True)

    trouble = request.config.stash[BUILD].wait(tell)
    if trouble:
        pytest.fail(f"the site does not build:\n{trouble}")
    return SITE


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one small assignment, week99, with all that a release reads."""
    folder = tmp_path / "course"
    source = folder / "solutions" / "week99" / "week99.md"
    source.parent.mkdir(parents=True)
    source.write_text(SAMPLE, encoding="utf-8")
    for name in ("_config.yml", "nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "dlcourse").symlink_to(ROOT / "dlcourse")
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    return folder


@pytest.fixture
def sample(course: Path) -> Assignment:
    """The small assignment of :func:`course`."""
    return read_assignment(course / "solutions" / "week99" / "week99.md")
