"""The client of a backend: transport, verbs, tokens, exchanges."""
