"""Brokers for the messages of job actions: one of our own, a private RabbitMQ, or a given one."""
