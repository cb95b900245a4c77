"""Whether a backend starts with a configuration, in the order in which it would fail."""
