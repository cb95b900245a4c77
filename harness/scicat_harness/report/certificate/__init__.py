"""Certificates: the conclusion of a stored run per level, with the findings against conformance."""
