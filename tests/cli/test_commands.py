"""The table of commands: it says what the commands say, and imports none of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import click
import pytest

from scicat_harness.cli.commands import SECTIONS
from scicat_harness.cli.main import cli

ENTRIES = {name: each for entries in SECTIONS.values() for name, each in entries.items()}
HEAVY = ("docker", "pymongo", "pytest", "testcontainers", "pika", "rich", "requests", "jinja2")
CHECK = f"""
import sys
from scicat_harness.cli.entry import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
found = [name for name in {HEAVY!r} if name in sys.modules]
assert not found, found
"""


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_the_command_it_names(name: str) -> None:
    found = ENTRIES[name].imported()
    assert not found.hidden
    first = re.split(r"\.\s", found.help or "")[0]
    # The line may be shorter than the first sentence of the help, and begins like it.
    assert " ".join(first.split()).startswith(ENTRIES[name].help.rstrip(".").partition(",")[0])


def test_hidden_commands_can_be_run() -> None:
    context = click.Context(cli)
    assert cli.get_command(context, "keep") is not None
    assert "keep" not in cli.list_commands(context)
    assert cli.get_command(context, "nothing") is None


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (["--version"], {}),
        (["--help"], {}),
        (
            [],
            {
                "_SCICAT_HARNESS_COMPLETE": "bash_complete",
                "COMP_WORDS": "scicat-harness ma",
                "COMP_CWORD": "1",
            },
        ),
    ],
    ids=["version", "help", "completion"],
)
def test_what_needs_no_command_imports_none(
    arguments: list[str], variables: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    if variables:
        assert done.stdout.split() == ["plain,matrix"]
