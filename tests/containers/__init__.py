"""Runs on containers, where there is an engine and images to run."""
