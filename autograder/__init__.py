"""The instructor's package: release assignments and grade what comes back."""

__version__ = "0.1.0"
