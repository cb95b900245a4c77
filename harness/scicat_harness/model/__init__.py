"""The vocabulary of the harness: identities, datasets, job types, requests and outcomes.

Values without input or output. Every other package may import it; it imports none of them.
"""
