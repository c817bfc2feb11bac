"""`dlcourse.models.pretrained`, under the name by which released notebooks import it."""

from dlcourse.models.pretrained import (
    DataError,
    Photographs,
    efficientnet_lite0,
    imagenet_names,
    imagenet_photographs,
    read_torch,
    square,
    vgg16_backbone,
)

__all__ = [
    "DataError",
    "Photographs",
    "efficientnet_lite0",
    "imagenet_names",
    "imagenet_photographs",
    "read_torch",
    "square",
    "vgg16_backbone",
]
