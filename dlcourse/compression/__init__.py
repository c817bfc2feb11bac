"""Making networks small and fast: one network to begin from, and what is measured of it."""
