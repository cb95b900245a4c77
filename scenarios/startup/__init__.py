"""Starts: with configurations that are broken, unusual, or of an older dialect."""

LEVEL = "extended"
SITES = ("effects",)
