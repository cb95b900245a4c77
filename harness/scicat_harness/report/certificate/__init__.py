"""Certificates: what a stored run proves of a backend, and what keeps it from proving more."""
