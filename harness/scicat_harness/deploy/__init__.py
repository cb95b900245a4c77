"""Deployments: they start, find, watch and end backends with what these need."""
