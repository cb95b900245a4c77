"""Scenarios about endpoint."""
