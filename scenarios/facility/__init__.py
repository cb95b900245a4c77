"""What a facility's own job configuration promises; collected only where one is given."""
