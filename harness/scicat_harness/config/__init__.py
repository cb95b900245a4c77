"""What a backend is told: job configuration, accounts, environment."""
