"""Scenarios about update."""
