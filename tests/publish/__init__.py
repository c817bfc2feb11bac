"""Publishing: workflows, the learners' half, mirrors of data."""
