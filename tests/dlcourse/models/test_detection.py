"""Overlap, suppression, matching and average precision, each against another way to compute it."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.models.detection import Detections, average_precisions, box_iou, match, suppress


def random_boxes(rng: np.random.Generator, count: int, size: int = 20) -> np.ndarray:
    corners = rng.integers(0, size, (count, 2, 2))
    return np.concatenate([corners.min(axis=1), corners.max(axis=1) + 1], axis=1)


def painted(box: np.ndarray, size: int = 21) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return mask


def found(boxes: object, scores: object, labels: object = None) -> Detections:
    scores = np.asarray(scores, float)
    labels = np.zeros(len(scores), int) if labels is None else np.asarray(labels, int)
    return Detections(np.asarray(boxes, float).reshape(-1, 4), scores, labels)


class TestOverlap:
    def test_it_is_the_share_of_painted_pixels(self) -> None:
        rng = np.random.default_rng(0)
        a, b = random_boxes(rng, 12), random_boxes(rng, 9)
        counted = [
            [(painted(p) & painted(q)).sum() / (painted(p) | painted(q)).sum() for q in b]
            for p in a
        ]
        np.testing.assert_allclose(box_iou(a, b), counted)

    def test_boxes_without_area_overlap_nothing(self) -> None:
        empty = [[1, 1, 1, 5], [2, 2, 2, 2]]
        assert not box_iou(empty, [*empty, [0, 0, 9, 9]]).any()

    def test_no_boxes(self) -> None:
        assert box_iou(np.zeros((0, 4)), np.zeros((3, 4))).shape == (0, 3)
        assert box_iou([], []).shape == (0, 0)


class TestSuppression:
    def test_it_keeps_what_tensorflow_keeps(self) -> None:
        import tensorflow as tf

        rng = np.random.default_rng(1)
        boxes = random_boxes(rng, 60).astype(np.float32)
        scores = rng.permutation(60).astype(np.float32)
        kept = suppress(found(boxes, scores), 0.4)
        theirs = tf.image.non_max_suppression(boxes, scores, 60, iou_threshold=0.4).numpy()
        assert 5 < len(kept) < 60
        np.testing.assert_array_equal(kept.scores, scores[theirs])

    def test_classes_do_not_suppress_each_other(self) -> None:
        boxes = [[0, 0, 9, 9]] * 3
        assert len(suppress(found(boxes, [0.9, 0.8, 0.7], [0, 1, 0]))) == 2

    def test_an_iou_of_the_threshold_stays(self) -> None:
        boxes = [[0, 0, 2, 2], [0, 0, 2, 4]]
        assert len(suppress(found(boxes, [0.9, 0.8]), 0.5)) == 2
        assert len(suppress(found(boxes, [0.9, 0.8]), 0.49)) == 1

    def test_of_equal_scores_the_first_stays(self) -> None:
        kept = suppress(found([[0, 0, 8, 8], [0, 0, 9, 9]], [0.5, 0.5]))
        np.testing.assert_array_equal(kept.boxes, [[0, 0, 8, 8]])

    def test_nothing_found(self) -> None:
        assert len(suppress(found([], []))) == 0


class TestMatching:
    def test_an_object_is_hit_once_by_the_surest(self) -> None:
        boxes = [[0, 0, 9, 9], [0, 0, 10, 10]]
        assert match(found(boxes, [0.5, 0.9]), [[0, 0, 10, 10]]).tolist() == [False, True]

    def test_a_second_one_may_take_another_object(self) -> None:
        objects = [[0, 0, 10, 10], [0, 2, 10, 12]]
        assert match(found([[0, 0, 10, 10]] * 2, [0.9, 0.8]), objects).all()

    def test_no_objects(self) -> None:
        assert match(found([[0, 0, 9, 9]], [0.9]), []).tolist() == [False]


class TestAveragePrecision:
    OBJECT = ((0, 0, 10, 10),)
    ELSEWHERE = (20, 20, 30, 30)

    def test_all_found_and_nothing_else_is_one(self) -> None:
        result = average_precisions([found(self.OBJECT, [0.3])], [self.OBJECT], [[0]], 1)
        np.testing.assert_allclose(result, [1.0])

    def test_a_surer_false_alarm_in_another_image_halves_it(self) -> None:
        images = [found(self.OBJECT, [0.3]), found([self.ELSEWHERE], [0.9])]
        result = average_precisions(images, [self.OBJECT, []], [[0], []], 1)
        np.testing.assert_allclose(result, [0.5])

    def test_nothing_found_is_zero_and_nothing_to_find_is_nan(self) -> None:
        result = average_precisions([found([], [])], [self.OBJECT], [[0]], 2)
        np.testing.assert_allclose(result, [0.0, np.nan])

    def test_without_false_alarms_above_hits_it_is_that_of_scikit_learn(self) -> None:
        """Where precision falls with recall the envelope changes nothing."""
        from sklearn.metrics import average_precision_score

        hits = np.array([True] * 5 + [False, True, False, False, True])
        scores = np.linspace(1, 0.1, 10)
        boxes = [self.OBJECT if hit else (self.ELSEWHERE,) for hit in hits]
        images = [found(box, [score]) for box, score in zip(boxes, scores, strict=True)]
        objects = [self.OBJECT if hit else [] for hit in hits]
        labels = [[0] if hit else [] for hit in hits]
        ours = average_precisions(images, objects, labels, 1)
        np.testing.assert_allclose(ours, average_precision_score(hits, scores))

    def test_the_precision_at_a_recall_is_the_best_from_there_on(self) -> None:
        images = [
            found([self.ELSEWHERE], [0.9]),
            found(self.OBJECT, [0.8]),
            found(self.OBJECT, [0.7]),
        ]
        result = average_precisions(images, [[], self.OBJECT, self.OBJECT], [[], [0], [0]], 1)
        np.testing.assert_allclose(result, [2 / 3])  # without envelope 1/2 * (1/2 + 2/3)

    def test_a_missing_image_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="One entry an image"):
            average_precisions([], [self.OBJECT], [[0]], 1)
