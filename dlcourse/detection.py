"""`dlcourse.models.detection`, under the name by which released notebooks import it."""

from dlcourse.models.detection import Detections, average_precisions, box_iou, match, suppress

__all__ = ["Detections", "average_precisions", "box_iou", "match", "suppress"]
