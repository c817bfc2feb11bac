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
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

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
