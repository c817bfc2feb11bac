"""The learner's package of *Deep Learning in Twelve Weeks*."""

__version__ = "0.1.0"
