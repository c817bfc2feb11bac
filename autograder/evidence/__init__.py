"""Measured evidence that an assignment is fair: verification and calibration."""
