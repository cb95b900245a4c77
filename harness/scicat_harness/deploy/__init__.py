"""Deployments: backends that are started, found, watched and ended."""
