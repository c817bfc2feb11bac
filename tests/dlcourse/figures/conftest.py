"""Every figure is drawn without a window and in Matplotlib's own style."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def own_style() -> Iterator[None]:
    """Set back what other tests may have set, the course's style above all, and close figures."""
    with mpl.rc_context():
        mpl.rcdefaults()
        yield
    plt.close("all")
