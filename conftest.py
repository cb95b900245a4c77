"""Makes a checkout testable by plain ``pytest``: all options and hooks are in fixtures.plugin."""

pytest_plugins = ["fixtures.plugin"]
