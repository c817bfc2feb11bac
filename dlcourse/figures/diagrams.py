"""Diagrams of networks in one grammar: data are rounded, operations square, parameters hatched.

Arrows run from what is used to what uses it, and carry the shape of what flows. Importing this
module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

__all__ = ["Diagram", "unrolled_rnn"]

Place = str | tuple[float, float]

_INK, _GREY = "#222222", "#555555"
_FIGURE_WIDTH = 7.0  # inches, the width of a column on the site

# For each kind of box: shape, fill, edge, hatch.
_LOOKS: dict[str, dict[str, Any]] = {
    "data": {"boxstyle": "round,pad=0,rounding_size=0.22", "fc": "#E3F1FA", "ec": "#0072B2"},
    "operation": {"boxstyle": "square,pad=0", "fc": "#FFFFFF", "ec": _INK},
    "parameter": {
        "boxstyle": "square,pad=0", "fc": "#FDEFE4", "ec": "#D55E00", "hatch": "///",
    },
}  # fmt: skip


class Diagram:
    """Boxes at given places, and arrows between them. One unit is as long in both directions.

    Attributes:
        figure: what was drawn; 7 inches wide.
        ax: its axes, from (0, 0) at the lower left to (width, height) at the upper right.
    """

    def __init__(self, width: float, height: float) -> None:
        """Begin an empty diagram of `width` times `height` units."""
        import matplotlib.pyplot as plt

        size = (_FIGURE_WIDTH, _FIGURE_WIDTH * height / width)
        self.figure: Figure = plt.figure(figsize=size, layout="none")
        self.ax: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.ax.set_axis_off()
        self.ax.set(xlim=(0, width), ylim=(0, height))
        self._boxes: dict[str, FancyBboxPatch] = {}

    def data(self, name: str, x: float, y: float, text: str = "", **look: Any) -> None:
        """Draw an array: a rounded box, centred on (x, y). Arrows find it by its name.

        Args:
            name: for arrows; also the text, where none is given.
            x: centre, from the left.
            y: centre, from below.
            text: what stands in the box; `$...$` is set as mathematics.
            **look: `size`, a pair (width, height) in units, and whatever matplotlib's
                `FancyBboxPatch` takes, such as `linestyle="--"`.
        """
        self._box("data", name, x, y, text, **look)

    def operation(self, name: str, x: float, y: float, text: str = "", **look: Any) -> None:
        """Draw an operation: a square box. Arguments as for `data`."""
        self._box("operation", name, x, y, text, **look)

    def parameter(self, name: str, x: float, y: float, text: str = "", **look: Any) -> None:
        """Draw trained numbers: a hatched box. Arguments as for `data`."""
        self._box("parameter", name, x, y, text, **look)

    def arrow(
        self,
        start: Place,
        end: Place,
        text: str = "",
        *,
        bend: float = 0.0,
        shift: tuple[float, float] = (0.0, 0.16),
        **look: Any,
    ) -> None:
        """Draw an arrow between two boxes or places.

        Args:
            start: the name of a box, or a place (x, y).
            end: likewise; the head is here.
            text: stands at the middle, often the shape of what flows.
            bend: how far the arrow bows to its right, as a share of its length.
            shift: from the arrow's middle to its text, in units.
            **look: whatever matplotlib's `FancyArrowPatch` takes, such as `color`.

        Raises:
            KeyError: if no box has that name.
        """
        from matplotlib.patches import FancyArrowPatch

        places = [self._centre(place) for place in (start, end)]
        ends = [
            self._boxes.get(place) if isinstance(place, str) else None for place in (start, end)
        ]
        settings = {"color": _GREY, "linewidth": 1.4, **look}
        drawn = FancyArrowPatch(
            places[0], places[1], patchA=ends[0], patchB=ends[1], arrowstyle="-|>",
            mutation_scale=12, shrinkA=1, shrinkB=1, connectionstyle=f"arc3,rad={bend}",
            zorder=1, **settings,
        )  # fmt: skip
        self.ax.add_patch(drawn)
        if text:
            (ax, ay), (bx, by) = places
            # The middle of the quadratic curve that arc3 draws.
            middle = ((ax + bx + bend * (by - ay)) / 2, (ay + by - bend * (bx - ax)) / 2)
            self.text(middle[0] + shift[0], middle[1] + shift[1], text, color=settings["color"])

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write at a place, centred; `look` is what matplotlib's `text` takes."""
        settings = {"fontsize": 10, "ha": "center", "va": "center", "color": _GREY, **look}
        self.ax.text(x, y, text, **settings)

    def _box(
        self,
        kind: str,
        name: str,
        x: float,
        y: float,
        text: str,
        *,
        size: tuple[float, float] = (0.9, 0.6),
        fontsize: float = 12,
        **look: Any,
    ) -> None:
        from matplotlib.patches import FancyBboxPatch

        width, height = size
        corner = (x - width / 2, y - height / 2)
        settings = {"linewidth": 1.4, **_LOOKS[kind], **look}
        box = FancyBboxPatch(corner, width, height, zorder=2, **settings)
        self._boxes[name] = box
        self.ax.add_patch(box)
        self.ax.text(
            x, y, text or name, fontsize=fontsize, ha="center", va="center", color=_INK, zorder=3,
            bbox={"fc": settings["fc"], "ec": "none", "pad": 1.0},
        )  # fmt: skip

    def _centre(self, place: Place) -> tuple[float, float]:
        if not isinstance(place, str):
            return place
        if place not in self._boxes:
            known = ", ".join(self._boxes) or "none"
            raise KeyError(f"the diagram has no box {place!r}; it has: {known}.")
        box = self._boxes[place]
        return box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2


_ORANGE = "#D55E00"  # of arrows that multiply by parameters


def unrolled_rnn(steps: int = 3) -> Diagram:
    """Draw a recurrent network as a loop and, beside it, unrolled, with the way of its gradient.

    Args:
        steps: how many steps are unrolled, at least 2.

    Raises:
        ValueError: if `steps` is less than 2.
    """
    if steps < 2:
        raise ValueError(f"at least 2 steps show how the state goes on, got {steps}.")
    apart, first = 2.3, 6.2
    last = first + apart * (steps - 1)
    diagram = Diagram(last + 1.1, 5.6)
    _recurrent_step(diagram, "loop", 1.3, "t")
    diagram.arrow("loop", "y of loop", "$V, c$", color=_ORANGE, shift=(0.5, 0))
    diagram.arrow((1.9, 3.0), (1.9, 2.2), bend=-2.2, color=_ORANGE)
    diagram.text(3.15, 2.9, "$U$", color=_ORANGE)
    diagram.text(3.15, 2.3, r"$\mathbf{h}_t$")
    diagram.data("start", 4.5, 2.6, r"$\mathbf{h}_0$", size=(0.7, 0.6))
    previous = "start"
    for t in range(1, steps + 1):
        x = first + apart * (t - 1)
        _recurrent_step(diagram, str(t), x, str(t), output=t == steps)
        diagram.arrow(previous, str(t), "$U$", color=_ORANGE, shift=(0.0, 0.26))
        if t > 1:
            diagram.text(x - apart / 2, 2.3, rf"$\mathbf{{h}}_{{{t - 1}}}$")
        previous = str(t)
    diagram.arrow(str(steps), f"y of {steps}", "$V, c$", color=_ORANGE, shift=(-0.5, 0))
    _way_back(diagram, first, last)
    return diagram


def _recurrent_step(diagram: Diagram, name: str, x: float, t: str, *, output: bool = True) -> None:
    """A box that turns input and state into the next state, above its input."""
    diagram.operation(name, x, 2.6, r"$\tanh$", size=(1.2, 0.9))
    diagram.data(f"x of {name}", x, 0.6, rf"$\mathbf{{x}}_{{{t}}}$")
    diagram.arrow(f"x of {name}", name, "$W$", color=_ORANGE, shift=(-0.3, 0))
    if output:
        diagram.data(f"y of {name}", x, 5.0, r"$\hat{y}$")


def _way_back(diagram: Diagram, first: float, last: float) -> None:
    """A dashed line from the prediction to the first input, beside the arrows of the states."""
    right, left, height = last + 0.35, first + 0.47, 3.4
    diagram.ax.plot(
        [right, right, left, left], [4.6, height, height, 1.3], color=_INK, linestyle="--",
        linewidth=1.5, zorder=4,
    )  # fmt: skip
    diagram.arrow((left, 1.35), (left, 0.95), color=_INK)
    diagram.text((first + last) / 2, height + 0.25, "gradient", color=_INK)
