"""Startup errors of a backend with a job configuration, in the order of its loader."""
