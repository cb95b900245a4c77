"""The state of one user between commands: run folders with their locks, and leftovers."""
