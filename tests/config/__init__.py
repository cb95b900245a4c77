"""Tests of job configurations and of what a backend is started with."""
