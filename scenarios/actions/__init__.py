"""What configured actions do."""
