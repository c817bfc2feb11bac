"""Statistics of runs: against scipy, by properties, and by simulated coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlcourse.agents.run_statistics import (
    bootstrap_interval,
    interquartile_mean,
    mean_lower_bound,
    performance_profile,
    probability_of_improvement,
)

# Rounded, so that ties come and sums do not depend on the order.
scores = st.lists(st.floats(-500, 500).map(lambda x: round(x, 1)), min_size=2, max_size=30)


@given(scores)
def test_the_interquartile_mean_is_trimmed_by_a_quarter_at_each_end(
    runs: list[float],
) -> None:
    assert interquartile_mean(runs) == pytest.approx(stats.trim_mean(runs, 0.25), abs=1e-9)
    cut = len(runs) // 4
    middle = np.sort(runs)[cut : len(runs) - cut]
    assert interquartile_mean(runs) == pytest.approx(middle.mean(), abs=1e-9)


@given(scores, st.floats(0, 1e6))
def test_the_interquartile_mean_ignores_how_good_the_best_quarter_is(
    runs: list[float], more: float
) -> None:
    ordered = np.sort(runs)
    better = ordered.copy()
    better[len(runs) - len(runs) // 4 :] += more
    assert interquartile_mean(better) == pytest.approx(interquartile_mean(ordered), abs=1e-9)


@given(scores, scores)
def test_the_probability_of_improvement_is_mann_whitneys_u_over_the_pairs(
    x: list[float], y: list[float]
) -> None:
    u = stats.mannwhitneyu(x, y).statistic
    assert probability_of_improvement(x, y) == pytest.approx(u / (len(x) * len(y)))


@given(scores, scores)
def test_one_of_two_is_better_or_they_are_tied(x: list[float], y: list[float]) -> None:
    one, other = probability_of_improvement(x, y), probability_of_improvement(y, x)
    assert one + other == pytest.approx(1)
    assert probability_of_improvement(x, x) == pytest.approx(0.5)


def test_the_probability_of_improvement_is_averaged_over_tasks_of_any_number_of_runs() -> None:
    ours, theirs = [[3, 3], [1, 1, 1]], [[1, 2, 2], [1]]
    assert probability_of_improvement(ours, theirs) == 0.75
    with pytest.raises(ValueError, match="of 2 tasks and the baseline's of 1"):
        probability_of_improvement(ours, [1, 2])


@settings(max_examples=20)
@given(scores)
def test_an_interval_lies_within_the_scores_and_grows_with_confidence(
    runs: list[float],
) -> None:
    low, high = bootstrap_interval(runs, confidence=0.9, resamples=200)
    lower, higher = bootstrap_interval(runs, confidence=0.99, resamples=200)
    assert np.diff([min(runs), lower, low, high, higher, max(runs)]).min() > -1e-9


def test_an_interval_of_the_mean_is_that_of_scipy() -> None:
    runs = np.random.default_rng(1).exponential(size=25)
    theirs = stats.bootstrap(
        (runs,), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert bootstrap_interval(runs) == pytest.approx((theirs.low, theirs.high))


def test_runs_are_resampled_within_their_tasks() -> None:
    """Tasks whose runs agree leave nothing to chance, however far apart the tasks are."""
    assert bootstrap_interval([[1, 1, 1], [9, 9, 9]], interquartile_mean) == (5, 5)
    low, high = bootstrap_interval([1, 1, 1, 9, 9, 9], interquartile_mean)
    assert low < 3
    assert high > 7


@pytest.mark.parametrize("statistic", [np.mean, np.median, interquartile_mean])
def test_an_interval_of_twenty_runs_holds_the_truth_about_as_often_as_it_says(
    statistic: Callable[..., float],
) -> None:
    rng = np.random.default_rng(0)
    held = 0
    for number in range(300):
        low, high = bootstrap_interval(
            rng.normal(size=20), statistic, confidence=0.9, resamples=300, seed=number
        )
        held += low <= 0 <= high
    assert 0.82 < held / 300 < 0.96


def test_a_profile_is_the_share_of_runs_above_each_level() -> None:
    runs = [[0, 1, 2, 3], [2, 2]]
    assert performance_profile(runs, [-1, 0, 1.5, 2, 3]).tolist() == [1, 0.875, 0.75, 0.125, 0]


def coverage(draw: Callable[[np.random.Generator], np.ndarray], mean: float) -> float:
    """Share of 4,000 samples whose lower bound is not above the mean."""
    rng = np.random.default_rng(0)
    return float(np.mean([mean_lower_bound(draw(rng)) <= mean for _ in range(4000)]))


def test_the_lower_bound_of_normal_returns_is_below_the_mean_95_times_in_100() -> None:
    assert coverage(lambda rng: rng.normal(200, 50, 10), 200) == pytest.approx(0.95, abs=0.012)


def test_the_lower_bound_is_cautious_when_most_episodes_are_short_and_some_long() -> None:
    assert coverage(lambda rng: rng.exponential(100, 100), 100) > 0.95


@pytest.mark.parametrize(("failures", "share"), [(0.2, 0.92), (0.05, 0.85), (0.02, 0.74)])
def test_the_lower_bound_is_too_high_where_failures_are_rare_as_documented(
    failures: float, share: float
) -> None:
    """Episodes count 500, or a number drawn between 0 and 500 when they fail."""

    def returns(rng: np.random.Generator) -> np.ndarray:
        return np.where(rng.random(100) < failures, rng.uniform(0, 500, 100), 500)

    assert coverage(returns, 500 - 250 * failures) == pytest.approx(share, abs=0.02)


@given(scores, st.floats(0.5, 0.99), st.floats(-100, 100))
def test_the_lower_bound_is_students_and_moves_with_the_returns(
    runs: list[float], confidence: float, shift: float
) -> None:
    bound = mean_lower_bound(runs, confidence)
    assert bound <= np.mean(runs) + 1e-9
    assert mean_lower_bound(np.add(runs, shift), confidence) == pytest.approx(
        bound + shift, abs=1e-6
    )
    if np.ptp(runs) > 0.05:
        test = stats.ttest_1samp(runs, bound, alternative="greater")
        assert test.pvalue == pytest.approx(1 - confidence, abs=1e-6)


def test_equal_returns_are_their_own_bound() -> None:
    assert mean_lower_bound(np.full(100, 500.0)) == 500


@pytest.mark.parametrize(
    ("given", "message"),
    [([1.0], "has 1 runs: at least 2"), ([1.0, np.nan], "not finite"), ([], "has 0 runs")],
)
def test_returns_from_which_nothing_follows_are_refused(given: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_lower_bound(given)
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean_lower_bound([1, 2], 95)


def test_runs_of_runs_of_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="one row of numbers for each task"):
        bootstrap_interval([[[1.0, 2.0]], [[1.0, 2.0]]])
