"""The oracle: rule tables that predict the outcome of a request from the specification.

:class:`~scicat_harness.oracle.predict.Oracle` is the entrance: it turns site, identity and request
into facts and asks the tables for an answer. The package does no input or output.
"""
