"""The same jobs through v3 and v4."""
