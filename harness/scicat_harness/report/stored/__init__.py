"""Stored runs: a report folder is validated when it is opened, here and nowhere else."""
