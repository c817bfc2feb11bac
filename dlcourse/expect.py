"""`dlcourse.check.expect`, under the name by which released notebooks import it."""

from dlcourse.check.expect import Mismatch, expect_array, expect_close

__all__ = ["Mismatch", "expect_array", "expect_close"]
