"""Effect scenarios as data."""
