"""The course's data sets, the same functions in both tiers.

The cpu tier reads files that lie inside installed packages and needs no download. The gpu tier uses
the field's standard sets. Which tier is in force is told by `tier()`.

`manifest` names each data set with its source, licence and SHA-256, and `files` finds or downloads
its file; `loaders` reads digits and emoji; `scenes` composes images with known objects; `speech`
reads spoken digits; `reviews` reads sentences of film reviews; `plays` reads Shakespeare's plays;
`sealed` opens what learners must not see; `tiers` tells the tier. What few notebooks need, such as
`scenes` and `speech`, is imported by its own name.
"""

from dlcourse.data.files import DataError
from dlcourse.data.loaders import (
    Digits,
    Emoji,
    SmallDigits,
    digits,
    distort,
    emoji,
    held_out_digits,
    small_digits,
    warm_up,
)
from dlcourse.data.tiers import print_tier, tier

__all__ = [
    "DataError",
    "Digits",
    "Emoji",
    "SmallDigits",
    "digits",
    "distort",
    "emoji",
    "held_out_digits",
    "print_tier",
    "small_digits",
    "tier",
    "warm_up",
]
