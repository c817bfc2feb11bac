"""The untrusted side of grading: the sandbox in which a submission runs."""
