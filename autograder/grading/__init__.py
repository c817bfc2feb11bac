"""Reading submissions, grading batches of them, and recording the results."""
