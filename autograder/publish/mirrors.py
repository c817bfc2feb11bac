"""Whether every address from which a data set may be downloaded still serves its bytes."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable, Iterable

from dlcourse.data.files import CHUNK, TIMEOUT, DataSet


def examine_mirrors(data_sets: Iterable[DataSet], report: Callable[[str], None]) -> list[str]:
    """Download each data set from each of its addresses, keep nothing, compare size and SHA-256.

    Args:
        data_sets: those without an address are passed over.
        report: gets a line for each address that serves what it should.

    Returns:
        A line for each address that does not.
    """
    problems = []
    for data_set in data_sets:
        for url in data_set.urls:
            if problem := _trouble_with(url, data_set):
                problems.append(f"{data_set.name}: {url}: {problem}")
            else:
                report(f"{data_set.name}: {url} serves {data_set.editions[0].size:,} bytes, right")
    return problems


def _trouble_with(url: str, data_set: DataSet) -> str:
    """What is wrong with an address; empty where nothing is."""
    edition = data_set.editions[0]
    digest, size = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            while size <= edition.size and (block := answer.read(CHUNK)):
                digest.update(block)
                size += len(block)
    except OSError as error:
        return f"nothing was served ({error}); remove the address or find where the file went"
    if size < edition.size:
        return f"{size:,} bytes were served of {edition.size:,}"
    if size > edition.size or digest.hexdigest() != edition.sha256:
        return f"another file is served than SHA-256 {edition.sha256}; remove the address"
    return ""
