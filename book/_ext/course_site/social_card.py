"""``python -m course_site.social_card``: draws the picture that a link to a page shows elsewhere.

Run in the repository's root with ``book/_ext`` on PYTHONPATH; writes
``book/_static/social-card.png``, which is committed, so that no build draws it.
"""

from __future__ import annotations

from pathlib import Path

from dlcourse import plots

from .publication import CARD, CARD_SIZE

DOTS_AN_INCH = 100
LAYERS = (4, 6, 6, 3)
TITLE = "Deep Learning\nin Twelve Weeks"
SAID = "Chapters that measure what they claim.\nAssignments that say what is wrong."


def draw(path: Path) -> None:
    """Draw the card: the course's drawing of a network, and the title."""
    import matplotlib.pyplot as plt

    plots.use_style()
    figure = plots.network_diagram(LAYERS, names=[""] * len(LAYERS))
    (network,) = figure.axes
    for text in network.texts:
        text.set_visible(False)
    figure.set_layout_engine("none")
    figure.set_size_inches(*(side / DOTS_AN_INCH for side in CARD_SIZE))
    network.set_position((0.55, 0.06, 0.42, 0.88))
    tallest = max(LAYERS)
    network.set_ylim(-tallest / 2 - 0.1, tallest / 2 + 0.1)
    figure.text(0.06, 0.62, TITLE, fontsize=37, fontweight="bold", va="center", linespacing=1.2)
    figure.text(0.06, 0.36, SAID, fontsize=18, va="center", color="#444444", linespacing=1.5)
    figure.savefig(path, dpi=DOTS_AN_INCH, bbox_inches=None, pil_kwargs={"optimize": True})
    plt.close(figure)


if __name__ == "__main__":
    draw(Path("book") / CARD)
