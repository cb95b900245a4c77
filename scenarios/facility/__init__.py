"""The job configuration of a facility; collected only where one is given."""

LEVEL = None
SITES = ("facility",)
