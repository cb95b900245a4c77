"""Preparing a backend with datasets and jobs, watching its effects, and removing what was made."""
