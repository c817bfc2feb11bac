"""What belongs to the whole course: its secret and its address."""
