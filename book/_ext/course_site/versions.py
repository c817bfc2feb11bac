"""A switcher between the versions of the site, where several lie beside each other.

Each build writes ``versions.json`` with no version in it, and each page loads ``versions.js``,
which reads that file and shows the switcher where it names several. :mod:`course_site.assemble`
lays the sites of several versions into one folder and writes the file anew for each of them. So no
site needs to know, when it is built, of versions that come later.
"""

from __future__ import annotations

import json
from pathlib import Path

from sphinx.application import Sphinx

FILE = "versions.json"
SCRIPT = "versions.js"


def setup(app: Sphinx) -> None:
    """Load the script on each page, and write a file without versions."""
    app.add_js_file(SCRIPT, loading_method="defer")
    app.connect("build-finished", write_file)


def write_file(app: Sphinx, exception: Exception | None) -> None:
    """Write the file that the script reads: this site stands alone until it is assembled."""
    if exception is None and app.builder.format == "html":
        text = json.dumps({"versions": []})
        (Path(app.outdir) / FILE).write_text(text, encoding="utf-8")
