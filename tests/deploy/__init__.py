"""Tests of the deployments."""
