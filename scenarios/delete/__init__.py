"""Scenarios about delete."""
