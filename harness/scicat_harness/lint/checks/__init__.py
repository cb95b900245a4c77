"""What goes wrong once a backend runs: one module for each part of the configuration."""
