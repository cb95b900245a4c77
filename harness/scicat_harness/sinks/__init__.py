"""Sinks: they receive the mails, URL calls and AMQP messages of a backend, in one journal."""
