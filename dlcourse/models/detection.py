"""How well boxes are found: overlap, non-maximum suppression, mean average precision.

Chapter 3 of week 4 builds each of these step by step and compares them with other libraries; here
they are as a detector's score needs them. Boxes are rows (left, top, right, bottom).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Detections", "average_precisions", "box_iou", "match", "suppress"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Detections:
    """The boxes found in one image."""

    boxes: npt.NDArray[np.floating]
    """(m, 4) left, top, right, bottom."""
    scores: npt.NDArray[np.floating]
    """(m,) the higher, the surer."""
    labels: npt.NDArray[np.integer]
    """(m,) classes, from 0."""

    def __getitem__(self, chosen: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Detections:
        """Some of them, by index or mask."""
        return Detections(self.boxes[chosen], self.scores[chosen], self.labels[chosen])

    def __len__(self) -> int:
        """The number of boxes."""
        return len(self.scores)


def box_iou(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Intersection over union of each box of `a`, (n, 4), with each of `b`, (m, 4): (n, m).

    Boxes without area overlap nothing, not even themselves: 0.
    """
    a, b = (np.asarray(x, np.float64).reshape(-1, 4) for x in (a, b))
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.maximum(right_bottom - left_top, 0.0), axis=-1)
    areas_a, areas_b = (np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b))
    union = areas_a[:, None] + areas_b[None] - common
    iou: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return iou


def suppress(found: Detections, threshold: float = 0.5) -> Detections:
    """Greedy non-maximum suppression within each class.

    The surest box stays; boxes of its class whose IoU with it is greater than `threshold` go; then
    the same with the boxes that are left.

    Returns:
        What stays, the surest first; of equally sure ones the one that came first.
    """
    overlaps = box_iou(found.boxes, found.boxes)
    rivals = (overlaps > threshold) & (found.labels[:, None] == found.labels[None])
    left = np.ones(len(found), bool)
    kept = []
    for index in np.argsort(-found.scores, kind="stable"):
        if left[index]:
            kept.append(index)
            left &= ~rivals[index]
    return found[np.array(kept, np.int64)]


def match(found: Detections, boxes: npt.ArrayLike, threshold: float = 0.5) -> Bools:
    """Which detections of one class in one image hit an object.

    From the surest on, each takes the object with the greatest IoU among those that nobody has
    taken yet, if that IoU is at least `threshold`.

    Returns:
        (m,) True for a hit, in the order of `found`.
    """
    overlaps = box_iou(found.boxes, boxes)
    hits = np.zeros(len(found), bool)
    if overlaps.shape[1] == 0:
        return hits
    for index in np.argsort(-found.scores, kind="stable"):
        best = int(overlaps[index].argmax())
        if overlaps[index, best] >= threshold:
            hits[index] = True
            overlaps[:, best] = -1.0
    return hits


def average_precisions(
    found: Sequence[Detections],
    boxes: Sequence[npt.ArrayLike],
    labels: Sequence[npt.ArrayLike],
    classes: int,
    threshold: float = 0.5,
) -> Floats:
    """Average precision of each class over all images; their mean is the mAP.

    The area under the precision-recall curve, with the precision at a recall taken as the greatest
    one at that recall or a higher one (Everingham et al. 2010, all points).

    Args:
        found: what was found in each image.
        boxes: (k, 4) boxes of the objects of each image.
        labels: (k,) classes of the objects of each image.
        classes: number of classes.
        threshold: the IoU from which a box hits an object.

    Returns:
        (classes,) values from 0 to 1; nan for a class without objects.

    Raises:
        ValueError: if there are not as many detections as images.
    """
    if not len(found) == len(boxes) == len(labels):
        raise ValueError(
            f"One entry an image is needed, got {len(found)} detections, {len(boxes)} boxes and "
            f"{len(labels)} labels."
        )
    result = np.full(classes, np.nan)
    for label in range(classes):
        hits: list[Bools] = [np.zeros(0, bool)]
        scores: list[Floats] = [np.zeros(0)]
        objects = 0
        for detections, image_boxes, image_labels in zip(found, boxes, labels, strict=True):
            own = detections[detections.labels == label]
            wanted = np.asarray(image_boxes).reshape(-1, 4)[np.asarray(image_labels) == label]
            hits.append(match(own, wanted, threshold))
            scores.append(own.scores.astype(np.float64))
            objects += len(wanted)
        order = np.argsort(-np.concatenate(scores), kind="stable")
        result[label] = _area_under_curve(np.concatenate(hits)[order], objects)
    return result


def _area_under_curve(hits: Bools, objects: int) -> float:
    """Area under the precision-recall curve; `hits` from the surest detection on."""
    if objects == 0:
        return float("nan")
    true = np.cumsum(hits)
    precision = true / np.arange(1, len(true) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    gained = np.diff(true, prepend=0) / objects
    return float(np.sum(gained * envelope))
