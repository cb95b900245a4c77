"""The page: one run as one HTML file that makes no network requests.

Consumers of events are ``file`` and ``collected``; ``page`` computes everything that the templates
show, and ``render`` applies them.
"""
