"""Grading on a Ray cluster: each actor owns a pool of workers on a node, a submission is a call.

The driver alone holds the ledger. Nodes have no folder in common: a submission's bytes travel with
the call, and its row comes back. What a node was grading when it was lost is graded on another.
"""

from __future__ import annotations

import logging
import os
import platform
import stat
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.collect.submissions import Submission
from autograder.errors import CourseError
from autograder.grading.batch import (
    Elsewhere,
    GradingConfig,
    local_grader,
    lost_row,
    warm_checks,
)
from autograder.grading.code_digest import code_digest
from autograder.grading.pools import memory_of_worker, pool_for
from autograder.grading.results import GradedSubmission

LOGGER = logging.getLogger(__name__)

TRIES = 3
"""On how many nodes a submission may be lost before its row says so."""
START = 300.0
"""Seconds in which an actor must have imported its libraries."""
BEYOND = 600.0
"""Seconds beyond a notebook's limit, for each of its runs, after which a call is given up."""


class ClusterError(CourseError):
    """The cluster cannot grade: it lacks what an actor needs, or its nodes differ from here."""


class ClusterLostError(ClusterError):
    """No node is left that grades; the same command goes on once there are some."""


@dataclass(frozen=True)
class Needs:
    """What an actor takes of its node.

    Attributes:
        slots: how many submissions it grades at a time; a processor each.
        memory: bytes. What one submission may use suffices: where several together use up a node,
            the largest is graded again alone.
        gpus: the share of one GPU; 0 in the cpu tier.
    """

    slots: int
    memory: int
    gpus: float = 0.0

    def of_ray(self) -> dict[str, float]:
        """As Ray's options of an actor."""
        cpus, memory = float(self.slots), float(self.memory)
        return {"num_cpus": cpus, "num_gpus": self.gpus, "memory": memory}

    def fit(self, node: Mapping[str, float]) -> int:
        """How many such actors a node with these resources holds."""
        held = [node.get("CPU", 0.0) // self.slots, node.get("memory", 0.0) // self.memory]
        if self.gpus:  # a share is of one GPU: what two have left does not add up
            held.append(int(node.get("GPU", 0.0)) * int(1 / self.gpus + 1e-9))
        return int(min(held))

    def __str__(self) -> str:
        """In words."""
        gpu = f", {self.gpus:g} GPU" if self.gpus else ""
        return f"{self.slots} CPU, {self.memory / 2**30:.1f} GiB of memory{gpu}"


@dataclass(frozen=True)
class Parcel:
    """A submission with the bytes of its files, on its way to a node without our folders."""

    submission: Submission
    files: dict[str, bytes]

    @staticmethod
    def of(submission: Submission) -> Parcel:
        """Read all files of a submission."""
        paths = _paths(submission)
        return Parcel(submission, {name: _read(path) for name, path in paths.items()})

    def unpacked(self, folder: Path) -> Submission:
        """The submission with its files in a folder of this machine."""
        places = {}
        for number, (name, content) in enumerate(self.files.items()):
            # By number: names come from learners and may lead anywhere.
            places[name] = folder / str(number)
            places[name].write_bytes(content)
        one = self.submission
        return replace(
            one,
            notebook=places.get(_NOTEBOOK),
            weights={name: places[f"{_WEIGHTS}{name}"] for name in one.weights},
            companions={name: places[f"{_BESIDE}{name}"] for name in one.companions},
        )


_NOTEBOOK, _WEIGHTS, _BESIDE = "notebook", "weights/", "beside/"


def _paths(submission: Submission) -> dict[str, Path]:
    found = {_NOTEBOOK: submission.notebook} if submission.notebook else {}
    found |= {f"{_WEIGHTS}{name}": path for name, path in submission.weights.items()}
    return found | {f"{_BESIDE}{name}": path for name, path in submission.companions.items()}


def _read(path: Path) -> bytes:
    """A file's bytes. A link or a pipe that was put in its place is not opened."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no file")
        return file.read()


@dataclass(frozen=True)
class About:
    """What an actor says of its node: marks may only come from nodes that are as we are."""

    node: str
    code: str
    python: str
    isolation: str


def about_here(isolation: str) -> About:
    """This machine."""
    python = ".".join(platform.python_version_tuple()[:2])
    return About(platform.node(), code_digest(), python, isolation)


class NodeGrader:
    """An actor: a pool of workers on the node where it was placed. Its calls run in threads."""

    def __init__(self, grading: GradingConfig, isolation: str, slots: int) -> None:
        """Import what the notebooks import, and execute the checks."""
        assignment, tier = grading.assignment, grading.tier
        self._pool = pool_for(assignment, tier, isolation, _gpus_of_actor())
        self._grade = local_grader(warm_checks(grading, slots), self._pool, slots)

    def about(self) -> About:
        """What decides a mark here."""
        return about_here(str(self._pool.isolation))

    def grade(self, parcel: Parcel, audit: bool) -> GradedSubmission:
        """Grade a submission; whatever it holds, the answer is a row."""
        with tempfile.TemporaryDirectory(prefix="submission-") as folder:
            return self._grade(parcel.unpacked(Path(folder)), audit)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()


def _gpus_of_actor() -> list[str]:
    """The device files of the GPUs that Ray gave to this actor."""
    import ray

    return [f"/dev/nvidia{number}" for number in ray.get_gpu_ids()]


@dataclass
class _Actors:
    """The actors that grade, and the places in them that are free. Safe in several threads."""

    free: list[Any] = field(default_factory=list)
    alive: set[Any] = field(default_factory=set)
    starting: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, actor: Any, slots: int) -> None:
        with self.changed:
            self.alive.add(actor)
            self.free += [actor] * slots
            self.changed.notify_all()

    def wait_for_first(self) -> bool:
        """Wait until an actor grades, or until none will; which of the two."""
        with self.changed:
            self.changed.wait_for(lambda: self.alive or not self.starting)
            return bool(self.alive)

    def take(self) -> Any:
        """A free place.

        Raises:
            ClusterLostError: when no actor is left, and none is being started.
        """
        with self.changed:
            self.changed.wait_for(lambda: self.free or not (self.alive or self.starting))
            if not self.free:
                raise ClusterLostError(
                    "no node of the cluster is left that grades; what was graded is recorded, and "
                    "the same command goes on once there are nodes"
                )
            return self.free.pop(0)

    def give_back(self, actor: Any) -> None:
        with self.changed:
            if actor in self.alive:
                self.free.append(actor)
                self.changed.notify()

    def lose(self, actor: Any) -> bool:
        """Take an actor out; whether this is the first to notice that it is gone."""
        with self.changed:
            first = actor in self.alive
            self.alive.discard(actor)
            self.free = [other for other in self.free if other != actor]
            self.starting += first  # another one will be tried in its place
            return first

    def started(self) -> None:
        """One that was being started is there, or will never be."""
        with self.changed:
            self.starting -= 1
            self.changed.notify_all()


class Cluster(Elsewhere):
    """Actors on the nodes of a Ray cluster, for one assignment."""

    def __init__(self, grading: GradingConfig, isolation: str, needs: Needs) -> None:
        """Place as many actors as the cluster has room for, and wait for the first.

        Those that are ready later join then. A node that is not as this machine is, or does not
        start an actor, is left out with a warning.

        Raises:
            ClusterError: when no node has what an actor needs, or all are left out.
        """
        import ray

        self.isolation = str(isolation)
        self._ray = ray
        self._grading = grading
        self._needs = needs
        self._config = ray.put(grading)
        self._actors = _Actors()
        self._closing = threading.Event()
        limit = grading.assignment.limits[grading.tier].notebook
        self._deadline = TRIES * 2 * (limit + BEYOND)
        room = self._room()
        self.places = room * needs.slots
        self._refusals: list[ClusterError] = []
        self._actors.starting = room
        self._starting: dict[threading.Thread, Any] = {}
        for _ in range(room):
            self._begin()
        if not self._actors.wait_for_first():
            raise self._refusals[0]

    def _room(self) -> int:
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        room = sum(self._needs.fit(node["Resources"]) for node in nodes)
        if not room:
            raise ClusterError(
                f"no node of the cluster has what an actor takes, {self._needs}; there are "
                + "; ".join(_described(node) for node in nodes)
                + ". Use fewer --workers, which are those of one actor, or larger nodes"
            )
        return room

    def _place(self) -> Any:
        options = {
            **self._needs.of_ray(),
            "max_concurrency": self._needs.slots + 1,  # one more, so that it can be asked about
            "max_restarts": 0,
            "scheduling_strategy": "SPREAD",
        }
        remote = self._ray.remote(NodeGrader).options(**options)
        return remote.remote(self._config, self.isolation, self._needs.slots)

    def _welcome(self, actor: Any) -> None:
        """Wait until an actor is ready, and let it grade if its node is as this machine is.

        Raises:
            ClusterError: when it does not start, or would grade otherwise.
        """
        try:
            about: About = self._ray.get(actor.about.remote(), timeout=START)
        except self._ray.exceptions.GetTimeoutError:
            self._ray.kill(actor)
            raise ClusterError(
                f"an actor was not ready after {START:.0f} s; is the cluster's room taken by "
                "others? `ray status` shows it"
            ) from None
        except self._ray.exceptions.RayError as error:
            raise ClusterError(f"an actor did not start: {_first_cause(error)}") from None
        here = about_here(self.isolation)
        if replace(about, node=here.node) != here:
            self._ray.kill(actor)
            raise ClusterError(f"{about.node} would grade otherwise: {_differences(about, here)}")
        self._actors.add(actor, self._needs.slots)

    def grade(self, submission: Submission, audit: bool) -> GradedSubmission:
        """Grade on a node; on another one where that was lost.

        Raises:
            ClusterLostError: when no node is left.
        """
        started = time.monotonic()
        try:
            parcel = self._ray.put(Parcel.of(submission))
        except OSError as error:
            return self._lost(submission, started, type(error).__name__)
        for _ in range(TRIES):
            actor = self._actors.take()
            try:
                call = actor.grade.remote(parcel, audit)
                graded: GradedSubmission = self._ray.get(call, timeout=self._deadline)
            except self._ray.exceptions.RayTaskError as error:
                self._actors.give_back(actor)
                LOGGER.error("grading %s failed: %s", submission.path, _first_cause(error))
                return self._lost(submission, started, type(error.cause).__name__)
            except (self._ray.exceptions.RayError, OSError) as error:
                LOGGER.warning(
                    "%s: its node was lost (%s); trying another", submission.path.name, error
                )
                self._replace(actor)
                continue
            self._actors.give_back(actor)
            return replace(graded, path=submission.path, identity=submission.identity)
        return self._lost(submission, started, "NodeLostError")

    def _lost(self, submission: Submission, started: float, raised: str) -> GradedSubmission:
        return lost_row(self._grading, submission, self.isolation, started, raised)

    def _replace(self, actor: Any) -> None:
        """Start another actor in the place of one that is gone, beside what runs."""
        if self._actors.lose(actor):
            self._ray.kill(actor)  # one that was only out of reach must not come back
            self._begin()

    def _begin(self) -> None:
        """Start an actor, beside all else."""
        thread = threading.Thread(target=self._start_another, name="start actor", daemon=True)
        self._starting[thread] = None
        thread.start()

    def _start_another(self) -> None:
        try:
            if not self._closing.is_set():
                actor = self._starting[threading.current_thread()] = self._place()
                self._welcome(actor)
        except ClusterError as error:
            self._refusals.append(error)
            LOGGER.warning("left out: %s", error)
        finally:
            self._actors.started()

    def close(self) -> None:
        """End the actors and their workers."""
        self._closing.set()
        for actor in list(self._actors.alive):
            try:
                self._ray.get(actor.close.remote(), timeout=30)
            except (self._ray.exceptions.RayError, OSError) as error:
                LOGGER.info("an actor did not end its workers: %s", error)
            self._ray.kill(actor)
        for thread, actor in list(self._starting.items()):
            if thread.is_alive() and actor is not None:
                self._ray.kill(actor)  # whoever waits for it hears of its end
            thread.join(timeout=30)


@contextmanager
def cluster(
    address: str, grading: GradingConfig, isolation: str, slots: int, gpus: float
) -> Iterator[Cluster]:
    """A Ray cluster that grades, from connecting to it until its actors have ended.

    Args:
        address: as ``ray.init`` takes it: ``HOST:PORT`` of the head, or ``auto``.
        grading: what is graded, and with what.
        isolation: the level; every node must have it.
        slots: how many submissions an actor grades at a time.
        gpus: the share of a GPU that an actor gets.

    Raises:
        ClusterError: when Ray is not installed, does not answer or refuses the token, and as
            :class:`Cluster`.
    """
    # Ray turns authentication on by default from some version on; a course is never without it.
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise ClusterError(
            "Ray is not installed: pip install 'ray>=2.52', or the extra [cluster]"
        ) from None
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise ClusterError(
            f"the cluster at {address} cannot be used: {_one_line(error)}. Is it up, and is its "
            "token in RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH?"
        ) from None
    memory = memory_of_worker(grading.assignment, grading.tier)
    try:
        made = Cluster(grading, isolation, Needs(slots, memory, gpus))
        try:
            yield made
        finally:
            made.close()
    finally:
        ray.shutdown()


def _described(node: Mapping[str, Any]) -> str:
    has = node["Resources"]
    memory = has.get("memory", 0) / 2**30
    gpus = f", {has['GPU']:g} GPU" if has.get("GPU") else ""
    return f"{node['NodeManagerHostname']} with {has.get('CPU', 0):g} CPU, {memory:.1f} GiB{gpus}"


def _differences(there: About, here: About) -> str:
    said = []
    if there.code != here.code:
        said.append("its autograder or dlcourse is another version; install this one there")
    if there.python != here.python:
        said.append(f"it has Python {there.python}, and here is {here.python}")
    if there.isolation != here.isolation:
        said.append(f"its isolation is {there.isolation}, not {here.isolation}")
    return "; ".join(said)


def _first_cause(error: BaseException) -> str:
    cause = getattr(error, "cause", None)
    return _one_line(cause or error)


def _one_line(error: BaseException) -> str:
    lines: Sequence[str] = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1].strip().rstrip(".")
