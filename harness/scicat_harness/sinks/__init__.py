"""Where side effects of a backend land: mail, URL calls and AMQP messages, in one journal."""
