"""What a run puts into a backend: datasets, jobs, and their removal."""
