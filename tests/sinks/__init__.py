"""Tests of the sinks: real clients against a process of sinks."""
