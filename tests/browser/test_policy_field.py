"""The river of week 10: its boats move and learn as dlcourse's do, and the keyboard works it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from dlcourse.agents import river

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "policy_field"
PLACES = np.random.default_rng(0).uniform(size=(6, 2))


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def steps(page: Any) -> float:
    """How many steps the boats of the last batch took on average."""
    found = re.search(r"took (\S+) steps", status(page))
    assert found is not None
    return float(found.group(1))


def test_boats_and_bumps_are_those_of_the_package(page: Any) -> None:
    actions = 3 * np.random.default_rng(1).normal(size=(6, 2))
    moved = page.evaluate(
        "([places, actions]) => places.map((place, k) =>"
        " policyFieldFunctions.move(place, actions[k], 0.7))",
        [PLACES.tolist(), actions.tolist()],
    )
    np.testing.assert_allclose(moved, river.move(PLACES, actions), atol=1e-12)
    found = page.evaluate("(places) => places.map(policyFieldFunctions.bumps)", PLACES.tolist())
    np.testing.assert_allclose(found, river.bumps(PLACES), atol=1e-12)


def test_the_gradient_is_that_of_the_weighted_log_probabilities(page: Any) -> None:
    rng = np.random.default_rng(2)
    W, log_sigma = rng.normal(size=(river.BUMPS, 2)), np.array([-0.5, 0.2])
    actions, weights, phi = rng.normal(size=(6, 2)), rng.normal(size=6), river.bumps(PLACES)

    def objective(parameters: np.ndarray) -> float:
        mean = phi @ parameters[:-2].reshape(2, -1).T
        off = (actions - mean) / np.exp(parameters[-2:])
        return float((weights * (-(off**2) / 2 - parameters[-2:]).sum(axis=1)).mean())

    row = np.concatenate([W.T.ravel(), log_sigma])
    nudges = 1e-5 * np.eye(len(row))
    expected = [(objective(row + e) - objective(row - e)) / 2e-5 for e in nudges]
    batch = [
        {"features": f, "mean": m, "action": a}
        for f, m, a in zip(phi.tolist(), (phi @ W).tolist(), actions.tolist(), strict=True)
    ]
    found = page.evaluate(
        "([batch, weights, sigma]) => policyFieldFunctions.gradient(batch, weights, sigma)",
        [batch, weights.tolist(), np.exp(log_sigma).tolist()],
    )
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_the_value_is_a_ridge_regression(page: Any) -> None:
    phi, to_go = river.bumps(PLACES), -np.arange(6.0)
    batch = [{"features": f, "toGo": g} for f, g in zip(phi.tolist(), to_go.tolist(), strict=True)]
    expected = np.linalg.solve(phi.T @ phi + 0.1 * np.eye(river.BUMPS), phi.T @ to_go)
    found = page.evaluate("(batch) => policyFieldFunctions.fitted(batch)", batch)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_boats_learn_to_cross_and_steer_against_the_current(page: Any) -> None:
    ten = page.get_by_role("button", name="Ten updates")
    ten.click()
    first = steps(page)
    for _ in range(9):
        ten.click()
    assert "100 updates" in status(page)
    assert steps(page) < first / 2
    # In the middle of the river, at the height of the landing, the policy points upstream.
    upstream = page.evaluate(
        "() => { const agent = policyFieldFunctions.beginning('trained');"
        " const world = { baseline: 'value', noise: 'trained', speed: 0.7, landing: 0.5 };"
        " for (let k = 0; k < 100; k += 1) policyFieldFunctions.update(agent, world);"
        " return policyFieldFunctions.means(agent, policyFieldFunctions.bumps([0.5, 0.5])); }"
    )
    assert upstream[0] > 0.3
    assert upstream[1] > 0.3


def test_the_keyboard_trains_and_moves_the_landing(page: Any) -> None:
    page.get_by_role("button", name="One update").press("Enter")
    assert status(page).startswith("Seed 1, 1 update.")
    before = page.locator(".landing").get_attribute("cy")
    page.get_by_label("landing at").press("ArrowRight")
    assert page.locator(".landing").get_attribute("cy") != before
    assert status(page).startswith("Seed 1, 1 update.")


def test_noise_that_stays_is_not_trained_and_starts_again(page: Any) -> None:
    page.get_by_role("button", name="One update").click()
    page.get_by_label("noise").select_option("small")
    assert status(page).startswith("Seed 1, no update yet")
    page.get_by_role("button", name="One update").click()
    assert "0.05 across and 0.05 along" in status(page)


def test_a_click_moves_the_landing_along_its_bank(page: Any) -> None:
    picture = page.locator(".plot svg")
    box = picture.bounding_box()
    picture.click(position={"x": 10, "y": box["height"] * 0.2})
    assert float(page.locator(".landing").get_attribute("cy")) < 150


def test_a_seed_gives_the_same_boats_again_and_the_next_one_others(page: Any) -> None:
    one = page.get_by_role("button", name="One update")
    one.click()
    first = status(page)
    page.get_by_label("baseline").select_option("mean")
    one.click()
    assert steps(page) == float(re.findall(r"took (\S+) steps", first)[0])
    page.get_by_role("button", name="Next seed").click()
    one.click()
    assert status(page).startswith("Seed 2, 1 update.")
    assert status(page).split("took")[1] != first.split("took")[1]
