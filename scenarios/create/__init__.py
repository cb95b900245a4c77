"""Who may create which job: every auth value, dataset list and owner."""

LEVEL = "core"
SITES = ("union",)
