"""Jobs that are written to a folder: an example of an action that the harness does not know."""
