"""The embedded backend: an independent reading of the SciCat jobs API, as a real HTTP server.

Start it with ``python -m scicat_harness.embedded``; see :mod:`.server` for the process contract and
:mod:`.defects` for the ways in which it can be told to be wrong.
Nothing here knows the oracle: where both agree, two readings of the specification agree.
"""
