"""Who may update which job, in every form of a patch."""

LEVEL = "core"
SITES = ("union",)
