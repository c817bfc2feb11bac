"""Records of execution: ``execution.json`` in each folder of pages, committed with them.

A record says when a page was executed, with which versions, and what that took. So a site that is
built without executing a page can still say how long its cells run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = "execution.json"


def record_of(root: Path, name: str) -> dict[str, Any] | None:
    """The record of a page, such as ``book/week01/02_neuron``; None where there is none."""
    path = root / f"{name}.md"
    try:
        records = json.loads(path.with_name(FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    record = records.get(path.stem) if isinstance(records, dict) else None
    return record if isinstance(record, dict) else None
