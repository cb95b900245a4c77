"""A facility's own job configuration: read, redirected to sinks, and planned as cases."""
