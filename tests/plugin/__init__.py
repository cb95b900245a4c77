"""Tests of whole runs, each in a process of its own."""
