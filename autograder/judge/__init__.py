"""The trusted side of grading: hidden checks, references, hidden data, verdicts."""
