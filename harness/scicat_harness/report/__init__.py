"""Reports: consumers of the one event stream of a run."""
