"""``python -m course_site``, run in the repository's root with ``book/_ext`` on PYTHONPATH.

Executes pages that the user's cache lacks, side by side, and keeps them there. Progress goes to
stderr. On stdout there is a line of JSON for each page, as soon as it is there: its name, what was
measured, when, and the versions of the libraries. Interrupted and started again, it goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from .page_cache import Entry, PageCache
from .pages import Page, library_versions, pages_of
from .side_by_side import Outcome, execute_pages, key_of


def main(arguments: list[str] | None = None) -> int:
    """Execute pages; 1 where one of them fails or warns, 130 where somebody interrupts it."""
    parser = argparse.ArgumentParser(prog="python -m course_site", description=__doc__)
    parser.add_argument("pages", nargs="*", help="such as book/week01/02_neuron; all by default")
    parser.add_argument("--root", type=Path, default=Path(), help="the repository")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    try:
        return run(_chosen(pages_of(root), options.pages), root)
    except (LookupError, OSError) as error:
        print(error.args[0] if isinstance(error, LookupError) else error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; run it again to go on", file=sys.stderr)
        return 130


def run(pages: list[Page], root: Path) -> int:
    """Tell of the pages that the cache holds, and execute the others."""
    cache = PageCache()
    missing = []
    for page in pages:
        entry = cache.get(key_of(page, root))
        if entry is None:
            missing.append(page)
        else:
            _tell(page, entry)
    failed = False
    for outcome in execute_pages(missing, root, cache, _report):
        if outcome.entry is None:
            failed = True
            _complain(outcome, root)
        else:
            _tell(outcome.page, outcome.entry)
    cache.prune()
    return int(failed)


def _chosen(pages: list[Page], names: list[str]) -> list[Page]:
    known = {page.name: page for page in pages}
    if unknown := [name for name in names if name not in known]:
        raise LookupError(f"{unknown[0]} is no page with code cells; there are {', '.join(known)}")
    return [known[name] for name in names] if names else pages


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _tell(page: Page, entry: Entry) -> None:
    told = {
        "page": page.name,
        "date": f"{datetime.fromtimestamp(entry.executed, UTC):%Y-%m-%d}",
        "at_a_time": entry.at_a_time,
        **asdict(entry.measurement),
        "versions": library_versions(page),
    }
    print(json.dumps(told), flush=True)


def _complain(outcome: Outcome, root: Path) -> None:
    path = outcome.page.path.relative_to(root)
    for problem in outcome.problems:
        _report(f"{path}:{outcome.page.line(problem.cell)}: {problem.text}")


if __name__ == "__main__":
    sys.exit(main())
