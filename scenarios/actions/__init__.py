"""Effects of each kind of action, and the order of several actions."""

LEVEL = "extended"
SITES = ("effects",)
