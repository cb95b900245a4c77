"""Tests of what a run puts into a backend, and of how it watches effects."""
