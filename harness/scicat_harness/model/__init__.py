"""The words everything is said in: identities, datasets, job types, requests, outcomes."""
