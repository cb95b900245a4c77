"""Reports: consumers of the one event stream of a run.

``events`` defines the stream; each report is a class with a ``take`` method. Packages:

* ``page``: a run as one HTML file
* ``stored``: a report folder read back and validated
* ``diff``: the changes between two runs
* ``certificate``: the conclusion of a run, per level
"""
