"""From one source to every grader's notebook and bundle, and the proof that nothing leaks."""
