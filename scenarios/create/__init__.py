"""Scenarios about create."""
