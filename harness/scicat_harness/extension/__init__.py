"""Extensions by packages of others: probes for action types that the harness does not know."""
