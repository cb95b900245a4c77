"""Tests of the state folder, run folders and leftovers."""
