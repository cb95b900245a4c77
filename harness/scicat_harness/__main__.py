"""``python -m scicat_harness``: the same as ``scicat-harness``."""

from scicat_harness.cli.entry import main

main()
