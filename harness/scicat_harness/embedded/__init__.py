"""The embedded backend: an independent reading of the SciCat jobs API, as a real HTTP server.

Start it with ``python -m scicat_harness.embedded``; see :mod:`.server` for how the process starts
and stops, and :mod:`.defects` for the defects that can be switched on. The package imports nothing
else of the harness, above all not the oracle: where both agree, two independent readings of the
specification agree.
"""
