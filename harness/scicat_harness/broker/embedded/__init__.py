"""The embedded broker: AMQP 0-9-1 in memory, so that a run needs no installed RabbitMQ.

One list of tests runs against it and against RabbitMQ (tests/broker). A part of the protocol that
it lacks is refused with 540 NOT_IMPLEMENTED.
"""
