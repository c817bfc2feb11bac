"""Shipping a network: the one that is served, services and loads, and what watches over them."""
