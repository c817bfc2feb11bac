"""A pool of workers as an assignment needs it."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.assignment.source import Assignment
from autograder.workers.pool import Limits, WorkerPool
from dlcourse.data import files


def memory_of_worker(assignment: Assignment, tier: str) -> int:
    """Bytes of memory that one submission may use."""
    return int(assignment.limits[tier].memory * 2**30)


def pool_for(
    assignment: Assignment, tier: str, isolation: str, gpus: Sequence[str] = ()
) -> WorkerPool:
    """Workers with an assignment's memory and imports, and the tier's data.

    Args:
        assignment: what the workers run.
        tier: ``cpu`` or ``gpu``; in the gpu tier workers read this machine's folder of data.
        isolation: the level.
        gpus: device files of the GPUs that they share.

    Raises:
        SandboxError: when the level cannot be had here.
    """
    folders = [f for f in files.folders() if f.is_dir()] if tier == "gpu" else []
    return WorkerPool(
        Limits(memory=memory_of_worker(assignment, tier)),
        isolation,
        assignment.backend,
        gpus=gpus,
        data=folders[0] if folders else None,
        imports=assignment.imports(),
    )
