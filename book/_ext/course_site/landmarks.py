"""Mends of the theme's HTML for readers who use a keyboard or a screen reader."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the mends."""
