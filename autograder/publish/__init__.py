"""The book as notebooks, tables of contents and the learners' half of the repository."""
