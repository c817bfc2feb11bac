"""Figures of deployment show what they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlcourse.figures import deployment_figures as figures
from dlcourse.serving.orchestration import Restarts, Rollout, Scaling


def texts(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.axes[0].texts}


def drawn(figure: Figure, panel: int, label: str) -> list[float]:
    (line,) = [one for one in figure.axes[panel].lines if one.get_label() == label]
    return list(np.asarray(line.get_ydata(), dtype=float))


def test_layers_come_from_instructions_and_are_shared() -> None:
    shown = texts(figures.layers_diagram())
    assert {"base", "packages", "network", "code", "COPY emoji.onnx"} <= shown
    assert sum("what it writes" in text for text in shown) == 2


def test_three_platforms_ask_by_their_own_routes() -> None:
    shown = texts(figures.contracts_diagram())
    assert {"SageMaker", "Vertex AI", "Azure ML", "POST /invocations", "POST /score"} <= shown


def test_the_loop_compares_and_acts() -> None:
    assert {"plan:\ncompare", "apply", "actions"} <= texts(figures.control_loop_diagram())


def test_an_update_is_drawn_as_believed_and_as_it_is() -> None:
    four = np.array([4, 4])
    run = Rollout(np.array([5, 5]), four, np.array([4, 1]), np.array([0, 1]))
    figure = figures.updates({"a": run, "b": run}, least=4)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    assert drawn(figure, 1, "can answer") == [4, 1]
    assert drawn(figure, 0, "ready, by the probe") == [4, 4]
    assert drawn(figure, 0, "bound") == [4, 4]


def test_replicas_that_are_up_are_drawn_by_what_they_could_answer() -> None:
    run = Restarts(np.array([9.0, 9.0]), np.array([8.0, 4.0]), np.array([2, 1]), 1)
    figure = figures.probes({"a": run}, rate=4.0)
    assert drawn(figure, 0, "replicas that are up could answer") == [8, 4]
    assert drawn(figure, 0, "answered") == [8, 4]


def test_a_load_is_drawn_in_replicas_that_it_needs() -> None:
    run = Scaling(np.array([30.0, 60.0]), np.array([3, 3]), np.array([3, 3]),
                  np.array([False, True]), 0)  # fmt: skip
    figure = figures.scalings({"a": run}, rate=10.0)
    assert drawn(figure, 0, "load") == [3, 6]
    assert drawn(figure, 0, "ready") == [3, 3]


def test_costs_are_drawn_with_their_break_even() -> None:
    figure = figures.monthly_costs([1e3, 1e6], {"a": [1, 2], "b": [0.1, 9]}, 5e5)
    assert drawn(figure, 0, "b") == [0.1, 9]
    (line,) = [one for one in figure.axes[0].lines if one.get_label() == "break-even"]
    assert list(np.asarray(line.get_xdata())) == [5e5, 5e5]


def test_the_arena_is_the_most_that_one_operation_needs() -> None:
    figure = figures.live_bytes(["a", "b"], [1000, 5000], [5000, 2000])
    assert drawn(figure, 0, "arena") == pytest.approx([7, 7])
