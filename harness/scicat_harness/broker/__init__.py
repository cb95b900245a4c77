"""Brokers for the messages of job actions: embedded, a private RabbitMQ node, or a given one."""
