"""The configuration of a backend: job configuration, accounts, environment, TLS."""
