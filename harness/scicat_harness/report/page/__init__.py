"""The page: one run in one HTML file that asks nobody for anything."""
