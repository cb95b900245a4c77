"""Checks for failures of a running backend: one module for each part of the configuration."""
