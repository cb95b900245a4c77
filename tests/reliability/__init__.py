"""Faults at every stage of a run: what is said, how it ends, and what is left."""
