"""Who may use an endpoint at all, given the union of all job types."""

LEVEL = "core"
SITES = ("union", "satellites")
