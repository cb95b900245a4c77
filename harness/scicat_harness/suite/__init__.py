"""The scenarios as a whole: their matrices, judging a stored run again, and sabotage."""
