"""Mutants in the real backend."""
