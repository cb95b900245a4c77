"""Tests of what the profiles promise."""
