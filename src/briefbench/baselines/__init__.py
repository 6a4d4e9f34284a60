"""Baselines: one module a family, one registry, one way to run them."""
