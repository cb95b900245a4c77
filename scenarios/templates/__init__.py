"""Templates: escaping, values that callers choose on purpose, names."""

LEVEL = "extended"
SITES = ("effects",)
