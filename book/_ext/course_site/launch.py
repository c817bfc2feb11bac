"""Links that open a notebook in Colab or on Kaggle, and downloads.

A chapter ``book/week01/01_name.md`` has a converted twin ``notebooks/week01/01_name.ipynb`` in the
repository, because Colab opens notebooks, not Markdown.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole

LOGGER = logging.getLogger(__name__)
COLAB = "https://colab.research.google.com/github"
KAGGLE = "https://kaggle.com/kernels/welcome?src="


def setup(app: Sphinx) -> None:
    """Register the role and the copying of notebooks."""
    app.add_role("colab", ColabRole())
    app.connect("build-finished", publish_notebooks)


def notebook_of(env: BuildEnvironment, docname: str) -> str | None:
    """Path in the repository of the page's notebook; None for a page that is no notebook."""
    if "kernelspec" not in env.metadata[docname]:
        return None
    return f"notebooks/{docname.removeprefix('book/')}.ipynb"


def colab_url(repository: str, branch: str, path: str) -> str:
    """Address at which Colab opens a notebook of a GitHub repository.

    Raises ValueError where the repository is not on GitHub, the only host that Colab can read.
    """
    parts = urlsplit(repository)
    owner_and_name = parts.path.strip("/").removesuffix(".git")
    if parts.netloc != "github.com" or owner_and_name.count("/") != 1:
        raise ValueError(
            f"repository.url in _config.yml is {repository!r}; Colab opens notebooks only from "
            "https://github.com/OWNER/NAME"
        )
    return f"{COLAB}/{owner_and_name}/blob/{quote(branch)}/{quote(path)}"


def kaggle_url(repository: str, branch: str, path: str) -> str:
    """Address at which Kaggle makes a notebook of its own from one of a GitHub repository."""
    source = f"{repository.removesuffix('.git')}/blob/{quote(branch)}/{quote(path)}"
    return KAGGLE + quote(source, safe=":/")


def colab_reference(app: Sphinx, path: str, text: str, location: Any = None) -> nodes.reference:
    """A link that opens a notebook of this repository in Colab; warns where it does not exist."""
    if not (Path(app.srcdir) / path).is_file():
        LOGGER.warning(
            "%s does not exist, so Colab cannot open it. Write the notebooks first: "
            "autograder notebooks (chapters), autograder release (assignments)",
            path,
            location=location,
            type="course",
            subtype="notebook",
        )
    theme = app.config.html_theme_options
    url = colab_url(theme["repository_url"], theme["repository_branch"], path)
    return nodes.reference("", text, internal=False, refuri=url, classes=["colab"])


def places_to_open(
    app: Sphinx, env: BuildEnvironment, path: str, location: Any = None
) -> list[nodes.Node]:
    """Links to a notebook of this repository: in Colab, on Kaggle, and the file itself."""
    theme = app.config.html_theme_options
    on_kaggle = kaggle_url(theme["repository_url"], theme["repository_branch"], path)
    return [
        colab_reference(app, path, "Open in Colab", location),
        nodes.Text(" "),
        nodes.reference("", "Open on Kaggle", internal=False, refuri=on_kaggle, classes=["kaggle"]),
        nodes.Text(" "),
        published(env, path, "Download notebook"),
    ]


class ColabRole(ReferenceRole):
    """``{colab}`text <path in the repository>```: a link that opens a notebook in Colab."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make the link."""
        return [colab_reference(self.env.app, self.target, self.title, self.get_location())], []


def published(env: BuildEnvironment, path: str, text: str) -> nodes.reference:
    """A link to a file of the repository that the build copies into the site."""
    to_root = "../" * env.docname.count("/")
    return nodes.reference("", text, internal=True, refuri=to_root + path)


def publish_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Copy the notebooks of chapters and assignments into the site, for the download links."""
    if exception is not None or app.builder.format != "html":
        return
    root = Path(app.srcdir)
    chapters = [path for name in app.env.all_docs if (path := notebook_of(app.env, name))]
    assignments = [path.relative_to(root).as_posix() for path in root.glob("assignments/*/*.ipynb")]
    for path in [*chapters, *assignments]:
        if (root / path).is_file():
            target = Path(app.outdir) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, target)
