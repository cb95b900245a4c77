"""What the harness keeps of runs for one user: owned folders, and what is to be removed later."""
