"""What changed between two runs: read both folders, compare case by case, tell it in few lines."""
