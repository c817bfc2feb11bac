"""Lines that compiled code writes to stderr, past Python's streams: known ones are left out.

LiteRT's converter names two settings that every conversion has, and TensorFlow logs each refusal of
an input besides raising an exception for it: such lines tell a reader nothing, and others may.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_lines"]


@contextmanager
def without_lines(known: str) -> Iterator[None]:
    """Leave out the lines of stderr that hold a pattern while a `with` block lasts.

    All other lines are written when the block ends, also after an error.

    Args:
        known: a regular expression of Python.
    """
    pattern = re.compile(known.encode())
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught:
                if not pattern.search(line):
                    os.write(2, line)
