"""The same jobs through v3 and v4."""

LEVEL = "extended"
SITES = ("effects",)
