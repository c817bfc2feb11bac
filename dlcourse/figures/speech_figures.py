"""Figures of the chapter on speech: waveforms, the way to log-mel features, and CTC's grid.

Importing this module is cheap; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.figures.diagrams import Diagram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "draw_ctc_grid",
    "draw_feature_steps",
    "draw_log_mel_steps",
    "draw_reading",
    "draw_speakers",
    "draw_spotters",
    "draw_waveforms",
]

_USED, _UNUSED = {"fc": "#E3F1FA", "ec": "#0072B2"}, {"fc": "#F4F4F4", "ec": "#BBBBBB"}


def draw_waveforms(sounds: Mapping[str, npt.ArrayLike], rate: int) -> Figure:
    """Draw each sound against time in milliseconds, one below the other.

    Args:
        sounds: by title, samples of shape (samples,).
        rate: samples a second.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        len(sounds), 1, figsize=(7, 1.2 * len(sounds)), sharex=True, sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for ax, (name, given) in zip(axes.flat, sounds.items(), strict=True):
        samples = np.asarray(given)
        ax.plot(1000 * np.arange(len(samples)) / rate, samples, linewidth=0.6)
        ax.set_title(name)
    figure.supylabel("pressure (relative)", fontsize="medium")
    axes.flat[-1].set_xlabel("time (ms)")
    return figure


def draw_feature_steps(steps: Sequence[tuple[str, str]], operations: Sequence[str]) -> Figure:
    """Draw a chain of arrays and of the operations between them; nothing in it is trained.

    Args:
        steps: name and shape of each array.
        operations: what leads from each array to the next.
    """
    chain = Diagram(14, 2.0)
    gap = 12.2 / (len(steps) - 1)
    for index, (name, shape) in enumerate(steps):
        chain.data(name, 0.9 + gap * index, 1.25, size=(1.6, 0.85), fontsize=9)
        chain.text(0.9 + gap * index, 0.45, shape)
    for index, text in enumerate(operations):
        chain.operation(f"{index}", 0.9 + gap * (index + 0.5), 1.25, text, size=(0.95, 1.0),
                        fontsize=8)  # fmt: skip
        chain.arrow(steps[index][0], f"{index}")
        chain.arrow(f"{index}", steps[index + 1][0])
    return chain.figure


def draw_log_mel_steps(
    sound: npt.NDArray[np.floating],
    frames: npt.NDArray[np.floating],
    window: npt.NDArray[np.floating],
    filters: npt.NDArray[np.floating],
    images: tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]],
    *,
    rate: int,
    step: int,
    shown: int,
) -> Figure:
    """Draw how one frame becomes a column of a log-mel spectrogram, and the whole of it.

    Args:
        sound: (samples,).
        frames: (number, length), centred every `step` samples.
        window: (length,).
        filters: (length // 2 + 1, filters).
        images: power and log-mel spectrogram in decibels, each (number, frequencies or filters).
        rate: samples a second.
        step: samples from one frame to the next.
        shown: which frame is drawn.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(7, 4.4), layout="constrained")
    length = frames.shape[1]
    middle, half = 1000 * step * shown / rate, 500 * length / rate
    loud = np.flatnonzero(np.abs(sound) > 0.01) * 1000 / rate
    axes[0, 0].plot(1000 * np.arange(len(sound)) / rate, sound, linewidth=0.4)
    axes[0, 0].axvspan(middle - half, middle + half, color="C1", alpha=0.5)
    axes[0, 0].set(title="1 frames", xlabel="time (ms)", xlim=(loud[0] - 50, loud[-1] + 50))
    for ax, title, wave in (
        (axes[0, 1], "2 one frame", frames[shown]),
        (axes[0, 2], "3 times Hann", frames[shown] * window),
    ):
        ax.plot(1000 * np.arange(length) / rate, wave)
        ax.set(title=title, xlabel="time (ms)", ylim=(-0.6, 0.6))
    hertz = np.linspace(0, rate / 2, length // 2 + 1)
    axes[1, 0].plot(hertz, images[0][shown])
    axes[1, 0].plot(hertz, 20 * filters[:, ::5] - 65, color="C1", linestyle="-", linewidth=1)
    axes[1, 0].set(title="4 power, filters", xlabel="frequency (Hz)", ylabel="power (dB)",
                   yticks=[-40, -20, 0, 20])  # fmt: skip
    for ax, title, image, label in (
        (axes[1, 1], "power (dB)", images[0], "frequency k"),
        (axes[1, 2], "5 log-mel (dB)", images[1], "filter"),
    ):
        ax.imshow(image.T, origin="lower", aspect="auto", cmap="magma")
        ax.set(title=title, xlabel="frame", ylabel=label)
        ax.grid(visible=False)
    return figure


def draw_spotters() -> Figure:
    """Draw the two keyword spotters of the chapter, layer by layer, with the shapes between."""
    drawn = Diagram(14, 4.0)
    convolutions = ["conv 5, BN,\nReLU, pool 2"] * 3
    for y, hidden, shapes in (
        (3.1, convolutions, ["(25, 64)", "(12, 64)", "(6, 64)"]),
        (1.1, ["GRU"], ["(51, 64)"]),
    ):
        texts = ["log-mel", *hidden, "max over\ntime", "dense", "logits"]
        kinds = ["data", *["parameter"] * len(hidden), "operation", "parameter", "data"]
        below = ["(51, 40)", *shapes, "(64,)", "", "(10,)"]
        gap = 12 / (len(texts) - 1)
        for index, (text, kind, shape) in enumerate(zip(texts, kinds, below, strict=True)):
            box = getattr(drawn, kind)
            box(f"{y} {index}", 1 + gap * index, y, text, size=(1.5, 0.95), fontsize=8)
            drawn.text(1 + gap * index, y - 0.75, shape, fontsize=9)
            if index:
                drawn.arrow(f"{y} {index - 1}", f"{y} {index}")
    return drawn.figure


def draw_speakers(groups: Mapping[str, npt.NDArray[np.floating]]) -> Figure:
    """Draw the accuracy of each speaker as a point, by group, and the group's mean as a line."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
    for index, (shares, marker) in enumerate(zip(groups.values(), "os^D", strict=False)):
        places = index + np.linspace(-0.25, 0.25, len(shares))
        ax.plot(places, np.sort(shares), marker, linestyle="none")
        ax.hlines(shares.mean(), index - 0.3, index + 0.3, color="0.4")
    ax.set(xticks=range(len(groups)), xticklabels=list(groups), ylabel="accuracy", ylim=(0, 1.05))
    return figure


def draw_ctc_grid(alpha: npt.NDArray[np.floating], labels: Sequence[int]) -> Figure:
    """Draw the nodes of CTC's forward recursion that are on a way from a start to an end.

    Args:
        alpha: (T, 2 U + 1), for U different labels in a row.
        labels: the U labels.
    """
    import matplotlib.pyplot as plt

    frames, places = alpha.shape
    figure, ax = plt.subplots(figsize=(6, 0.95 * places), layout="constrained")

    def counts(t: int, s: int) -> bool:
        return bool(max(0, places - 2 * (frames - t)) <= s <= min(2 * t + 1, places - 1))

    for t in range(frames):
        for s in range(places):
            end = t == frames - 1 and s >= places - 2
            look = {**(_USED if counts(t, s) else _UNUSED), "lw": 3.0 if end else 1.4}
            text = f"{alpha[t, s]:.3f}" if counts(t, s) else "       "
            ax.text(t, -s, text, ha="center", va="center", zorder=3, fontsize=11,
                    bbox={"boxstyle": "circle,pad=0.3", **look})  # fmt: skip
            for down in (0, 1, 2) if s % 2 else (0, 1):
                if t < frames - 1 and counts(t, s) and counts(t + 1, s + down):
                    _arrow(ax, (t, -s), (t + 1, -s - down))
    names = ["blank"] + [name for label in labels for name in (str(label), "blank")]
    ax.set(xticks=range(frames), xticklabels=[f"frame {t + 1}" for t in range(frames)],
           yticks=range(0, -places, -1), yticklabels=names, xlim=(-0.4, frames - 0.6),
           ylim=(0.5 - places, 0.5))  # fmt: skip
    ax.grid(visible=False)
    return figure


def _arrow(ax: object, start: tuple[float, float], end: tuple[float, float]) -> None:
    share = 0.2
    (x, y), (u, v) = start, end
    between = [(x + f * (u - x), y + f * (v - y)) for f in (share, 1 - share)]
    arrow = {"arrowstyle": "-|>", "color": "#555555"}
    ax.annotate("", between[1], between[0], arrowprops=arrow)  # type: ignore[attr-defined]


def draw_reading(
    features: npt.NDArray[np.floating],
    probabilities: Mapping[str, npt.NDArray[np.floating]],
    seconds: float,
) -> Figure:
    """Draw a spectrogram, and below it what a network says in each of its frames.

    Args:
        features: (frames, filters) in decibels.
        probabilities: by symbol, (T,); the T steps divide the time evenly.
        seconds: how long it lasts.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 1, figsize=(7, 3.8), sharex=True, layout="constrained")
    extent = (0, seconds, 0, features.shape[1])
    axes[0].imshow(features.T, origin="lower", aspect="auto", cmap="magma", extent=extent)
    axes[0].set_ylabel("mel filter")
    axes[0].grid(visible=False)
    for (name, values), style in zip(probabilities.items(), (":", "-", "--", "-."), strict=False):
        axes[1].plot((np.arange(len(values)) + 0.5) * seconds / len(values), values, style,
                     label=name)  # fmt: skip
    axes[1].set(xlabel="time (s)", ylabel="probability")
    axes[1].legend()
    return figure
