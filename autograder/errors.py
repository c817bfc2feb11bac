"""The errors that a user can mend: each message says what happened, where, and what to do.

The command line prints the message of an :class:`AutograderError` and nothing else. Every other
exception is a mistake in this program and keeps its traceback.

::

    AutograderError
    ├── CalibrationError       evidence.calibrate   no threshold can be derived from the runs
    ├── CommandError           here                 what a command was given does not fit
    ├── CourseError            here                 a file of the course is missing or is damaged
    │   ├── ClusterError       grading.cluster      the cluster cannot grade
    │   │   └── ClusterLostError  grading.cluster   no node of it is left
    │   ├── MissingSecretError course.secret        there is no course secret
    │   └── SourceError        assignment.source    an assignment's source breaks a rule
    ├── GradebookError         report.gradebook     the gradebook cannot take the marks
    ├── GraderError            evidence.parity      nbgrader or otter-grader does not grade
    ├── LayoutError            collect.layouts      it is not clear whose the submissions are
    ├── LedgerError            grading.ledger       the ledger cannot be read or written
    ├── MissingDataError       judge.run            the machine lacks data that a given cell loads
    ├── MutationError          evidence.mutate      a solution fails its own checks
    ├── PagesError             evidence.pages       a page fails or warns while it is executed
    ├── RecordError            evidence.records     a record of evidence cannot be read
    ├── SandboxError           workers.launch       this machine cannot isolate a submission
    └── WorkerDied             workers.worker       a worker ended before its work did
"""

from __future__ import annotations

import errno
from pathlib import Path


class AutograderError(Exception):
    """An error that its message explains to the person who can mend it."""


class CommandError(AutograderError):
    """What a command was given does not fit: a file, a folder, a number, a combination."""


class CourseError(AutograderError):
    """A file of the course is missing, or is not what it should be."""


_WHAT_TO_DO = {
    errno.ENOSPC: "its disk is full. Free some space there, or name a folder on another disk",
    errno.EDQUOT: "your disk quota is used up. Free some space, or name a folder on another disk",
    errno.EFBIG: "the file is larger than this system allows. Raise the limit (ulimit -f), or "
    "name a folder on another disk",
    errno.EROFS: "its disk is read-only. Name a folder that can be written",
    errno.EACCES: "you lack the permission. Change the file's rights, or name another place",
    errno.EPERM: "the system forbids it. Change the file's rights, or name another place",
    errno.ENOENT: "there is no such file or folder. Check the path's spelling, and --root",
    errno.EISDIR: "it is a folder, and a file is needed. Name a file",
    errno.ENOTDIR: "it is a file, or lies under one, and a folder is needed. Name a folder",
    errno.EEXIST: "it exists already. Remove it, or name another",
    errno.ENOTEMPTY: "the folder is not empty. Empty it, or name another",
    errno.ENAMETOOLONG: "its name is too long for this system. Name a shorter path",
    errno.ELOOP: "its symbolic links lead in a circle. Name the file itself",
    errno.EMFILE: "too many files are open. Raise the limit (ulimit -n), or use fewer --workers",
    errno.ENFILE: "the system has too many files open. Close other programs",
    errno.EIO: "its disk reports a fault. Copy what it holds and name a folder on another disk",
    errno.ENOMEM: "the machine has too little memory left. Close other programs, or use fewer "
    "--workers",
    errno.EAGAIN: "the system has no process or memory left for it. Use fewer --workers",
}


def explain(error: OSError, likely: Path) -> str:
    """One sentence on what the operating system refused, with the path and what to do.

    Args:
        error: what was raised.
        likely: the file or folder that was in use, for an error that names none: a full disk is
            noticed while an open file is written, and Python then does not say which file it was.
    """
    named = [str(n) for n in (error.filename, error.filename2) if n not in (None, "")]
    place = " -> ".join(named) or str(likely)
    what = _WHAT_TO_DO.get(error.errno or 0)
    if what is None:
        what = f"{error.strerror or error}. Check that the path can be read and written"
    return f"{place}: {what}, and give the same command again."
