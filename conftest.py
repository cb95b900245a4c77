"""Makes plain ``pytest`` work in a checkout; options and hooks are in ``scicat_harness.plugin``."""

pytest_plugins = ["scicat_harness.plugin"]
