"""What this process runs in: an open notebook, Colab, or neither."""

from __future__ import annotations

import os
import sys
from typing import Any


def shell() -> Any:
    """The IPython shell of this process, or None. IPython is not imported to find out."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def in_open_notebook() -> bool:
    """Whether somebody has this notebook open in Jupyter, VS Code, Colab or Kaggle.

    False where a notebook is only executed: by the build of the site or by a grader.
    """
    current = shell()
    if getattr(current, "kernel", None) is None:
        return False
    front_ends = ("JPY_SESSION_NAME", "COLAB_RELEASE_TAG")
    return (
        any(name in os.environ for name in front_ends)
        or "__vsc_ipynb_file__" in current.user_ns
        or os.environ.get("KAGGLE_KERNEL_RUN_TYPE") == "Interactive"
    )


def on_colab() -> bool:
    """Whether this process is the kernel of a Colab notebook."""
    return "google.colab" in sys.modules
