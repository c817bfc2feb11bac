"""From what an LMS or a person handed in to one readable notebook a learner."""
