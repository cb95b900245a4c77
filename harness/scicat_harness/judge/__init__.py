"""Judging: expected against observed, stored state, known deviations."""
