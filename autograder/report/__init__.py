"""What graded results become: tables, gradebook, feedback, class report."""
