"""Scenarios about read."""
