"""Marts recomputed by pandas from the facts below them: the oracle of harness/dev/recompute.py."""
