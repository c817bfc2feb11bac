"""Shipping a network: the one that is served, its starts, services in processes, and loads."""
