"""Reinforcement learning: environments, agents, and what is measured of them."""
