"""What is done with all scenarios together: found, judged again, held against defects."""
