"""Diagrams of gated recurrent cells, and of layers of them, in the grammar of `Diagram`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["bidirectional_diagram", "gru_diagram", "lstm_diagram", "stacked_diagram"]

_ROUND = (0.62, 0.62)
_SHAPE = "$(n, u)$"


def lstm_diagram() -> Figure:
    """Draw one step of an LSTM: the cell state above, the four layers that act on it below."""
    d = Diagram(14.0, 8.0)
    columns = {"f": 3.4, "i": 5.9, "g": 8.1, "o": 10.6}
    _inputs(d, columns.values(), columns.values())
    for gate, x in columns.items():
        _gate(d, gate, x, r"$\tanh$" if gate == "g" else r"$\sigma$")
    d.data("c", 0.9, 7.1, r"$\mathbf{c}_{t-1}$", size=(1.2, 0.7))
    d.operation("forget", 3.4, 7.1, r"$\odot$", size=_ROUND)
    d.operation("write", 7.0, 5.5, r"$\odot$", size=_ROUND)
    d.operation("add", 7.0, 7.1, "+", size=_ROUND)
    d.data("new c", 13.0, 7.1, r"$\mathbf{c}_t$", size=(1.2, 0.7))
    d.operation("squash", 10.6, 6.2, r"$\tanh$", size=(1.1, 0.6))
    d.operation("show", 10.6, 5.1, r"$\odot$", size=_ROUND)
    d.data("new h", 13.0, 5.1, r"$\mathbf{h}_t$", size=(1.2, 0.7))
    d.arrow("c", "forget", _SHAPE, shift=(0.0, 0.28))
    d.arrow("forget", "add")
    d.arrow("add", "new c", _SHAPE, shift=(0.4, 0.28))
    d.arrow("layer f", "forget", r"$\mathbf{f}_t$", shift=(0.3, 0.0))
    d.arrow("layer i", "write", r"$\mathbf{i}_t$", shift=(-0.35, 0.1))
    d.arrow("layer g", "write", r"$\mathbf{g}_t$", shift=(0.35, 0.1))
    d.arrow("write", "add")
    d.arrow((10.6, 7.1), "squash")
    d.arrow("squash", "show")
    d.arrow("layer o", "show", r"$\mathbf{o}_t$", shift=(-0.35, 0.0))
    d.arrow("show", "new h", _SHAPE, shift=(0.0, 0.28))
    return d.figure


def gru_diagram() -> Figure:
    """Draw one step of a GRU that resets after the product, as Keras' does by default."""
    d = Diagram(14.0, 8.0)
    columns = {"z": 3.0, "r": 5.5, "Uh": 7.9, "Wh": 10.3}
    _inputs(d, [columns[name] for name in ("z", "r", "Wh")], list(columns.values())[:3])
    _gate(d, "z", 3.0, r"$\sigma$", biases=2)
    _gate(d, "r", 5.5, r"$\sigma$", biases=2)
    d.parameter("Uh", 7.9, 2.7, r"$U_h,\;\mathbf{b}'_h$", size=(1.7, 0.8))
    d.parameter("Wh", 10.3, 2.7, r"$W_h,\;\mathbf{b}_h$", size=(1.7, 0.8))
    d.operation("reset", 7.9, 4.0, r"$\odot$", size=_ROUND)
    d.operation("sum", 10.3, 4.0, "+", size=_ROUND)
    d.operation("tanh", 10.3, 5.0, r"$\tanh$", size=(1.1, 0.6))
    d.operation("one minus z", 6.0, 6.0, r"$1 - \mathbf{z}_t$", size=(1.5, 0.6))
    d.operation("write", 10.3, 6.0, r"$\odot$", size=_ROUND)
    d.operation("keep", 3.0, 7.1, r"$\odot$", size=_ROUND)
    d.operation("add", 10.3, 7.1, "+", size=_ROUND)
    d.data("old h", 0.9, 7.1, r"$\mathbf{h}_{t-1}$", size=(1.2, 0.7))
    d.data("new h", 13.0, 7.1, r"$\mathbf{h}_t$", size=(1.2, 0.7))
    d.arrow("Uh", "reset")
    d.arrow("Wh", "sum")
    d.arrow("layer r", "reset", r"$\mathbf{r}_t$", shift=(0.0, 0.25))
    d.arrow("reset", "sum")
    d.arrow("sum", "tanh")
    d.arrow("tanh", "write", r"$\tilde{\mathbf{h}}_t$", shift=(0.35, 0.0))
    d.arrow("layer z", "keep", r"$\mathbf{z}_t$", shift=(-0.3, 0.0))
    d.arrow((3.0, 6.0), "one minus z")
    d.arrow("one minus z", "write", _SHAPE, shift=(0.0, 0.28))
    d.arrow("write", "add")
    d.arrow("old h", "keep")
    d.arrow("keep", "add", _SHAPE, shift=(0.0, 0.28))
    d.arrow("add", "new h", _SHAPE, shift=(0.0, 0.28))
    return d.figure


def stacked_diagram(steps: int = 4) -> Figure:
    """Draw two stacked recurrent layers, unrolled: all states of the first, the last of the second.

    Args:
        steps: how many are drawn.
    """
    d = Diagram(14.0, 5.6)
    for t in range(1, steps + 1):
        x = 2.4 * t + 1.4
        d.data(f"x{t}", x, 0.6, rf"$\mathbf{{x}}_{t}$")
        d.operation(f"a{t}", x, 2.1, "layer 1", size=(1.5, 0.8), fontsize=11)
        d.operation(f"b{t}", x, 3.7, "layer 2", size=(1.5, 0.8), fontsize=11)
        d.arrow(f"x{t}", f"a{t}", "$(n, d)$", shift=(0.6, 0.0))
        d.arrow(f"a{t}", f"b{t}", "$(n, u_1)$", shift=(0.65, 0.0))
        if t > 1:
            d.arrow(f"a{t - 1}", f"a{t}")
            d.arrow(f"b{t - 1}", f"b{t}")
    d.data("out", 2.4 * steps + 1.4, 5.1, r"$\mathbf{h}_T$")
    d.arrow(f"b{steps}", "out", "$(n, u_2)$", shift=(0.65, 0.0))
    d.text(1.3, 2.9, "return_\nsequences\n=True", fontsize=9)
    d.text(1.3, 4.5, "return_\nsequences\n=False", fontsize=9)
    return d.figure


def bidirectional_diagram(steps: int = 4) -> Figure:
    """Draw a bidirectional layer, unrolled, with the two outputs that have read all steps.

    Args:
        steps: how many are drawn.
    """
    d = Diagram(14.0, 6.2)
    read_all: dict[str, Any] = {"fc": "#FFFFFF", "ec": "#009E73", "linewidth": 3.0}
    for t in range(1, steps + 1):
        x = 2.6 * t + 0.6
        d.data(f"x{t}", x, 0.6, rf"$\mathbf{{x}}_{t}$")
        last, first = t == steps, t == 1
        d.operation(f"f{t}", x - 0.45, 2.3, r"$\rightarrow$", size=(0.8, 0.7),
                    **(read_all if last else {}))  # fmt: skip
        d.operation(f"b{t}", x + 0.45, 3.7, r"$\leftarrow$", size=(0.8, 0.7),
                    **(read_all if first else {}))  # fmt: skip
        d.data(f"y{t}", x, 5.5, f"step {t}", size=(1.5, 0.7), fontsize=11)
        for box in ("f", "b"):
            d.arrow(f"x{t}", f"{box}{t}")
            d.arrow(f"{box}{t}", f"y{t}")
        if t > 1:
            d.arrow(f"f{t - 1}", f"f{t}")
            d.arrow(f"b{t}", f"b{t - 1}")
    d.text(1.0, 2.3, "forward")
    d.text(1.0, 3.7, "backward")
    d.text(1.0, 5.5, "$(n, 2u)$")
    return d.figure


def _inputs(d: Diagram, from_x: Iterable[float], from_h: Iterable[float]) -> None:
    """Two lines that carry input and state to the parameters at these places."""
    d.data("h", 0.9, 1.6, r"$\mathbf{h}_{t-1}$", size=(1.2, 0.7))
    d.data("x", 0.9, 0.6, r"$\mathbf{x}_t$", size=(1.2, 0.7))
    d.text(2.0, 1.83, _SHAPE)
    d.text(2.0, 0.83, "$(n, d)$")
    for height, shift, places in ((1.6, -0.3, from_h), (0.6, 0.3, from_x)):
        ends = [x + shift for x in places]
        d.ax.plot([1.5, max(ends)], [height, height], color="#555555", linewidth=1.4,
                  linestyle="-", zorder=1)  # fmt: skip
        for x in ends:
            d.arrow((x, height), (x, 2.3))


def _gate(d: Diagram, name: str, x: float, activation: str, *, biases: int = 1) -> None:
    """The parameters of a gate and, above them, its activation."""
    second = rf"+\mathbf{{b}}'_{name}" if biases == 2 else ""
    text = rf"$W_{name},\,U_{name},$" + "\n" + rf"$\mathbf{{b}}_{name}{second}$"
    d.parameter(f"weights {name}", x, 2.7, text, size=(1.7, 0.9), fontsize=11)
    d.operation(f"layer {name}", x, 4.0, activation, size=(1.1, 0.6))
    d.arrow(f"weights {name}", f"layer {name}", _SHAPE, shift=(0.65, 0.05))
