"""A small course in a scratch folder, the real repository's root, and its site.

Building the site takes minutes, so it goes on beside tests that do not need it; those that do come
last. Tests of hostile and killed processes mostly wait: they come first, and of several processes
that run the suite one has them all.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.assignment.source import Assignment, read_assignment
from autograder.evidence.pages import pages_to_repeat
from tests.harness.progress import watch
from tests.harness.site_build import SECONDS as SITE_SECONDS
from tests.harness.site_build import SiteBuild
from tests.sample import SAMPLE

# No property is judged by how long one example takes on this machine.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a secret for tests"


BUILD = pytest.StashKey[SiteBuild]()
# Tests of hostile and killed processes: no two at a time, since some use up what a user may have.
ONE_AT_A_TIME = {"attacks", "faults", "sandbox"}


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


def one_at_a_time(item: pytest.Item) -> bool:
    """Whether no other such test may run beside a test."""
    return item.path.relative_to(ROOT / "tests").parts[0] in ONE_AT_A_TIME


def pytest_configure(config: pytest.Config) -> None:
    """Where several processes run the tests, give their run a name that all of them know."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.option.testrunuid = config.option.testrunuid or uuid.uuid4().hex


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let the process that hands the tests out tell what it waits for."""
    if session.config.getoption("numprocesses", None) and not hasattr(
        session.config, "workerinput"
    ):
        watch(session.config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests, and say which belong into one process.

    Those of hostile processes come first and those that need the site last; the first of the last
    gets time to wait for it. The others of a file stay together, since they share its fixtures.
    """
    leave_out_exhaustive(config, items)
    items.sort(key=lambda item: (needs_site(item), not one_at_a_time(item)))
    for item in items:
        group = "one at a time" if one_at_a_time(item) else str(item.path)
        # Else all tests of a file of which one needs the site would wait for it.
        item.add_marker(pytest.mark.xdist_group(f"{group}, site" if needs_site(item) else group))
    for first in [item for item in items if needs_site(item)][:1]:
        first.add_marker(pytest.mark.timeout(SITE_SECONDS + 60))


def site_build(config: pytest.Config) -> SiteBuild:
    """The build of the site that all processes of this run share."""
    options = getattr(config, "workerinput", vars(config.option))
    run = options.get("testrunuid") or str(os.getpid())
    return config.stash.setdefault(BUILD, SiteBuild(ROOT, run))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin to build the site, where a test of the run needs it, before the first other test."""
    if not one_at_a_time(item) and needs_site(item.session.items[-1]):
        everything = item.config.getoption("--everything")
        site_build(item.config).start(
            lambda: None if everything else ",".join(pages_to_repeat(ROOT))
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End a build for which nobody has waited, once all processes are done."""
    if not hasattr(session.config, "workerinput"):
        site_build(session.config).end()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Path:
    """The folder of the built site."""

    def tell(line: str) -> None:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{line}", flush=True)

    build = site_build(request.config)
    trouble = build.wait(tell)
    if trouble:
        pytest.fail(f"the site does not build:\n{trouble}")
    return build.site


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
