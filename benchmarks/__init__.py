"""The figures that the course quotes, each by one command: ``python -m benchmarks.NAME``."""
