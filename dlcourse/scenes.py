"""`dlcourse.data.scenes`, under the name by which released notebooks import it."""

from dlcourse.data.scenes import CLASSES, SPLITS, Scenes, compose

__all__ = ["CLASSES", "SPLITS", "Scenes", "compose"]
