"""Random sequences of requests, for ``scicat-harness explore``; no other run collects them."""

LEVEL = None
SITES = ("union", "effects")
