"""The instructor's package: release assignments and grade what comes back."""
