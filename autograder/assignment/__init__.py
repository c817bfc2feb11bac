"""One source text per assignment, and everything that is released from it."""
