"""Exit codes of ``grade``, for schedulers: whether the same command may succeed if given again.

Slurm, Kubernetes and the like see one number of a command, and have to know from it whether to try
again, perhaps on another machine, or to leave it to a person.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograder.commands.options import Arguments
from autograder.commands.terminal import FAILED, OK, REFUSED, TRY_AGAIN, USAGE
from autograder.errors import CommandError, CourseError

if TYPE_CHECKING:
    from autograder.grading.ledger import LedgerError
    from autograder.grading.results import GradedSubmission

# So many sandboxes are started before it is said that this machine refuses them.
_PROBES = 3
# What a machine lacks now and may have later, or another machine has.
_PASSING = frozenset(
    {
        *(errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EBUSY, errno.EINTR),
        *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN),
        *(errno.ECONNRESET, errno.ECONNABORTED, errno.ENETDOWN, errno.ENETUNREACH),
    }
)
_PASSING_IN_SQLITE = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_INTERRUPT),
    }
)
# The row of a submission that the grader could not grade names what was raised; of these, trying
# again is the mend. Any other one is a mistake in this program.
_PASSING_OF_A_ROW = frozenset(
    {
        "WorkerDied",
        "NodeLostError",
        "OSError",
        "MemoryError",
        "TimeoutError",
        "BlockingIOError",
        "ConnectionError",
    }
)
_RAISED = re.compile(r"the grader failed \((\w+)\)")


def of_error(error: BaseException, arguments: Arguments) -> int:
    """The exit code of ``grade`` where an error ended it."""
    from autograder.collect.layouts import LayoutError
    from autograder.grading.cluster import ClusterLostError
    from autograder.grading.ledger import LedgerError
    from autograder.workers.launch import SandboxError
    from autograder.workers.worker import WorkerDied

    if isinstance(error, SandboxError):
        return _of_sandbox(arguments)
    if isinstance(error, LedgerError):
        return _of_ledger(error)
    if isinstance(error, OSError):
        return TRY_AGAIN if _passes(error) else USAGE
    if isinstance(error, ClusterLostError):
        return TRY_AGAIN
    if isinstance(error, (CommandError, CourseError, LayoutError)):
        return USAGE
    return TRY_AGAIN if isinstance(error, WorkerDied) else FAILED


def of_rows(graded: Iterable[GradedSubmission]) -> int:
    """The exit code for what became of submissions: whether some were lost, and to what."""
    from autograder.grading.results import Status

    lost = [one for one in graded if one.status is Status.LOST]
    raised = {found[1] for one in lost if (found := _RAISED.match(one.reason))}
    if raised & _PASSING_OF_A_ROW:
        return TRY_AGAIN
    return FAILED if lost else OK


def _passes(error: OSError) -> bool:
    return isinstance(error, TimeoutError) or error.errno in _PASSING


def _of_ledger(error: LedgerError) -> int:
    """Locked or on a full disk, it can be written later; damaged or another course's, never."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # The lowest byte is the class of the error. What Python itself raises has no code.
        code = getattr(cause, "sqlite_errorcode", None)
        return TRY_AGAIN if code is not None and code & 0xFF in _PASSING_IN_SQLITE else USAGE
    return USAGE


def _of_sandbox(arguments: Arguments) -> int:
    """Whether this machine refuses isolation, or only failed to give it just now.

    A zygote that was killed during its imports leaves the same error as a wall that cannot be
    built. So some without libraries are started, one after another, since what killed the first may
    kill the next: where one succeeds, the level can be had.
    """
    from autograder.workers.launch import SandboxError
    from autograder.workers.pool import WorkerPool

    for _ in range(_PROBES):
        try:
            WorkerPool(isolation=arguments.isolation, warm=False).close()
        except SandboxError as refused:
            cause = refused.__context__
        else:
            return TRY_AGAIN
    return TRY_AGAIN if isinstance(cause, OSError) and _passes(cause) else REFUSED
