"""The life of a job: its fields, updates, configurations and datasets."""

LEVEL = "extended"
SITES = ("effects",)
