"""Multiply-adds and bytes are counted as they occur, on every machine alike."""

from __future__ import annotations

import numpy as np

from dlcourse.models.operation_counts import Count, peak_bytes


def test_a_product_of_matrices_has_the_product_of_its_three_sides() -> None:
    count = Count()
    count.watch(np.ones((2, 5, 3))) @ np.ones((3, 4))
    assert (count.products, count.multiply_adds) == (1, 2 * 5 * 3 * 4)


def test_what_is_computed_from_a_watched_array_is_watched() -> None:
    count = Count()
    x = np.exp(count.watch(np.ones((5, 3))))
    (x - x.max()).T @ x
    assert count.multiply_adds == 3 * 5 * 3


def test_a_watched_right_factor_and_a_vector_count_as_well() -> None:
    count = Count()
    np.ones(3) @ count.watch(np.ones((3, 4)))
    assert count.multiply_adds == 12


def test_the_largest_array_is_that_of_any_operation() -> None:
    count = Count()
    x = count.watch(np.ones((5, 1), np.float32))
    (x * np.ones(7, np.float32)).sum()
    assert count.largest == 5 * 7 * 4


def test_results_are_those_of_plain_arrays() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(Count().watch(x) @ x.T, x @ x.T)


def test_a_number_does_not_change_the_precision() -> None:
    count = Count()
    assert (count.watch(np.ones((4, 4), np.float32)) / 2.0).dtype == np.float32
    assert count.largest == 4 * 4 * 4


def test_the_peak_counts_what_is_given_back_before_the_end() -> None:
    megabyte = 2**20

    def briefly() -> float:
        return float(np.ones(megabyte // 8).sum() + np.ones(megabyte // 8).sum())

    assert megabyte <= peak_bytes(briefly) < 2 * megabyte
