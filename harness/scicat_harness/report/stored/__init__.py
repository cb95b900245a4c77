"""Stored runs: a report folder is read and validated when it is opened.

``report``, ``diff``, ``recheck`` and ``certificate`` all open folders by ``run.read_run``, so that
the code behind it can rely on the types of all fields.
"""
