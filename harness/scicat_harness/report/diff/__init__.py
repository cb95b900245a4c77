"""The difference between two runs: both folders are read, compared case by case, and summarized.

``compare`` makes changes, ``lines`` groups them, ``difference`` draws the conclusion; ``text`` and
``markdown`` write it down.
"""
