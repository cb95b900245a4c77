"""Who may delete which job."""

LEVEL = "core"
SITES = ("union",)
