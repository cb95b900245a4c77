"""SciCat harness: predicts, observes and judges the jobs subsystem of a SciCat backend."""

__version__ = "0.1.0"
