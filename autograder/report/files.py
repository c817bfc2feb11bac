"""Files that reports go to: written whole or not at all, with names that every system takes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

_LONGEST = 80
# Windows keeps these names for devices, whatever the ending.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file so that no reader ever meets half of it, and return its path.

    The content goes to a temporary file beside it, which then takes its name. Text is UTF-8 with
    line ends as given; what UTF-8 cannot hold becomes a question mark.

    Raises:
        OSError: when the folder cannot be written; the file that was there stays as it was.
    """
    data = content.encode("utf-8", errors="replace") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes files that only their owner reads; reports get the usual rights.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def file_name(submission: str) -> str:
    """A file name for a submission's id, without ending: safe everywhere, different for each id.

    An id of letters, digits and ``. _ - @`` that is not too long stays as it is. Any other is
    spelled with underscores and ends in eight digits of its SHA-256.
    """
    safe = re.sub(r"[^A-Za-z0-9._@-]+", "_", submission).lstrip(".-")[:_LONGEST].rstrip(".")
    if safe == submission and safe and not _RESERVED.fullmatch(safe):
        return safe
    digest = hashlib.sha256(submission.encode("utf-8", errors="surrogatepass")).hexdigest()[:8]
    return f"{safe or 'submission'}-{digest}"


def file_names(submissions: Iterable[str]) -> list[str]:
    """A file name for each submission, in order; none twice even where case is ignored."""
    taken: set[str] = set()
    names: list[str] = []
    for submission in submissions:
        stem = name = file_name(submission)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names
