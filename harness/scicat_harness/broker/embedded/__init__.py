"""A small AMQP 0-9-1 broker, so that a run needs nothing installed; everything is in memory."""
