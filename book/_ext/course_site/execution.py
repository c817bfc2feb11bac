"""Execute notebooks in a cache that knows what they depend on.

jupyter-cache compares the code cells of a notebook, and nothing else: after a change to
``dlcourse`` or an upgrade of Keras it would publish old outputs. Here the cache's folder is named
by a digest of both, so such a change executes every page again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

# How many pages are executed at a time before Sphinx reads them. One at a time, by Sphinx itself,
# is the default: run times are part of what a page shows, and neighbours would spoil them.
JOBS = "COURSE_SITE_JOBS"

# Libraries whose behaviour shows in a page's output.
LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "mlxtend", "keras", "tensorflow")

# TensorFlow's C++ code notes on stderr, while it is imported, which GPU it misses and which CPU
# features it has. That is about the machine, not about the page, and no log level stops it. So
# kernels leave the C level's stderr on the build's terminal; what Python writes to stderr (a
# warning, say) still lands in the page, where it fails the build.
KERNEL_CONFIGURATION = (
    "c = get_config()\nc.IPKernelApp.capture_fd_output = False\nc.IPKernelApp.log_level = 40\n"
)
KERNEL_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}


def setup(app: Sphinx) -> None:
    """Prepare kernels and cache before myst-nb uses them."""
    app.connect("config-inited", give_kernels_their_own_configuration)
    app.connect("config-inited", use_cache_of_this_environment)
    app.connect("env-before-read-docs", execute_ahead)


def give_kernels_their_own_configuration(app: Sphinx, config: Config) -> None:
    """Start kernels with the book's configuration, and none of the builder's own start-up files."""
    home = Path(app.outdir).parent / "ipython"
    profile = home / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL_CONFIGURATION)
    os.environ.update(KERNEL_ENVIRONMENT, IPYTHONDIR=str(home))


def use_cache_of_this_environment(app: Sphinx, config: Config) -> None:
    """Point myst-nb at the cache for this state of ``dlcourse`` and of the libraries."""
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / digest(Path(app.srcdir) / "dlcourse")
    if caches.is_dir():
        for other in caches.iterdir():
            if other.is_dir() and other != current:
                shutil.rmtree(other)
    config.nb_execution_cache_path = str(current)


def execute_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute the pages that the cache lacks, several at a time, where :data:`JOBS` asks for it.

    A page that fails is not kept: Sphinx executes it again in its turn, and says what is wrong.
    """
    jobs = int(os.environ.get(JOBS, "1"))
    if jobs < 2:
        return
    cache = get_cache(env.mystnb_config.execution_cache_path)
    missing = list(_not_in(cache, env, docnames))
    LOGGER.info("executing %d pages, %d at a time", len(missing), jobs)
    with ThreadPoolExecutor(jobs) as executor:
        results = executor.map(lambda page: _execute(page[1], app.config), missing)
        for (path, notebook), seconds in zip(missing, results, strict=True):
            if seconds is not None:
                data = {"execution_seconds": seconds}
                bundle = CacheBundleIn(notebook, str(path), data=data)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def _not_in(
    cache: JupyterCacheAbstract, env: BuildEnvironment, docnames: list[str]
) -> Iterator[tuple[Path, NotebookNode]]:
    """The executable pages that a cache does not hold, as myst-nb will read them."""
    for name in docnames:
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            yield path, notebook


def _execute(notebook: NotebookNode, config: Config) -> float | None:
    """Execute a notebook, in place, in an empty folder; the seconds, or None where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = single_nb_execution(
                notebook, cwd=folder, timeout=config.nb_execution_timeout, allow_errors=False
            )
        except Exception:
            return None  # a kernel that died, say; Sphinx will meet it again
    return float(done.time) if done.err is None else None


def digest(package: Path) -> str:
    """Digest of a package's files and of the installed libraries' versions: 16 hex digits."""
    state = hashlib.sha256(f"python {sys.version_info[:2]}".encode())
    for library in LIBRARIES:
        state.update(f"{library} {installed_version(library)}".encode())
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            state.update(path.relative_to(package).as_posix().encode())
            state.update(path.read_bytes())
    return state.hexdigest()[:16]


def installed_version(library: str) -> str:
    """Version of an installed distribution, or ``absent``."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "absent"
